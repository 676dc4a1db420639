"""Values shared by the finders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import digit

Span = tuple[int, int]
"""Start and end of a part of the text."""


class Kind(StrEnum):
    """What was masked."""

    IDENTITY = "identity"
    CODE = "code"
    BANK_CARD = "bank_card"


@dataclass(frozen=True, slots=True)
class Context:
    """What was said before: what the visitor answers, and what the visitor wrote last."""

    question: str = ""
    previous: str = ""


def digits_of(text: str) -> str:
    """Only the digits, whatever script they are written in, as 0-9."""
    return "".join(str(digit(char)) for char in text if char.isdecimal())


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    """Whether the span shares a character with any of the others."""
    return any(span[0] < end and start < span[1] for start, end in others)
