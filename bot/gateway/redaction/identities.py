"""Finds personnummer and samordningsnummer in the ways people write them.

Format: birth date and four digits, the last a check digit by Luhn; a samordningsnummer has 60 added to the
day (Skatteverket, rättslig vägledning 330245 and 330251). `+` replaces `-` from the year a person turns 100.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from stdnum import luhn

from bot.gateway.redaction.spans import Context, Span, digits_of, overlaps

_GAP: Final = r"[\s\-‐-―−﹣－+./_,:·•]{0,3}"
# Separators only where the parts of the number meet: a telephone number is grouped in other places. The last
# four may be split by a blank, not by a colon or point: that would be a time of day.
_PARTS: Final = re.compile(
    rf"(?<!\d)(?:(?:18|19|20){_GAP})?\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}[ \u00a0-]?\d{{2}}(?!\d)"
)
_SINGLE: Final = re.compile(
    r"(?<!\d)\d(?:(?P<gap>[ \u00a0.,_-])\d)(?:(?P=gap)\d){8}(?:(?:(?P=gap)\d){2})?(?!\d|(?P=gap)\d)"
)
_RUN: Final = re.compile(r"(?<!\d)(?:\d{10}|\d{12})(?!\d)")
_LABEL: Final = re.compile(
    r"(?i)(?:person\s?-?n(?:umm?er|r)\w*|pers\.?\s?-?nr|\bpnr\w*|\bpn\b|samordn\w*|födelsen\w*|identitetsnum\w*)"
    r"[^\d\n]{0,30}$"
)
_DATE_FOLLOWS: Final = re.compile(r"[-./]\d{1,2}[-./]\d{1,2}(?!\d)")
_LAST_FOUR: Final = re.compile(r"(?<!\d)((?:19|20)?\d{6})(?!\d)(?=[^\d]{1,60}(?<!\d)(\d{4})(?!\d))")
_LAST_FOUR_WORDS: Final = re.compile(r"(?i)\b(?:sista|fyra|siffr\w*|kontrollsiffr\w*)\b")
_ENDS_WITH_DATE: Final = re.compile(r"(?<!\d)((?:19|20)?\d{2}[-. ]?\d{2}[-. ]?\d{2})\W*$")
_LONE_FOUR: Final = re.compile(r"\W*(\d{4})\W*")


def find(text: str, safe: Sequence[Span], context: Context) -> list[Span]:
    """Every part that is, or is said to be, such a number."""
    return [span for span in _candidates(text, context) if not overlaps(span, safe)]


def is_identity(text: str) -> bool:
    """Whether the digits of the text are a valid number: 10 or 12 digits, a date, the check digit."""
    digits = digits_of(text)
    if len(digits) == 12:
        return digits[:2] in ("18", "19", "20") and _is_valid(digits[2:], digits[:2])
    return len(digits) == 10 and _is_valid(digits, None)


def _candidates(text: str, context: Context) -> Iterator[Span]:
    for pattern in (_PARTS, _SINGLE, _RUN):
        position = 0
        while match := pattern.search(text, position):
            if _is_person(text, match):
                yield match.span()
            # A number may begin inside a candidate that was none: go on behind its first digit group.
            group = re.compile(r"\d+").match(text, match.start())
            position = match.end() if _is_person(text, match) else (group.end() if group else match.end())
    for match in _LAST_FOUR.finditer(text):
        between = text[match.end(1) : match.start(2)]
        if _LAST_FOUR_WORDS.search(between) and is_identity(match[1] + match[2]):
            yield match.start(1), match.end(2)
    lone, born = _LONE_FOUR.fullmatch(text), _ENDS_WITH_DATE.search(context.previous)
    if lone and born and is_identity(born[1] + lone[1]):
        yield lone.span(1)


def _is_person(text: str, match: re.Match[str]) -> bool:
    if len(digits_of(match.group())) not in (10, 12):
        return False
    if _LABEL.search(text[: match.start()]):
        return True
    two_dates = match.group()[-4:-2] in ("19", "20") and _DATE_FOLLOWS.match(text, match.end())
    return not two_dates and is_identity(match.group())


def _is_valid(ten: str, century: str | None) -> bool:
    year, month, day = int(ten[:2]), int(ten[2:4]), int(ten[4:6])
    day = day - 60 if day > 60 else day
    try:
        # Without a century a leap day counts when it is one in either: 2000 was a leap year, 1900 was not.
        date(int(century or "20") * 100 + year, month, day)
    except ValueError:
        return False
    return bool(luhn.is_valid(ten))
