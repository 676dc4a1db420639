"""Finds PIN and PUK digits by what is said around them.

A number of four to eight digits is a code when the words nearest to it say so. What a number of another name
(kundnummer, felkod) stands next to passes, and so do dates unless a code's name stands directly before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.gateway.redaction.spans import Context, Span, digits_of, overlaps
from bot.gateway.redaction.words import WORD, asks_other_number, is_about_code, means_code, means_number

_NUMBER: Final = re.compile(
    r"(?<![\d•])(?:(?:(?:19|20)\d{2}-\d{2}-\d{2}|[0-3]?\d/[01]?\d[- ](?:19|20)\d{2})(?!\d)"
    r"|\d+(?:[ \u00a0.\-‐-―−/]\d+(?!\d|:\d))*(?!\d|:\d))"
)
_SHORTEST, _LONGEST_GROUP, _LONGEST_RUN = 4, 12, 24
_DATE_LIKE: Final = re.compile(
    r"(?:19|20)\d{2}|(?:19|20)?\d{2}[-./ ]?(?:0[1-9]|1[0-2])[-./ ]?(?:0[1-9]|[12]\d|3[01])"
    r"|[0-3]?\d[-./ ][01]?\d[-./ ](?:19|20)?\d{2}|(?:19|20)\d{2}[-–/](?:19|20)?\d{2}|[0-2]?\d\.[0-5]\d"
)
_POSTAL: Final = re.compile(r"\d{3} \d{2}|[1-9]\d{4}")
_PLACE_FOLLOWS: Final = re.compile(r"\s+[A-ZÅÄÖ][a-zåäö]+")
_MONEY_FOLLOWS: Final = re.compile(r"(?i)\s*(?:kr\b|kronor|sek\b|:-|dagar|dgr|minuter|gånger|st\b|%)")
_SENTENCE_END: Final = re.compile(r"[!?\n]|\.(?=\s)")
_FILLERS: Final = frozenset(
    re.findall(
        r"\w+",
        "a alltså angav använde ar blev blir bör den det din dina dvs då e eller en ett fel gamla hans har "
        "hennes heter här is jag ju kanske lyder me min mina mitt my nog nr nummer nummret ny nya och "
        "provade rätt samt siffror siffrorna ska skrev som står testade the två typ var vara väl vår våran "
        "är",
    )
)
_BEFORE_CODE: Final = _FILLERS | {"till", "på", "kortet", "kort"}
_CHAIN: Final = _FILLERS | {"sen", "sedan", "till", "men", "inte", "respektive", "resp", "provat", "testat"}
_POINTS_ELSEWHERE: Final = frozenset(
    {"till", "för", "åt", "hos", "sedan", "efter", "sen", "kl", "kund", "at"}
)
# "Har testat 1900 som pin": no year, whatever stands before it.
_USED_AS: Final = "som"
_REACH_BEFORE, _REACH_AFTER, _SHORT_ANSWER = 8, 4, 4


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    digits: str
    soft: bool
    """May well be a date, a year or a postal code."""


def find(text: str, safe: Sequence[Span], context: Context) -> list[Span]:
    """Every number that is, as far as the words tell, a secret code."""
    found: list[Span] = []
    asked = _asked(text, context)
    previous: _Number | None = None
    for number in _numbers(text, safe):
        before = _words_before(text, number, previous)
        chained = (
            previous is not None
            and found[-1:] == [(previous.start, previous.end)]
            and all(word.lower() in _CHAIN for word in before)
        )
        if chained or _is_code(text, number, before, asked=asked):
            found.append((number.start, number.end))
        previous = number
    return found


def _numbers(text: str, safe: Sequence[Span]) -> list[_Number]:
    numbers = []
    for match in _NUMBER.finditer(text):
        groups = re.split(r"\D", match.group())
        digits = digits_of(match.group())
        fits = _SHORTEST <= len(digits) <= _LONGEST_RUN and max(map(len, groups)) <= _LONGEST_GROUP
        if not fits or overlaps(match.span(), safe) or _MONEY_FOLLOWS.match(text, match.end()):
            continue
        postal = _POSTAL.fullmatch(match.group()) and _PLACE_FOLLOWS.match(text, match.end())
        soft = bool(postal or _DATE_LIKE.fullmatch(match.group()))
        numbers.append(_Number(match.start(), match.end(), digits, soft))
    return numbers


def _is_code(text: str, number: _Number, before: list[str], *, asked: bool) -> bool:
    label = next((index for index, word in enumerate(before) if means_code(word) or means_number(word)), None)
    if label is not None and label <= 2 and means_number(before[label]):
        return False
    if label is not None and means_code(before[label]):
        between = [word.lower() for word in before[:label]]
        if all(word in _BEFORE_CODE for word in between) and between[:1] not in (
            [w] for w in _POINTS_ELSEWHERE
        ):
            return True
        if not number.soft and not (between and between[0] in _POINTS_ELSEWHERE):
            return True
    if _code_follows(text, number):
        return not number.soft or not before or _words_after(text, number)[0].lower() == _USED_AS
    return asked and not number.soft


def _code_follows(text: str, number: _Number) -> bool:
    for word in _words_after(text, number):
        if means_code(word):
            return True
        if word.lower() not in _FILLERS:
            return False
    return False


def _words_before(text: str, number: _Number, previous: _Number | None) -> list[str]:
    """The words between the sentence's start, or the number before, and this one; nearest first."""
    start = previous.end if previous else 0
    ends = [match.end() for match in _SENTENCE_END.finditer(text, start, number.start)]
    # A number that is a sentence of its own belongs to the sentence before it: "Min pin. 123456"
    if ends and not WORD.search(text, ends[-1], number.start):
        ends.pop()
    start = ends[-1] if ends else start
    return [match.group() for match in WORD.finditer(text, start, number.start)][::-1][:_REACH_BEFORE]


def _words_after(text: str, number: _Number) -> list[str]:
    end = _SENTENCE_END.search(text, number.end)
    following = re.compile(r"\d{4}").search(text, number.end)
    stop = min(match.start() if match else len(text) for match in (end, following))
    return [match.group() for match in WORD.finditer(text, number.end, stop)][:_REACH_AFTER]


def _asked(text: str, context: Context) -> bool:
    """Whether a number here answers a question about a code, or follows a message about one."""
    if len(WORD.findall(text)) > _SHORT_ANSWER:
        return False
    if context.question and is_about_code(context.question):
        return True
    return is_about_code(context.previous) and not asks_other_number(context.question)
