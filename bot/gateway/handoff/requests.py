"""Understands the plain wish for a person. Only used while the engine, which understands more, is away."""

from __future__ import annotations

import re
from typing import Final

_PERSON: Final = (
    r"(?:person(?:en|al(?:en)?)?|människ\w*|manniska|handläggare\w*|handlaggare|medarbetare|kollega|"
    r"support(?:en|personal(?:en)?)?|kundtjänst\w*|kundtjanst|kundsupport\w*|kundservice\w*|agent\w*|operatör\w*|någon)"
)
_TALK: Final = r"(?:prata|tala|snacka|chatta|skriva|bli\s+kopplad|koppla\w*|kontakt\w*|få\s+hjälp\s+av|nå)"
_WISH: Final = re.compile(
    rf"(?i)\b{_TALK}\b.{{0,25}}\b(?:en\s+|riktig\s+|levande\s+)*{_PERSON}\b|^\W*(?:en\s+)?{_PERSON}\W*$"
)
_REFUSED: Final = re.compile(r"(?i)\b(?:inte|ej|slipp\w*)\b.{0,15}\b" + _TALK)


def asks_for_person(text: str) -> bool:
    """Whether the text plainly asks for a person."""
    return _WISH.search(text) is not None and _REFUSED.search(text) is None
