"""The report's pictures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import matplotlib as mpl

from benchmarks.nlu.measures import Figures, Outcome

mpl.use("Agg")
from matplotlib import pyplot as plt


def _save(path: Path) -> None:
    plt.tight_layout()
    plt.savefig(path, dpi=110)
    plt.close()


def accuracy(path: Path, groups: dict[str, Figures]) -> None:
    """Bars: right, asked back well, wrong, by group."""
    names = list(groups)
    plt.figure(figsize=(8, 3.5))
    right = [100 * groups[name].accuracy for name in names]
    asked = [100 * groups[name].asked for name in names]
    plt.bar(names, right, label="right", color="#1b6e53")
    plt.bar(names, asked, bottom=right, label="asked back, right choice offered", color="#e0b040")
    plt.axhline(97, color="black", linewidth=0.8, linestyle="--", label="bar: 97 %")
    plt.ylim(80, 101)
    plt.ylabel("per cent of messages")
    plt.xticks(rotation=20)
    plt.legend(loc="lower right", fontsize=8)
    _save(path)


def calibration(path: Path, bins: list[tuple[float, float, int]]) -> None:
    """Share right against confidence; the dots' size is the number of messages."""
    plt.figure(figsize=(4.5, 4.5))
    plt.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    plt.scatter(
        [b[0] for b in bins], [b[1] for b in bins], s=[10 + b[2] for b in bins], color="#1b6e53", alpha=0.7
    )
    plt.xlabel("confidence")
    plt.ylabel("share right")
    _save(path)


def rejection(path: Path, curve: list[tuple[float, float]]) -> None:
    """Out-of-scope recall against false rejection."""
    plt.figure(figsize=(4.5, 4))
    plt.plot([100 * x for x, _ in curve], [100 * y for _, y in curve], color="#1b6e53")
    plt.axhline(90, color="black", linewidth=0.8, linestyle="--")
    plt.xlim(0, 10)
    plt.ylim(50, 101)
    plt.xlabel("in scope taken as out of scope, %")
    plt.ylabel("out of scope recognised, %")
    _save(path)


def confusion(path: Path, outcomes: list[Outcome]) -> None:
    """A matrix of the labels that are confused, meant against taken as."""
    pairs = Counter((o.item.label, o.answered) for o in outcomes if not o.right)
    rows = sorted({meant for meant, _ in pairs})
    columns = sorted({taken for _, taken in pairs})
    matrix = [[pairs[row, column] for column in columns] for row in rows]
    plt.figure(figsize=(2 + 0.28 * len(columns), 2 + 0.28 * len(rows)))
    if matrix:
        plt.imshow(matrix, cmap="Greens", aspect="auto")
    plt.xticks(range(len(columns)), columns, rotation=90, fontsize=7)
    plt.yticks(range(len(rows)), rows, fontsize=7)
    plt.xlabel("taken as")
    plt.ylabel("meant")
    _save(path)
