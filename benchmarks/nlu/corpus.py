"""Training and evaluation messages as the report and the tests read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from bot.nlu.concepts import read_lexicon
from bot.nlu.follow_ups import read_follow_ups
from bot.nlu.text import exact_key
from bot.nlu.understanding import Settings, Understanding, settings_of

ROOT = Path(__file__).resolve().parents[2]
TITLES = ROOT / "data/catalogue/titles.yml"
FOLLOW_UPS = ROOT / "data/catalogue/follow_ups.yml"
LEXICON = ROOT / "data/catalogue/concepts.yml"
TALK = frozenset({"deny", "ask_capabilities", "request_human"})
CLASSIFIER = "bot.nlu.classifier.SwedishIntentClassifier"
NEAR = 95.0  # of 100: this much alike, with the same label, is the same message


@dataclass(frozen=True)
class Item:
    """An evaluation message.

    Attributes:
        also: labels whose answer helps as well.
        second: the label of the other question, if it has two.
        pair: which near-miss it is half of.
        after: the label of the visitor's message before, which is `before`.
    """

    text: str
    label: str
    group: str
    also: tuple[str, ...] = ()
    second: str | None = None
    pair: str | None = None
    after: str | None = None
    before: str | None = None

    @property
    def right(self) -> frozenset[str]:
        """Labels that are a right answer."""
        return frozenset({self.label, *self.also, *((self.second,) if self.second else ())})


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def training_messages() -> list[tuple[str, str]]:
    """Text and label of all messages in `data/nlu/`."""
    return [
        (line.strip().removeprefix("- "), block["intent"])
        for path in sorted((ROOT / "data/nlu").glob("*.yml"))
        for block in _read(path)["nlu"]
        for line in block["examples"].splitlines()
        if line.strip()
    ]


def evaluation_items(file: str = "evaluation.yml") -> list[Item]:
    """The messages of a file in `tests/nlu/`; those of `follow_ups.yml` come after another."""
    items = _read(ROOT / "tests/nlu" / file)["items"]
    return [Item(**{**item, "also": tuple(item.get("also", ()))}) for item in items]


def settings() -> Settings:
    """As the product is configured."""
    components = _read(ROOT / "config.yml")["pipeline"]
    return settings_of(next(component for component in components if component["name"] == CLASSIFIER))


def train(samples: list[tuple[str, str]]) -> Understanding:
    """The product's classifier, trained on `samples`, the titles of buttons and the follow-ups."""
    titles: dict[str, str] = _read(TITLES)
    named = [*samples, *((title, label) for label, title in titles.items())]
    return Understanding.train(
        named,
        set(titles) - TALK,
        read_lexicon(LEXICON),
        settings(),
        follow_ups=read_follow_ups(FOLLOW_UPS),
    )


def near_duplicates(items: list[Item], samples: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Evaluation messages that a training message of the same label has almost word by word, and that one."""
    by_label: dict[str, dict[str, str]] = {}
    for text, label in samples:
        by_label.setdefault(label, {})[exact_key(text)] = text
    found = []
    for item in items:
        known = by_label.get(item.label, {})
        if match := extractOne(exact_key(item.text), list(known), scorer=ratio, score_cutoff=NEAR):
            found.append((item.text, known[match[0]]))
    return found
