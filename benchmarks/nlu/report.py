"""Measure the understanding: `python -m benchmarks.nlu.report [--folds 5]`, in the engine's environment.

Writes `report.md`, `results.json` and plots beside this file.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from benchmarks.nlu import plots
from benchmarks.nlu.corpus import Item, evaluation_items, near_duplicates, train, training_messages
from benchmarks.nlu.measures import Figures, Outcome, calibration, figures, understand
from bot.nlu.pipeline import describe_pipeline
from bot.nlu.understanding import FALLBACK, Understanding

HERE = Path(__file__).parent
WORST = 40


def cross_validation(samples: list[tuple[str, str]], folds: int) -> Figures:
    """The figures of training messages, each understood by a classifier that has not seen it."""
    shuffled = samples[:]
    random.Random(7).shuffle(shuffled)
    outcomes: list[Outcome] = []
    for fold in range(folds):
        held = shuffled[fold::folds]
        rest = [sample for place, sample in enumerate(shuffled) if place % folds != fold]
        outcomes += understand(train(rest), [Item(text, label, "cv") for text, label in held])
    return figures(outcomes)


def rejection_curve(understanding: Understanding, items: list[Item]) -> list[tuple[float, float]]:
    """Pairs of (false rejection, out-of-scope recall), by how likely out of scope must be."""
    shares = [(understanding.probabilities(item.text)["out_of_scope"], item) for item in items]
    outside = [share for share, item in shares if item.label == "out_of_scope"]
    inside = [share for share, item in shares if "out_of_scope" not in item.right]
    return [
        (sum(s >= bar for s in inside) / len(inside), sum(s >= bar for s in outside) / len(outside))
        for bar in (step / 100 for step in range(1, 100))
    ]


def milliseconds_a_message(understanding: Understanding, items: list[Item]) -> float:
    """Mean time of one message, whose words may be new."""
    start = time.process_time()
    for item in items:
        understanding(item.text)
    return (time.process_time() - start) / len(items) * 1000


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5, help="of the cross-validation; 0 leaves it out")
    folds = parser.parse_args().folds
    samples, items = training_messages(), evaluation_items()
    start = time.process_time()
    understanding = train(samples)
    seconds = time.process_time() - start
    speed = milliseconds_a_message(understanding, items)
    outcomes = understand(understanding, items)
    groups = {
        group: figures([o for o in outcomes if o.item.group == group])
        for group in dict.fromkeys(item.group for item in items)
    }
    following = understand(understanding, evaluation_items("follow_ups.yml"))
    for group in dict.fromkeys(outcome.item.group for outcome in following):
        groups[group] = figures([o for o in following if o.item.group == group])
    crossed = cross_validation(samples, folds) if folds else None
    results = {
        "training_messages": len(samples),
        "labels": len({label for _, label in samples}),
        "pipeline": describe_pipeline(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "train_cpu_seconds": round(seconds, 1),
        "milliseconds_a_message": round(speed, 2),
        "near_duplicates": len(near_duplicates(items, samples)),
        "evaluation": asdict(figures(outcomes)),
        "groups": {group: asdict(value) for group, value in groups.items()},
        "cross_validation": asdict(crossed) if crossed else None,
    }
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plots.accuracy(HERE / "accuracy.png", groups)
    plots.calibration(HERE / "calibration.png", calibration(outcomes))
    plots.rejection(HERE / "rejection.png", rejection_curve(understanding, items))
    plots.confusion(HERE / "confusion.png", outcomes)
    (HERE / "report.md").write_text(
        _text(results, figures(outcomes), groups, crossed, outcomes), encoding="utf-8"
    )
    print(f"accuracy {figures(outcomes).accuracy:.3f}: benchmarks/nlu/report.md")


def _row(name: str, f: Figures) -> str:
    shares = (f.accuracy, f.asked, f.with_half, f.best, f.wrong, f.harmful, f.macro_f1)
    return f"| {name} | {f.count} | " + " | ".join(f"{100 * share:.1f}" for share in shares) + " |"


def _text(
    results: dict[str, object],
    whole: Figures,
    groups: dict[str, Figures],
    crossed: Figures | None,
    outcomes: list[Outcome],
) -> str:
    wrong = [o for o in outcomes if o.answered != FALLBACK and not o.right]
    missed = [o for o in outcomes if o.answered == FALLBACK and not o.asked_well]
    confused = Counter((o.item.label, o.answered) for o in wrong).most_common(15)
    return "\n".join(
        [
            "# Understanding: report",
            "",
            f"{results['training_messages']} training messages, {results['labels']} labels, "
            f"{results['pipeline']}, {results['machine']}: trained in {results['train_cpu_seconds']} s, "
            f"{results['milliseconds_a_message']} ms a message (CPU time).",
            f"Evaluation messages that are in training almost word by word: {results['near_duplicates']}.",
            "",
            "Per cent. *Right*: the label acted on is right. *Asked*: asked back with the right label among "
            "the buttons. *With half*: right plus half of asked. *Likeliest*: the likeliest label is "
            "right, sure or not. *Harmful*: a wrong label that makes the visitor do the wrong thing with a "
            "card, a code or an order.",
            "",
            "| messages | number | right | asked | with half | likeliest | wrong | harmful | macro-F1 |",
            "|---|---|---|---|---|---|---|---|---|",
            _row("**all**", whole),
            *(_row(group, value) for group, value in groups.items()),
            *([_row("cross-validation (training messages)", crossed)] if crossed else []),
            "",
            f"- Out of scope admitted: {100 * whole.admitted:.1f} %; in scope taken as out of scope: "
            f"{100 * whole.false_rejection:.1f} %.",
            f"- Two questions, both found: {100 * whole.both:.1f} %.",
            f"- Yes taken as no, or no as yes: {whole.confused}.",
            "",
            "![Right answers by group](accuracy.png)",
            "![Calibration](calibration.png)",
            "![Out-of-scope recall at false rejection](rejection.png)",
            "![Confusions](confusion.png)",
            "",
            "## Most frequent confusions",
            "",
            "| meant | taken as | times |",
            "|---|---|---|",
            *(f"| {meant} | {taken} | {times} |" for (meant, taken), times in confused),
            "",
            "## Worst examples: wrong and sure",
            "",
            "| message | meant | taken as | confidence |",
            "|---|---|---|---|",
            *(
                f"| {o.item.text} | {o.item.label} | {o.answered} | {o.confidence:.2f} |"
                for o in sorted(wrong, key=lambda o: -o.confidence)[:WORST]
            ),
            "",
            "## Asked back without the right choice",
            "",
            "| message | meant | choices |",
            "|---|---|---|",
            *(f"| {o.item.text} | {o.item.label} | {', '.join(o.choices)} |" for o in missed[:WORST]),
            "",
        ]
    )


if __name__ == "__main__":
    main()
