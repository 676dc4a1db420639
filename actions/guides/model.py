"""Guides as data: `actions/guides/*.yml`.

A guide has a `first` step, `entries` (label → the step at which that symptom begins) and `steps`. A step's
text is the response `utter_guide_<guide>_<step>`; its `choices` are the buttons:

- `title`: what the button says; typing it means the same;
- `words`: other wordings, any of which may stand anywhere in a typed answer;
- `means`: labels (docs/nlu.md) that mean this choice;
- one of `next` (a step, `guide/step`, or a closing step below), `start` (a form) or `check` (what a card
  check is for);
- `say`: a shared response uttered on the way, `utter_guide_<say>`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
# Steps that every guide shares.
ASK_SOLVED, SOLVED, UNSOLVED, DONE, HANDOFF = "ask_solved", "solved", "unsolved", "done", "handoff"
# How people say that it works now.
SOLVED_WORDS = (
    *("löste sig", "fungerar nu", "funkar nu", "nu fungerar det", "nu funkar det", "det funkar nu"),
    *("nu gick det", "nu går det", "nu kom jag in", "nu är jag inne", "det gick bra nu", "nu är det löst"),
)
CLOSING = (SOLVED, DONE, HANDOFF)


class GuideError(ValueError):
    """A guide's file is wrong; the text says where and how."""


@dataclass(frozen=True)
class Choice:
    """One way on from a step."""

    title: str
    next: str | None = None
    start: str | None = None
    check: str | None = None
    say: str | None = None
    means: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A place in a guide: what is said, and what can be answered."""

    guide: str
    name: str
    choices: tuple[Choice, ...]

    @property
    def key(self) -> str:
        """`guide/step`, which is what the slot `guide_step` holds."""
        return f"{self.guide}/{self.name}"

    @property
    def response(self) -> str:
        """The response that says it."""
        return f"utter_guide_{self.name}" if self.name in SHARED else f"utter_guide_{self.guide}_{self.name}"


@dataclass(frozen=True)
class Guide:
    """A whole guide."""

    name: str
    first: str
    steps: dict[str, Step]
    entries: dict[str, str] = field(default_factory=dict)


SHARED: dict[str, tuple[Choice, ...]] = {
    ASK_SOLVED: (
        Choice(
            "Ja, det löste sig",
            next=SOLVED,
            means=("affirm", "thank", "praise"),
            words=SOLVED_WORDS,
        ),
        Choice(
            "Nej",
            next=UNSOLVED,
            means=("deny", "card_not_working"),
            words=("fortfarande", "fungerar inte", "löste sig inte"),
        ),
        Choice("Prata med en person", next=HANDOFF, means=("request_human",)),
    ),
    UNSOLVED: (
        Choice("Ja, prata med en person", next=HANDOFF, means=("affirm", "request_human")),
        Choice("Nej tack", next=DONE, means=("deny", "thank", "goodbye", "cancel")),
    ),
}


@lru_cache(maxsize=1)
def load_guides(folder: Path = FOLDER) -> dict[str, Guide]:
    """All guides by name.

    Raises:
        GuideError: a file has unknown keys, or leads to a step that does not exist.
    """
    guides = {
        path.stem: _parse(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.yml"))
    }
    for guide in guides.values():
        for step in guide.steps.values():
            for choice in step.choices:
                _check(guides, step, choice)
    return guides


def find_step(guides: dict[str, Guide], guide: str, target: str) -> Step:
    """The step that `target` names, seen from `guide`.

    Raises:
        GuideError: there is no such step.
    """
    name, _, step = target.rpartition("/")
    found = guides.get(name or guide)
    if found is None or step not in found.steps:
        raise GuideError(f"{guide}: no step {target}")
    return found.steps[step]


def _parse(name: str, data: dict[str, Any]) -> Guide:
    try:
        steps = {
            step: Step(name, step, tuple(_choice(c) for c in body["choices"]))
            for step, body in data["steps"].items()
        }
        steps |= {step: Step(name, step, choices) for step, choices in SHARED.items()}
        return Guide(name, data["first"], steps, data.get("entries", {}))
    except (KeyError, TypeError, AttributeError) as error:
        raise GuideError(f"{name}: {error}") from error


def _choice(data: dict[str, Any]) -> Choice:
    means, words = (tuple(data.pop(key, ())) for key in ("means", "words"))
    return Choice(**data, means=means, words=words)


def _check(guides: dict[str, Guide], step: Step, choice: Choice) -> None:
    if sum(target is not None for target in (choice.next, choice.start, choice.check)) != 1:
        raise GuideError(f"{step.key}: {choice.title!r} needs exactly one of next, start and check")
    if choice.next and choice.next not in CLOSING:
        find_step(guides, step.guide, choice.next)
