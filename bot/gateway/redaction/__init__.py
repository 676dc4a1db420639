"""Masks what must never be stored: personnummer, PIN and PUK codes, bank card numbers. Text in, text out.

Every masked digit becomes `•`, so that the sentence can still be read. HSA-ids, order numbers, telephone
numbers, customer numbers, product codes, postal codes, dates and times pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.gateway.redaction import bank_cards, codes, identities, protected
from bot.gateway.redaction.spans import Context, Kind, Span

__all__ = ["Context", "Kind", "Masked", "mask", "mask_identities"]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be stored, and what was taken out of it."""

    text: str
    kinds: frozenset[Kind]


def mask(text: str, context: Context) -> Masked:
    """The text without numbers that must not be stored. `context`: what was said before, masked already."""
    kinds = set()
    safe = protected.find(text)
    finders = (
        (Kind.BANK_CARD, bank_cards.find(text, safe)),
        (Kind.IDENTITY, identities.find(text, safe, context)),
    )
    for kind, found in finders:
        if found:
            kinds.add(kind)
            text = _hide(text, found)
    if found := codes.find(text, safe + protected.find_telephones(text), context):
        kinds.add(Kind.CODE)
        text = _hide(text, found)
    return Masked(text, frozenset(kinds))


def mask_identities(text: str) -> str:
    """The text without personnummer and samordningsnummer: for what no person typed (a card report)."""
    return _hide(text, identities.find(text, protected.find(text), Context()))


def _hide(text: str, spans: Iterable[Span]) -> str:
    for start, end in spans:
        text = text[:start] + re.sub(r"\d", "•", text[start:end]) + text[end:]
    return text
