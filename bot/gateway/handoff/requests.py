"""Understands the plain wish for a person, and the plain wish not to wait for one any longer.

The first is only used while the engine, which understands more, is away; the second while the bot is silent.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
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


class Leaving(Enum):
    """What a message says of leaving the queue: nothing; that among other things; that and nothing else."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


_LONGEST_WISH: Final = 12
_BOT: Final = r"(?:chatt?)?(?:ro)?bot+(?:en)?"
_QUEUE: Final = r"(?:(?:chatt|telefon)?kon?|koandet|vantan|vanta|koa)"
_NOT_WAIT: Final = re.compile(
    r"\b(?:vill|tanker|ska|behover|orkar|hinner)(?: jag| vi| man)?(?: \w+)? (?:inte|ej)(?: langre| mer| nu)?"
    r" (?:vanta|koa|sta|sitta)\b|\bbehovs (?:inte|ej)\b"
    r"|\b(?:vill|behover) (?:inte|ej|ingen)(?: langre)?(?: ha| prata med| tala med)?"
    r"(?: en| nan| nagon| ngn)? (?:hjalp|person|personal|manniska|medarbetare)\b"
)
_RATHER: Final = re.compile(
    rf"\b(?:lamna|avbryta?|avsluta|stoppa|sluta|slippa|ur|fran)(?: \w+){{0,2}} {_QUEUE}\b"
    rf"|\b(?:avbryt|stopp)\b|\bangra(?:r|t|de)\b"
    rf"|\b(?:glom|strunta?|skit|slapp|skippa) (?:i )?(?:det|kon)\b|^(?:nej |ok )?sluta$"
    rf"|\b(?:med|till|tillbaka|fa|ha|ta|fraga|byta?|hellre)(?: \w+)? {_BOT}\b"
    rf"|\b{_BOT} (?:igen|istallet|i stallet|tack)\b"
)
_NEGATION: Final = re.compile(r"\b(?:inte|ej|aldrig)\b")
# Whoever writes only such words speaks of nothing but waiting and the bot.
_OF_WAITING: Final = re.compile(
    r"nej|na+e?|ja|jo|ok(?:ej)?|hej|hallo|tack|snalla|forlat|ursakta|sorry|oj|men|och|sa|da|du|ni|nu|val|allt?sa|asso|jag|vi"
    r"|man|forresten|egentligen|langre|mera?|kvar|anda|nog|bara|istallet|stallet|hellre|igen|har|faktiskt|garna|vill|tanker"
    r"|ska|skulle|vilja|kan|far|fa|lat|behovs?|behover|inte|ej|ingen|vanta|vantar|koa|sta|sitta|i|pa|(?:chatt|telefon)?kon?"
    r"|koandet|vantan|lamna|avbryta?|avsluta|stoppa?|sluta|slippa|ur|ut|fran|angra(?:r|t|de)|mig|mej|prata|snacka|chatta"
    r"|skriva|tala|fraga|med|till|ha|tar?|ga|byta?|tillbaka|fortsatta|det|den|en|nan|nagon|ngn|person|personal|manniska"
    rf"|medarbetare|hjalp|glom|strunta?|skit|slapp|skippa|att|{_BOT}"
)


def leaves_queue(text: str) -> Leaving:
    """Whether the visitor, who waits for a person, would rather have the bot again."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    words = re.findall(r"\w+", "".join(sign for sign in decomposed if not unicodedata.combining(sign)))
    said = " ".join(words)
    rest = _NOT_WAIT.sub(" ", said)
    if rest == said and (not _RATHER.search(said) or _NEGATION.search(said)):
        return Leaving.NO
    asks = "?" in text and words[0] not in {"kan", "far"}
    nothing_else = len(words) <= _LONGEST_WISH and all(map(_OF_WAITING.fullmatch, words))
    return Leaving.YES if nothing_else and not asks and not _NEGATION.search(rest) else Leaving.PERHAPS
