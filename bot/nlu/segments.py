"""The parts of a message that may each be a question of their own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

# Where one question may end and another begin: after a mark, before a word that joins.
_JOINT = re.compile(
    r"(?<=[?])\s*|[.!;\n]+\s*|[,:]\s+"
    r"|\s+(?=(?:och|o|å|samt|men|fast|sen|sedan|eller|plus|dessutom|förresten|även)\b)",
    re.IGNORECASE,
)
_JOINS = re.compile(r"(?:och|o|å|samt|plus|eller|sen|sedan|även)\b", re.IGNORECASE)
SHORTEST = 3  # words; less does not ask anything of its own
MOST = 7
# What one more part must be worth, in the logarithm of a probability: splitting is preferred a little,
# since a model that learnt from whole messages is seldom unsure of one that says two things.
PREFERENCE = 0.15
_IMPOSSIBLE = 1e-3


def fragments(text: str) -> list[str]:
    """The smallest parts of `text`, at most `MOST`, each of at least `SHORTEST` words if it can be."""
    found: list[str] = []
    for part in filter(None, (part.strip() for part in _JOINT.split(text) if part)):
        if found and min(len(part.split()), len(found[-1].split())) < SHORTEST:
            found[-1] += f" {part}"
        else:
            found.append(part)
    while len(found) > MOST:
        shortest = min(range(len(found) - 1), key=lambda index: len(found[index]) + len(found[index + 1]))
        found[shortest : shortest + 2] = [" ".join(found[shortest : shortest + 2])]
    return found or [text]


def segments(parts: Sequence[str], likelihood: Callable[[str], float]) -> list[str]:
    """How neighbouring `parts` belong together: the way in which each is as clear as can be.

    Args:
        parts: the fragments of a message.
        likelihood: how sure, 0..1, it is what a text means.
    """
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for end in range(1, len(parts) + 1):
        ways = []
        for start in range(end):
            text = " ".join(parts[start:end])
            cost = -math.log(max(likelihood(text), _IMPOSSIBLE)) - PREFERENCE
            ways.append((best[start][0] + cost, [*best[start][1], text]))
        best.append(min(ways, key=lambda way: way[0]))
    return best[-1][1]


def continues(part: str) -> bool:
    """Whether `part` begins with a word that joins it to what is before."""
    return bool(_JOINS.match(part))
