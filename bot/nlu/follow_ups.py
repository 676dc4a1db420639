"""What visitors write after an answer, learnt together with what was answered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

# Of so many training messages one is also learnt as said after something, so that what is clear stays clear.
ONE_OF = 4


class FollowUp(NamedTuple):
    """A message, its label, and the label of the errand before it."""

    after: str
    text: str
    label: str


def read_follow_ups(path: Path) -> list[FollowUp]:
    """The messages of a file of `{after, text, label}`."""
    return [
        FollowUp(**entry) for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    ]


def said_after_anything(samples: Sequence[tuple[str, str]], follow_ups: Sequence[FollowUp]) -> list[FollowUp]:
    """Some of `samples` as said after an errand: half of them after one like themselves, half after any."""
    afters = sorted({follow_up.after for follow_up in follow_ups})
    chance = random.Random(0)  # noqa: S311 - the same choice in every training
    following = []
    for number, (text, label) in enumerate(samples[::ONE_OF] if afters else ()):
        same = number % 2 and label in afters
        following.append(FollowUp(label if same else chance.choice(afters), text, label))
    return following
