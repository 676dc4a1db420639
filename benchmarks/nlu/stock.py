"""What stock Rasa (its default NLU pipeline with DIET) makes of the evaluation messages.

    python -m benchmarks.nlu.stock [--epochs 100] [--a-label 300]

Trained on the same messages; `faq/<topic>` are plain intents, which spares it the response selector.
Rasa's own choice is 100 epochs; with all messages they take hours on two cores, so `--a-label` bounds how
many messages a label has, and the product is trained with the same ones beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from benchmarks.nlu.corpus import evaluation_items, train, training_messages
from benchmarks.nlu.measures import figures, understand


def sample(a_label: int) -> list[tuple[str, str]]:
    """At most `a_label` training messages of each label, chosen by chance but always the same."""
    messages = training_messages()
    random.Random(4).shuffle(messages)
    taken: Counter[str] = Counter()
    chosen = []
    for text, label in messages:
        taken[label] += 1
        if taken[label] <= a_label:
            chosen.append((text, label))
    return chosen


def write_inputs(folder: Path, epochs: int, messages: list[tuple[str, str]]) -> None:
    """Writes `config.yml` and `nlu.yml` into `folder`."""
    pipeline: list[dict[str, object]] = [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]
    config = {"recipe": "default.v1", "assistant_id": "stock", "language": "sv", "pipeline": pipeline}
    (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    by_label: dict[str, list[str]] = {}
    for text, label in messages:
        by_label.setdefault(label.replace("/", "_"), []).append(f"- {text}\n")
    nlu = [{"intent": label, "examples": "".join(texts)} for label, texts in by_label.items()]
    data = {"version": "3.1", "nlu": nlu}
    (folder / "nlu.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


async def measure(model: str) -> str:
    """How many evaluation messages the model gets right, and how fast."""
    agent = Agent.load(model)
    items = evaluation_items()
    start = time.process_time()
    parsed = [await agent.parse_message(item.text) for item in items]
    spent = (time.process_time() - start) / len(items) * 1000
    right = asked = likeliest = 0
    for message, item in zip(parsed, items, strict=True):
        labels = {label.replace("/", "_") for label in item.right}
        best = [entry["name"] for entry in message["intent_ranking"] if entry["name"] != "nlu_fallback"]
        fallback = message["intent"]["name"] == "nlu_fallback"
        right += message["intent"]["name"] in labels
        asked += fallback and bool(labels & set(best[:3]))
        likeliest += best[0] in labels
    named = {"right": right, "asked back well": asked, "likeliest right": likeliest}
    shares = ", ".join(f"{name} {100 * count / len(items):.1f} %" for name, count in named.items())
    return f"{shares}, {spent:.1f} ms a message"


def main() -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--a-label", type=int, default=10_000, help="messages a label at most")
    options = parser.parse_args()
    epochs, messages = options.epochs, sample(options.a_label)
    ours = figures(understand(train(messages), evaluation_items()))
    print(
        f"{len(messages)} messages; the product: right {ours.accuracy:.1%}, likeliest right {ours.best:.1%}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder, epochs, messages)
        start = time.process_time()
        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        spent = time.process_time() - start
        print(f"{epochs} epochs, trained in {spent:.0f} s (CPU time): {asyncio.run(measure(str(model)))}")


if __name__ == "__main__":
    main()
