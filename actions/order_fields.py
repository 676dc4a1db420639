"""Reading the answers of an order from what the visitor wrote."""

from __future__ import annotations

import re

from actions.orders import Address, ReserveReason, find_hsa_ids, parse_address
from actions.orders.errors import InvalidAddress
from actions.turn import Turn, plain

_NUMBER_WORDS = dict(
    zip(
        [
            "en",
            "ett",
            "tva",
            "tre",
            "fyra",
            "fem",
            "sex",
            "sju",
            "atta",
            "nio",
            "tio",
            "elva",
            "tolv",
            "tretton",
            "fjorton",
            "femton",
            "sexton",
            "sjutton",
            "arton",
            "nitton",
            "tjugo",
        ],
        [1, 1, *range(2, 21)],
        strict=True,
    )
)
_REASONS = {
    ReserveReason.TEMPORARY_STAFF: (
        "tillfallig",
        "vikari",
        "sommar",
        "hyr",
        "inhop",
        "praktik",
        "student",
        "timanstall",
        "bemanning",
        "konsult",
    ),
    ReserveReason.NO_PERSONNUMMER: ("personnummer", "samordning", "utlandsk", "utomlands"),
    ReserveReason.LOST_CARD: (
        "tappa",
        "borta",
        "forlor",
        "forlust",
        "stul",
        "glomt",
        "ersatt",
        "trasig",
        "forsvun",
        "blivit av",
    ),
}
_OTHER_REASON = ("annat", "annan", "ovrigt")


def read_hsa_id(text: str) -> str | None:
    """The first HSA-id in `text` in its normal form, if there is one."""
    readings = find_hsa_ids(text)
    return readings[0].value if readings else None


def read_email(turn: Turn) -> str | None:
    """The e-mail address in the message."""
    return turn.entity("email")


def read_customer_number(turn: Turn, *, asked: bool) -> str | None:
    """Six digits that are no part of something longer; when not `asked` for they must be named as one."""
    if not asked and not re.search(r"\bkund", plain(turn.text)):
        return None
    found = re.search(r"(?<![\w-])(\d{3})\s?(\d{3})(?![\w-])", turn.text)
    return "".join(found.groups()) if found else None


def read_level(turn: Turn, *, asked: bool) -> int | None:
    """Tillitsnivå 2 or 3; when not `asked` for it must be named as one. None when both are named."""
    said = plain(turn.text)
    named = re.findall(r"(?:niva|loa|tillitsniva)n? ?(?:ar )?([23]|tva|tre)\b|\b(tvaan|trean)\b", said)
    levels = {"".join(match)[:2] for match in named}
    if asked and not levels:
        bare = re.fullmatch(r"(?:en )?([23]|tvaa?n?|tva|tre(?:a|an)?)(?: an)?", said)
        levels = {bare[1][:2]} if bare else set()
    if len(levels) != 1:
        return None
    return 2 if levels.pop() in {"2", "tv"} else 3


def read_reason(turn: Turn, *, asked: bool) -> ReserveReason | None:
    """Why a reservkort is needed; anything at all counts as another reason when it was `asked` for."""
    said = plain(turn.text)
    for reason, stems in _REASONS.items():
        if any(stem in said for stem in stems):
            return reason
    return ReserveReason.OTHER if asked and any(word in said.split() for word in _OTHER_REASON) else None


def read_quantity(turn: Turn, *, asked: bool) -> int | None:
    """A number of things, in digits or words; when not `asked` for it must stand before läsare or stycken."""
    said = plain(turn.text)
    number = r"(\d{1,4}|" + "|".join(_NUMBER_WORDS) + ")"
    found = re.search(rf"\b{number} ?(?:st\b|styck|kortlas|kort las|las)", said)
    if found is None and asked:
        found = re.search(rf"\b{number}\b", said)
    if found is None:
        return None
    return _NUMBER_WORDS.get(found.group(1)) or int(found.group(1))


def read_delivery(turn: Turn, own: Address | None, recipient: str) -> Address | str | None:
    """The customer's own address when the message means it, else the address that it holds.

    A text is why an address could not be read (`postal_code`, `street`, `city`, `personnummer`).
    """
    said = plain(turn.text)
    if own and re.search(
        r"\b(var|vara|ordinarie|vanliga|samma|registrerade|er) adress|^(ja|japp|dit|till oss|samma)\b", said
    ):
        return own
    if not re.search(r"\d", said):
        return None
    try:
        return parse_address(turn.text, recipient)
    except InvalidAddress as error:
        return error.reason
