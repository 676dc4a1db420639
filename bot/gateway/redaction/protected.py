"""What may be stored although it is full of digits: HSA-ids, order numbers, telephone numbers."""

from __future__ import annotations

import re
from typing import Final

from stdnum import luhn

from actions.orders import parse_order_number
from actions.orders.errors import InvalidOrderNumber
from bot.gateway.redaction import identities
from bot.gateway.redaction.spans import Span, digits_of

# SE, the directory owner's organisation number, a hyphen, at most 18 letters and digits (Inera).
_HSA_ID: Final = re.compile(
    r"(?i)(?<![a-z0-9])se(?P<gap>\s?)(?P<organisation>[0-9]{10}|[0-9]{6}-[0-9]{4})(?P<hyphen>\s?[-‐-―−]\s?|\s?)"
    r"(?P<suffix>[a-z0-9]{1,18})(?![a-z0-9])"
)
_ORDER_NUMBER: Final = re.compile(r"(?i)(?<![a-z0-9])[prkl][\s-]?[0-9a-z]{4}[\s-]?[0-9a-z]{3}(?![a-z0-9])")
# Written as a telephone number: an area code with a hyphen or space, then groups; or with a country code.
_TELEPHONE: Final = re.compile(
    r"(?<![0-9])(?<![0-9][\s.-])(?:0[0-9]{1,3}\s?[-–/]\s?[0-9]{2,3}(?:\s?[0-9]{2,3}){1,3}|0[0-9]{1,3}(?:\s[0-9]{2,3}){3}"
    r"|\+\s?[0-9]{2}[\s()0-9-]{7,14})(?![0-9])"
)
_LABELLED_TELEPHONE: Final = re.compile(
    r"(?i)\b(?:tel|tfn|telefon|telefonnummer|mobil|mobilnummer|ring|nås på)\b\W{0,3}(?:är\s)?"
    r"(0[0-9]{7,9})(?![0-9])"
)


def find_telephones(text: str) -> list[Span]:
    """What is written as a telephone number. One grouped in pairs may be a personnummer all the same."""
    return [match.span() for match in _TELEPHONE.finditer(text)]


def find(text: str) -> list[Span]:
    """The parts of the text that are known to be harmless."""
    spans = []
    for match in _HSA_ID.finditer(text):
        spans += _hsa_id(match)
    for match in _ORDER_NUMBER.finditer(text):
        if _is_order_number(match.group()):
            spans.append(match.span())
    spans += [match.span(1) for match in _LABELLED_TELEPHONE.finditer(text)]
    return spans


def _hsa_id(match: re.Match[str]) -> list[Span]:
    organisation = digits_of(match["organisation"])
    exact = not match["gap"] and match["hyphen"] == "-" and "-" not in match["organisation"]
    # An organisation number's third digit is never below 2, a birth month's always is.
    if not exact and not (organisation[2] >= "2" and luhn.is_valid(organisation)):
        return []
    if identities.is_identity(match["suffix"]):
        return [(match.start(), match.start("suffix"))]
    return [match.span()]


def _is_order_number(text: str) -> bool:
    try:
        parse_order_number(text)
    except InvalidOrderNumber:
        return False
    return not text.isdecimal()
