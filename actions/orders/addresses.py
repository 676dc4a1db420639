"""Reading a Swedish delivery address from one line."""

from __future__ import annotations

import re
from typing import Final

from actions.orders.errors import InvalidAddress
from actions.orders.sensitive import contains_personnummer
from actions.orders.values import Address

_POSTAL: Final = re.compile(r"(?<!\d)(?:SE?-)?([1-9]\d{2})\s?(\d{2})(?!\d)")
_LONGEST: Final = 100


def parse_address(text: str, recipient: str = "") -> Address:
    """The address in `Storgatan 1, 753 20 Uppsala`, or `Vårdcentralen, Storgatan 1, 753 20 Uppsala`.

    Lines or commas part the pieces; the last piece before the postal code is the street.
    Raises `InvalidAddress`.
    """
    matches = list(_POSTAL.finditer(text))
    if not matches:
        raise InvalidAddress("postal_code")
    postal = matches[-1]
    before = [piece.strip() for piece in re.split(r"[,\n;]", text[: postal.start()]) if piece.strip()]
    city = re.sub(r"\s+", " ", text[postal.end() :]).strip(" ,.;")
    if not before:
        raise InvalidAddress("street")
    address = Address(
        recipient=", ".join(before[:-1]) or recipient,
        street=before[-1],
        postal_code=postal.group(1) + postal.group(2),
        city=city,
    )
    check_address(address)
    return address


def check_address(address: Address) -> None:
    """Raise `InvalidAddress` unless every part is there, short enough and holds no personnummer."""
    if not re.fullmatch(r"[1-9][0-9]{4}", address.postal_code):
        raise InvalidAddress("postal_code")
    if not address.street.strip() or len(address.street) > _LONGEST:
        raise InvalidAddress("street")
    if not re.search(r"[^\W\d_]", address.city) or len(address.city) > _LONGEST:
        raise InvalidAddress("city")
    if len(address.recipient) > _LONGEST:
        raise InvalidAddress("recipient")
    if any(contains_personnummer(part) for part in (address.recipient, address.street, address.city)):
        raise InvalidAddress("personnummer")
