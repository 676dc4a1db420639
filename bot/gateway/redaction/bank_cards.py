"""Finds bank card numbers: 13-19 digits, a payment scheme's first digits, and a check digit (ISO/IEC 7812-1).

The numbers on SITHS cards begin with 9752 and pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from stdnum import luhn

from bot.gateway.redaction.spans import Span, digits_of, overlaps

_NUMBER: Final = re.compile(
    r"(?<!\d)(?:\d{13,19}|\d{4}(?:[ \u00a0.-]\d{4}){2}[ \u00a0.-]\d{1,4}(?:[ \u00a0.-]\d{1,3})?"
    r"|\d{4}[ \u00a0.-]\d{6}[ \u00a0.-]\d{4,5})(?!\d)"
)
# Visa, Mastercard (both ranges), American Express, Diners, JCB, Discover, Maestro, UnionPay.
_SCHEME: Final = re.compile(r"4|5[0-8]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[0-9]|6")


def find(text: str, safe: Sequence[Span]) -> list[Span]:
    """Every part that is a bank card number."""
    return [
        match.span()
        for match in _NUMBER.finditer(text)
        if not overlaps(match.span(), safe) and _is_card(digits_of(match.group()))
    ]


def _is_card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and _SCHEME.match(digits) is not None and bool(luhn.is_valid(digits))
