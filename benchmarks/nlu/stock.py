"""What stock Rasa (its default NLU pipeline with DIET) makes of the evaluation messages.

    python -m benchmarks.nlu.stock [--epochs 100]

Trained on the same messages; `faq/<topic>` are plain intents, which spares it the response selector.
Rasa's own choice is 100 epochs, which take about as many times ten seconds on two free cores.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from benchmarks.nlu.corpus import evaluation_items, training_messages


def write_inputs(folder: Path, epochs: int) -> None:
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
    for text, label in training_messages():
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
    epochs = parser.parse_args().epochs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder, epochs)
        start = time.process_time()
        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        spent = time.process_time() - start
        print(f"{epochs} epochs, trained in {spent:.0f} s (CPU time): {asyncio.run(measure(str(model)))}")


if __name__ == "__main__":
    main()
