"""Which choice of a step an answer means."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from actions.guides.durations import days
from actions.guides.likeness import OTHER_LEAD, Examples, asks, is_negated, lead_and_rest, parts, tells
from actions.guides.model import CLOSING, HANDOFF, STAY, WAIT, Choice, Step
from actions.labels import ORDERS, starts_task
from actions.turn import CERTAIN, SURE, Turn, plain, yes_or_no

# A typed answer that is this like a title (0..100) is that title with a slip of the finger.
ALIKE = 86
# So like an example (0..1) an answer must be, and so much more than it is like those of anything else.
ENOUGH, CLEARLY = 0.42, 0.1
# So like one that it outdoes single words and labels, and may be read out of the message a guide opens with.
STRONGLY, OPENING = 0.6, 0.7
# What is this much less like than another part of the same message is not meant.
MUCH_LESS = 0.25
# The same where the label surely says that the message is about something else.
DESPITE = 0.8
BARE = 2
_OPPOSITE = {"affirm": "deny", "deny": "affirm"}
_ORDERS = re.compile(r"bestall|skaffa|\bkop|vill ha|behov|\bnytt?\b|skicka|\bfa ett")
_ORDINALS = ("forsta", "andra", "tredje", "fjarde")


def choose(step: Step, turn: Turn) -> Choice | None:
    """The choice that `turn` means at `step`; None when it means none of them, or two equally.

    Looked at in this order: the title or a wording itself, its number, a time that has passed, what its parts
    say one after the other, the message as a whole. The last part counts.
    """
    said = plain(turn.text)
    if exact := _by_title(step, said) or _by_ordinal(step, said):
        return exact
    alike, _ = _by_examples(step, turn.text, DESPITE)
    if alike:
        return alike
    if late := _by_time(step, turn.text):
        return late
    told = _told(step, turn.text)
    # An answer outdoes a question about the step, and both outdo "wait".
    answers = [choice for choice in told if choice.next not in {STAY, WAIT}]
    questions = [choice for choice in told if choice.next == STAY]
    told = answers or questions or told
    if told:
        return told[-1]
    return None if _is_other(step, turn.text) else _by_whole(step, turn, said)


def asides(step: Step, turn: Turn, chosen: Choice) -> list[Choice]:
    """What is to be said besides, when one part of `turn` answers the step and another asks about it."""
    return [choice for choice in _told(step, turn.text) if choice.next == STAY and choice is not chosen]


def _told(step: Step, text: str) -> list[Choice]:
    """What each part of a message of several means by itself; not what is much less sure than others."""
    said = parts(text)
    # A yes or a no alone leads what follows it.
    found = [_by_part(step, part, text) for part in said if tells(part)] if len(said) > 1 else []
    surest = max((likeness for _, likeness in found), default=0.0)
    return [choice for choice, likeness in found if choice and likeness >= surest - MUCH_LESS]


def _by_whole(step: Step, turn: Turn, said: str) -> Choice | None:
    """What is very like an example, a wording inside a short answer, what is like an example, a yes or no at
    its beginning, the label, a misspelt title, a less certain label.

    A question, or a wish for something else, is no yes or no.
    """
    choice, likeness = _by_examples(step, turn.text, ENOUGH)
    elsewhere = _is_elsewhere(step, turn)
    if choice and likeness >= (DESPITE if elsewhere else STRONGLY):
        return choice
    asking = is_asked(turn.text)
    # One or two words that belong to a choice are that choice, whatever they mean alone ("ett vanligt").
    bare = len(said.split()) <= BARE
    by_words = _by_words(step, said, turn) if (bare or not elsewhere) and not asking else []
    if len(by_words) == 1:
        return by_words[0]
    if choice:
        return None if elsewhere else choice
    label = turn.label if turn.confidence >= SURE else None
    if asking:
        return _by_label(step, None if turn.is_question or label in {"affirm", "deny"} else label)
    said_yes_or_no = None if elsewhere else _by_label(step, yes_or_no(turn))
    if said_yes_or_no:
        return said_yes_or_no if _is_plain(turn.text) or not is_final(said_yes_or_no) else None
    return (
        _by_label(step, label)
        or _by_misspelt_title(step, said)
        or next((choice for choice in step.choices if any(map(turn.likely, choice.means))), None)
    )


def left_over(step: Step, text: str) -> str:
    """What `text` says besides what it means at `step`."""
    said = parts(text)
    return ". ".join(part for part in said if len(said) > 1 and not _by_part(step, part, text)[0])


def already_said(step: Step, text: str) -> Choice | None:
    """The choice that a message from before the step was asked has made already, when that is sure."""
    found = [_by_examples(step, part, OPENING, opening=True, within=text) for part in (text, *parts(text))]
    surest = max(
        ((choice.next not in {STAY, WAIT}, likeness, choice) for choice, likeness in found if choice),
        key=lambda one: one[:2],
        default=None,
    )
    return surest[2] if surest else _by_time(step, text)


def is_final(choice: Choice) -> bool:
    """Whether it ends the guide, so that a misreading cannot be taken back at the next step."""
    return choice.start is not None or choice.next in {*CLOSING, HANDOFF}


def is_asked(text: str) -> bool:
    """Whether something in `text` is a question."""
    return asks(text) or any(map(asks, parts(text)))


def _by_part(step: Step, part: str, text: str) -> tuple[Choice | None, float]:
    """The choice that one part of `text` surely means by itself, and how surely (0..1)."""
    said = plain(part)
    if exact := _by_title(step, said):
        return exact, 1.0
    choice, likeness = _by_examples(step, part, OPENING, within=text)
    if choice or asks(part) or len(said.split()) > BARE:
        return choice, likeness
    found = _by_words(step, said, Turn(part, "", 0.0, (), (), {}))
    return (found[0], OPENING) if len(found) == 1 else (None, 0.0)


def _is_plain(text: str) -> bool:
    """Whether it is a yes or a no with hardly a word beside."""
    return len(tells(text)) <= 1


def _by_time(step: Step, text: str) -> Choice | None:
    passed = days(text)
    if passed is None or is_negated(plain(text)):
        return None
    limits = [choice for choice in step.choices if choice.longer_than and _has_what_it_needs(choice, text)]
    return next((choice for choice in limits if passed > (choice.longer_than or 0)), None)


def _has_what_it_needs(choice: Choice, text: str) -> bool:
    said = f" {plain(text)}"
    needed, refused = (
        [f" {beginning}" in said for beginning in wanted] for wanted in (choice.needs, choice.unless)
    )
    return (not needed or any(needed)) and not any(refused)


def _by_examples(
    step: Step, text: str, enough: float, *, opening: bool = False, within: str = ""
) -> tuple[Choice | None, float]:
    """The choice of which an example is clearly most like `text`, a part of `within`, and how like (0..1)."""
    passed = days(within or text)
    scores = _examples(step, opening=opening).scores(text)
    for place, choice in enumerate(step.choices):
        too_short = passed is not None and passed <= (choice.longer_than or 0)
        if too_short or not _has_what_it_needs(choice, within or text):
            scores[place] = 0.0
        if _contradicts(plain(text), choice):
            scores[place] *= OTHER_LEAD
    best = max(range(len(scores)), key=scores.__getitem__)
    if best == len(step.choices) or scores[best] < enough:
        return None, 0.0
    choice = step.choices[best]
    elsewhere = [
        score for score, other in zip(scores, step.choices, strict=False) if not _same(choice, other)
    ]
    if scores[best] - max(*elsewhere, scores[-1]) < CLEARLY:
        return None, 0.0
    return choice, scores[best]


def _is_other(step: Step, text: str) -> bool:
    """Whether `text` is most like what no choice means."""
    scores = _examples(step, opening=False).scores(text)
    return scores[-1] >= STRONGLY and scores[-1] == max(scores)


def _same(one: Choice, other: Choice) -> bool:
    """Whether both lead to the same place."""
    if STAY in {one.next, other.next}:
        return one.say == other.say
    return (one.next, one.start, one.check) == (other.next, other.start, other.check)


@lru_cache(maxsize=512)
def _examples(step: Step, *, opening: bool) -> Examples:
    own = [(choice.title, *choice.examples) for choice in step.choices]
    return Examples((*own, (*step.other, *(step.unsaid if opening else ()))))


def _is_elsewhere(step: Step, turn: Turn) -> bool:
    """Whether the message surely begins or asks something else, whatever words it shares with a choice."""
    named = any(turn.label in choice.means for choice in step.choices)
    task = starts_task(turn.label) and not names_without_ordering(turn)
    other = turn.asks or turn.label == "find_activation_office" or task
    return turn.confidence >= CERTAIN and other and not named and turn.label != step.guide


def names_without_ordering(turn: Turn) -> bool:
    """Whether it names what can be ordered without asking for it: "ordinarie, det har bild på mig"."""
    return turn.label in ORDERS and not _ORDERS.search(plain(turn.text))


def _by_title(step: Step, said: str) -> Choice | None:
    if said.isdigit() and 1 <= int(said) <= len(step.buttons):
        return step.buttons[int(said) - 1]
    return next((c for c in step.choices if said in map(plain, (c.title, *c.words))), None)


def _by_misspelt_title(step: Step, said: str) -> Choice | None:
    alike = [choice for choice in step.choices if fuzz.ratio(said, plain(choice.title)) >= ALIKE]
    return alike[0] if len(alike) == 1 else None


def _by_label(step: Step, label: str | None) -> Choice | None:
    return next((choice for choice in step.choices if label in choice.means), None)


def _by_ordinal(step: Step, said: str) -> Choice | None:
    """The choice that "den andra" and the like point to at the beginning of an answer."""
    found = re.match(r"(?:nej |ja |na |jo )?(?:det|den) (forsta|andra|tredje|fjarde|sista)(?: \w+)?$", said)
    if found is None:
        return None
    place = _ORDINALS.index(found[1]) if found[1] in _ORDINALS else len(step.buttons) - 1
    return step.buttons[place] if place < len(step.buttons) else None


def _by_words(step: Step, said: str, turn: Turn) -> list[Choice]:
    """Choices of which a wording stands in `said`: the one the label means, else those of the longest."""
    padded = f" {said} "
    hits = [
        (len(wording), choice)
        for choice in step.choices
        for wording in map(plain, choice.words)
        if f" {wording}" in padded
        and _is_short(said)
        and not _contradicts(said, choice)
        and is_negated(wording) == is_negated(lead_and_rest(said)[1] or said)
    ]
    meant = [choice for _, choice in hits if turn.label in choice.means and turn.confidence >= SURE]
    if meant:
        return list({id(choice): choice for choice in meant}.values())
    longest = max((length for length, _ in hits), default=0)
    return list({id(choice): choice for length, choice in hits if length == longest}.values())


def _contradicts(said: str, choice: Choice) -> bool:
    """Whether `said` begins with a no and the choice is the yes, or the other way round."""
    lead = str(lead_and_rest(said)[0])
    return _OPPOSITE.get(lead, "") in choice.means and lead not in choice.means


def _is_short(said: str) -> bool:
    """Wordings decide only in short answers; a longer message is read by its label."""
    return len(said.split()) <= 10
