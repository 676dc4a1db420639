"""Guides as data: `actions/guides/*.yml`.

A guide has a `first` step, `entries` (label → the step at which that symptom begins), `steps` and `always`
(choices without a button that hold at each of its steps). A step's text is the response
`utter_guide_<guide>_<step>`; asked again it is the short `utter_guide_short_<short>`. `other` are answers
that none of its choices means, `unsaid` openings that leave its question open. `explain` names what can be
asked about it (`shared/explanations.yml`, the response is `utter_guide_explain_<name>`); the first one is
also said when somebody asks what its question means. `remembers: true` is a step whose question may have been
answered before it was asked. Its `choices` are the buttons:

- `title`: what the button says; typing it means the same;
- `hidden`: there is no button for it;
- `words`: other wordings, any of which may stand anywhere in a typed answer;
- `examples`: what people say; `like`: sets of such (`shared/answers.yml`);
- `needs`, `unless`: beginnings of words; only a message with one of them, or with none, is like its examples;
- `longer_than`: days; a message that names a longer time means this choice;
- `means`: labels (docs/nlu.md) that mean this choice;
- one of `next` (a step, `guide/step`, or one of the words below), `start` (a form) or `check` (what a card
  check is for);
- `say`: a shared response uttered on the way, `utter_guide_<say>`.

`shared/steps.yml` holds the steps of every guide, and what holds `always` in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import yaml

FOLDER = Path(__file__).parent
ASK_SOLVED, UNSOLVED = "ask_solved", "unsolved"
# Where `next` may lead besides a step: the ends of a guide (END says nothing of its own), and places in it.
SOLVED, DONE, HANDOFF, END = "solved", "done", "handoff", "end"
STAY, WAIT, BACK = "stay", "wait", "back"
CLOSING = (SOLVED, DONE, END)
_WORDS = (*CLOSING, HANDOFF, STAY, WAIT, BACK)


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
    hidden: bool = False
    longer_than: int | None = None
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """A place in a guide: what is said, and what can be answered."""

    guide: str
    name: str
    choices: tuple[Choice, ...]
    short: str = "which"
    explain: tuple[str, ...] = ()
    remembers: bool = False
    other: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`guide/step`, which is what the slot `guide_step` holds."""
        return f"{self.guide}/{self.name}"

    @property
    def response(self) -> str:
        """The response that says it."""
        return f"utter_guide_{self.name}" if self.name in SHARED else f"utter_guide_{self.guide}_{self.name}"

    @property
    def question(self) -> str:
        """The response that only asks."""
        return f"utter_guide_short_{self.short}"

    @property
    def buttons(self) -> list[Choice]:
        """The choices that are shown."""
        return [choice for choice in self.choices if not choice.hidden]


@dataclass(frozen=True)
class Guide:
    """A whole guide."""

    name: str
    first: str
    steps: dict[str, Step]
    entries: dict[str, str] = field(default_factory=dict)


def _read(path: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


_ANSWERS: dict[str, list[str]] = _read(FOLDER / "shared" / "answers.yml")
_EXPLANATIONS: dict[str, list[str]] = _read(FOLDER / "shared" / "explanations.yml")
_SHARED = _read(FOLDER / "shared" / "steps.yml")
SHARED: dict[str, dict[str, Any]] = _SHARED["steps"]


@lru_cache(maxsize=1)
def load_guides(folder: Path = FOLDER) -> dict[str, Guide]:
    """All guides by name.

    Raises:
        GuideError: a file has unknown keys, or leads to a step that does not exist.
    """
    guides = {path.stem: _parse(path.stem, _read(path)) for path in sorted(folder.glob("*.yml"))}
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
        always = [{**choice, "hidden": True} for choice in [*data.get("always", ()), *_SHARED["always"]]]
        # What opens the guide tells nothing about its later steps either.
        opening = data["steps"][data["first"]].get("unsaid", [])
        bodies = {
            step: {**body, "unsaid": [*opening, *body.get("unsaid", ())]}
            for step, body in data["steps"].items()
        }
        steps = {step: _step(name, step, body, always) for step, body in (bodies | SHARED).items()}
        return Guide(name, data["first"], steps, data.get("entries", {}))
    except (KeyError, TypeError, AttributeError) as error:
        raise GuideError(f"{name}: {error}") from error


def _step(guide: str, name: str, data: dict[str, Any], always: list[dict[str, Any]]) -> Step:
    own = [_choice(choice, guide) for choice in data["choices"]]
    titles = {choice.title for choice in own}
    more = [
        _choice(choice, guide)
        for choice in always
        if choice["title"] not in titles and choice["next"] not in {name, f"{guide}/{name}"}
    ]
    explain = tuple(dict.fromkeys([*data.get("explain", ()), *_SHARED["explain"]]))
    # "Hur menar du?" is about what the step itself asks.
    about, elsewhere = (
        (_ANSWERS["what_is_meant"], []) if data.get("explain") else ([], _ANSWERS["what_is_meant"])
    )
    explanations = [
        Choice(
            title=f"explain_{topic}",
            say=f"explain_{topic}",
            next=STAY,
            hidden=True,
            examples=(*_EXPLANATIONS[topic], *(about if topic == explain[0] else ())),
        )
        for topic in explain
    ]
    liked = {name for choice in data["choices"] for name in choice.get("like", ())}
    explained = {text for explanation in explanations for text in explanation.examples}
    elsewhere = [*_ANSWERS["other"], *([] if "what_is_meant" in liked else elsewhere)]
    other = (*data.get("other", ()), *(text for text in elsewhere if text not in explained))
    return Step(
        guide,
        name,
        (*own, *more, *explanations),
        short=data.get("short", "which"),
        explain=tuple(data.get("explain", ())),
        remembers=data.get("remembers", False),
        other=other,
        unsaid=tuple(data.get("unsaid", ())),
    )


def _choice(data: dict[str, Any], guide: str) -> Choice:
    lists = ("like", "examples", "means", "words", "needs", "unless")
    rest = {key: value for key, value in data.items() if key not in lists}
    # A step of the guide itself is named in full, so that two ways to it are seen to be one.
    if (target := data.get("next")) and "/" not in target and target not in {*_WORDS, *SHARED}:
        rest["next"] = f"{guide}/{target}"
    rest |= {key: tuple(data.get(key, ())) for key in lists if key not in {"like", "examples"}}
    sets = [_ANSWERS[name] for name in data.get("like", ())]
    examples = (*data.get("examples", ()), *(text for texts in sets for text in texts))
    return Choice(**rest, examples=examples)


def _check(guides: dict[str, Guide], step: Step, choice: Choice) -> None:
    if sum(target is not None for target in (choice.next, choice.start, choice.check)) != 1:
        raise GuideError(f"{step.key}: {choice.title!r} needs exactly one of next, start and check")
    if choice.next and choice.next not in _WORDS:
        find_step(guides, step.guide, choice.next)
