"""Finds the one-time code that the bot has just asked for, alone or in a sentence ("koden är 123456")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.gateway.redaction.words import WORD, means_code, means_number

_NUMBER: Final = re.compile(r"(?<![\w•-])\d(?:[ \u00a0-]?\d)*(?![\w-])")
_LONG: Final = 4
_SECRET: Final = re.compile(r"(?i)\b(?:p[iy]n|pu[kc])")


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """Where the code stands in the text, and its digits."""

    start: int
    end: int
    digits: str


def find_one_time_code(text: str, digits: int | None) -> OneTimeCode | None:
    """The code of `digits` digits in `text`; None when none is expected, or when it is not plain which it is.

    It is not plain beside another long number, after the name of another number ("kundnummer"), or where
    the text speaks of PIN or PUK.
    """
    if digits is None or _SECRET.search(text):
        return None
    numbers = [
        OneTimeCode(match.start(), match.end(), re.sub(r"\D", "", match.group()))
        for match in _NUMBER.finditer(text)
    ]
    long = [number for number in numbers if len(number.digits) >= _LONG]
    if len(long) != 1 or len(long[0].digits) != digits:
        return None
    before = WORD.findall(text[: long[0].start])
    name = next((word for word in reversed(before) if means_code(word) or means_number(word)), "")
    return None if means_number(name) else long[0]
