"""Spotting a personnummer or samordningsnummer in free text, so that none is ever stored."""

from __future__ import annotations

import re
from datetime import date

from stdnum import luhn

_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z])(1[89]|20)?(\d{2})[ -]?(\d{2})[ -]?(\d{2})([-+–\s]{0,3})(\d{4})(?![0-9A-Za-z])"
)


def contains_personnummer(text: str) -> bool:
    """Whether `text` holds what looks like a personnummer or samordningsnummer.

    A plausible date (day + 60 for a samordningsnummer) is needed, and either a correct check digit (Luhn,
    Skatteverket 330245), the usual sign or space before the last four, or a written century.
    """
    return any(_is_person(match) for match in _CANDIDATE.finditer(text))


def _is_person(match: re.Match[str]) -> bool:
    century, year, month, day, separator, last = match.groups()
    if not _plausible_date(int((century or "20") + year), int(month), int(day)):
        return False
    return bool(century or separator) or luhn.is_valid(year + month + day + last)


def _plausible_date(year: int, month: int, day: int) -> bool:
    try:
        date(year if year % 4 else 2000, month, day - 60 if day > 60 else day)
    except ValueError:
        return False
    return True
