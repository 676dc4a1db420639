"""What a message may say in full when it leans on the one before ("och hur lång tid tar det?").

Such a message is read again with what it leaves out filled in; `Understanding` weighs those readings against
the message's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.nlu.concepts import Concepts
from bot.nlu.text import fold, normalise, words

# Groups of `concepts.yml`: what messages are about. In the exclusive ones a thing can take another's place.
EXCLUSIVE = ("cards", "codes", "statuses")
ABOUT = (*EXCLUSIVE, "objects")
FOREIGN = "off_topic"
# Everything here is a card or a code: these do not tell what a message is about.
GENERAL = frozenset({"card", "siths", "code"})
LONGEST = 10  # words; a longer message says itself what it is about
BARE = 4  # words; one as short as this that asks nothing of its own needs something to belong to

_OPENS = frozenset(words("och o a men eller fast da sen samt plus"))
_CLOSES = frozenset(words("da ocksa oxa med likasa mitt min mina sitt"))
_POINTS = frozenset(
    words(
        """det den dom dem de dit dar detta denna dessa samma bada sant sadant sadan sana sadana san hon
        han hen hennes hans hens"""
    )
)
_ASKS = frozenset(
    words(
        """hur vad va var vart nar vem vilken vilket vilka varfor kan far maste gar galler kostar finns
        behover kravs ska"""
    )
)
_WORD = re.compile(r"\S+")


def asks(text: str) -> bool:
    """Whether `text` asks something, with a question mark or a word that asks."""
    return "?" in text or not _ASKS.isdisjoint(map(fold, words(normalise(text))))


@dataclass(frozen=True)
class Before:
    """What was talked about.

    Attributes:
        text: what the visitor last asked or wanted, read in full.
        said: what the bot said last.
        waits: whether the bot has asked something that the message may be the answer to.
        label: how `text` was understood.
    """

    text: str
    said: str = ""
    waits: bool = False
    label: str = ""


class Context:
    """Reads messages together with what was said before.

    Args:
        concepts: finds what words mean.
        meant: the word that a misspelt one stands for.
    """

    def __init__(self, concepts: Concepts, meant: Callable[[str], str]) -> None:
        self._concepts = concepts
        self._meant = meant

    def readings(self, text: str, before: Before, *, clear: bool = False) -> list[str]:
        """What `text` may say in full; empty when it stands by itself.

        Args:
            clear: its own words say enough, so that being short alone is no reason.
        """
        tokens = [fold(word) for word in words(normalise(text)) if word != "?"]
        named = {*self._things(text)} - GENERAL
        closes = tokens[-1:] and tokens[-1] in _CLOSES
        leans = closes or (tokens[:1] and tokens[0] in _OPENS) or not _POINTS.isdisjoint(tokens)
        if len(tokens) > LONGEST or self.is_foreign(text) or (before.waits and not asks(text)):
            return []
        if named and not _ASKS.isdisjoint(tokens):
            return [f"{before.text} {text}"] if closes else []
        if named:
            elliptical = not before.waits and (leans or len(tokens) <= BARE)
            return [f"{self._without(before.text, named)} {text}"] if elliptical else []
        if not leans and (clear or len(tokens) > BARE):
            return []
        subject = self._subject(before)
        return [*([f"{subject} {text}"] if subject else []), f"{before.text} {text}"]

    def _find(self, text: str) -> list[str]:
        return self._concepts.find([self._meant(word) for word in words(normalise(text))])

    def _things(self, text: str) -> list[str]:
        return [concept for concept in self._find(text) if self._concepts.group[concept] in ABOUT]

    def is_foreign(self, text: str) -> bool:
        """Whether `text` names something that has nothing to do with the field."""
        return any(self._concepts.group[concept] == FOREIGN for concept in self._find(text))

    def _about(self, text: str) -> dict[str, str]:
        """Concept of a thing → the word of `text` that names it."""
        found: dict[str, str] = {}
        for word in _WORD.findall(text):
            for concept in self._things(word):
                found.setdefault(concept, word)
        return found

    def _subject(self, before: Before) -> str:
        """The words for what was talked about: as the visitor said it, else as the bot did."""
        own, said = self._about(before.text), self._about(before.said)
        names = [word for concept, word in own.items() if concept not in GENERAL]
        names = names or [word for concept, word in said.items() if concept not in GENERAL][:1]
        return " ".join(dict.fromkeys(names or list(own.values())[:1]))

    def _without(self, text: str, about: Iterable[str]) -> str:
        """`text` without the words in whose place the things of `about` come."""
        kinds = {self._concepts.group[thing] for thing in about}.intersection(EXCLUSIVE)
        taken = {concept for concept, group in self._concepts.group.items() if group in kinds}.union(about)
        return " ".join(
            word
            for word in _WORD.findall(text)
            if not (things := self._things(word)) or not taken.issuperset(things)
        )
