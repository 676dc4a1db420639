"""Which choice of a step an answer means."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from actions.guides.model import Choice, Step
from actions.labels import starts_task
from actions.turn import CERTAIN, SURE, Turn, plain, yes_or_no

# A typed answer that is this like a title (0..100) is that title with a slip of the finger.
ALIKE = 86
_ORDINALS = ("forsta", "andra", "tredje", "fjarde")
_NOT = frozenset(["inte", "ej", "ingen", "inget", "inga", "aldrig", "utan", "saknar", "varken", "nej", "na"])


def choose(step: Step, turn: Turn) -> Choice | None:
    """The choice that `turn` means at `step`; None when it means none of them, or two equally.

    Looked at in this order: the title or a wording itself, its number, a wording inside a short answer, a yes
    or no at its beginning, the label, a misspelt title, a less certain label.
    """
    said = plain(turn.text)
    by_words = _by_words(step, said, turn)
    return (
        _by_title(step, said)
        or _by_ordinal(step, said)
        or (by_words[0] if len(by_words) == 1 and not _is_another_task(step, turn) else None)
        or _by_label(step, yes_or_no(turn))
        or _by_label(step, turn.label if turn.confidence >= SURE else None)
        or _by_misspelt_title(step, said)
        or next((choice for choice in step.choices if any(map(turn.likely, choice.means))), None)
    )


def _is_another_task(step: Step, turn: Turn) -> bool:
    """Whether the message surely begins something else, whatever words it shares with a choice."""
    named = any(turn.label in choice.means for choice in step.choices)
    return turn.confidence >= CERTAIN and starts_task(turn.label) and not named and turn.label != step.guide


def _by_title(step: Step, said: str) -> Choice | None:
    if said.isdigit() and 1 <= int(said) <= len(step.choices):
        return step.choices[int(said) - 1]
    return next((c for c in step.choices if said in map(plain, (c.title, *c.words))), None)


def _by_misspelt_title(step: Step, said: str) -> Choice | None:
    alike = [choice for choice in step.choices if fuzz.ratio(said, plain(choice.title)) >= ALIKE]
    return alike[0] if len(alike) == 1 else None


def _by_label(step: Step, label: str | None) -> Choice | None:
    return next((choice for choice in step.choices if label in choice.means), None)


def _by_ordinal(step: Step, said: str) -> Choice | None:
    """The choice that "den andra" and the like point to at the beginning of an answer."""
    found = re.match(r"(?:nej |ja |na |jo )?(?:det|den) (forsta|andra|tredje|fjarde|sista)\b", said)
    if found is None:
        return None
    place = _ORDINALS.index(found[1]) if found[1] in _ORDINALS else len(step.choices) - 1
    return step.choices[place] if place < len(step.choices) else None


def _by_words(step: Step, said: str, turn: Turn) -> list[Choice]:
    """Choices of which a wording stands in `said`: the one the label means, else those of the longest."""
    padded = f" {said} "
    hits = [
        (len(wording), choice)
        for choice in step.choices
        for wording in map(plain, choice.words)
        if f" {wording}" in padded and _is_short(said) and _negated(wording) == _negated(said)
    ]
    meant = [choice for _, choice in hits if turn.label in choice.means and turn.confidence >= SURE]
    if meant:
        return list({id(choice): choice for choice in meant}.values())
    longest = max((length for length, _ in hits), default=0)
    return list({id(choice): choice for length, choice in hits if length == longest}.values())


def _negated(text: str) -> bool:
    return not _NOT.isdisjoint(text.split())


def _is_short(said: str) -> bool:
    """Wordings decide only in short answers; a longer message is read by its label."""
    return len(said.split()) <= 10
