"""Measures this bot against stock Rasa on this computer: `make bench`, or see `--help`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import load
import report
from sides import Ours, Side, Stock, actions

RESULTS = Path(__file__).resolve().parent / "results.json"


def main() -> int:
    options = parse()
    sides: list[Side] = [Ours(), Stock(options.stock_epochs)]
    results: dict[str, Any] = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": report.machine(),
        "options": {
            "rounds": options.rounds,
            "messages": options.messages,
            "turns": options.turns,
            "stock_epochs": options.stock_epochs,
        },
    }
    trained = train(sides, keep=options.keep_models)
    raw: dict[str, Any] = {"rounds": {"ours": [], "stock": []}, "long_conversation": {}}
    with actions() as actions_port:
        for number in range(options.rounds):
            # Each goes first every other time, so that a slow spell of the computer does not favour one.
            for side in sides if number % 2 == 0 else sides[::-1]:
                last = number == options.rounds - 1
                measure(side, actions_port, options, raw, turns=options.turns if last else 0)
    for side in sides:
        figures = report.summary(raw["rounds"][side.name], raw["long_conversation"][side.name])
        if side.name in trained:
            figures["train_time"] = trained[side.name]
        results[side.name] = {**figures, "model_size": float(side.model.stat().st_size)}
    results["ratios"] = report.ratios(results["ours"], results["stock"])
    results["raw"] = raw
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    report.plot(results, options.out.with_suffix(".png"))
    print(report.table(results))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is started and measured")
    parser.add_argument("--messages", type=int, default=320, help="messages in each measurement")
    parser.add_argument("--turns", type=int, default=410, help="turns of the long conversation")
    parser.add_argument(
        "--stock-epochs",
        type=int,
        default=5,
        help="of stock Rasa's training; its own choice, 100, takes hours",
    )
    parser.add_argument("--keep-models", action="store_true", help="do not train again what is trained")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def train(sides: list[Side], keep: bool) -> dict[str, float]:
    """Seconds that each side took to train; nothing of a side whose model was kept."""
    seconds = {}
    for side in sides:
        if keep and side.model.exists():
            continue
        print(f"training {side.name} …", flush=True)
        seconds[side.name] = side.train()
    return seconds


def measure(
    side: Side, actions_port: int, options: argparse.Namespace, raw: dict[str, Any], turns: int
) -> None:
    """One round of one side, added to `raw`."""
    begun = time.perf_counter()
    with side.serve(actions_port) as server:
        asyncio.run(load.converse(server.port, "warm-up", 40))
        figures: dict[str, Any] = {"start_time": server.start_time}
        figures["latencies"] = asyncio.run(load.converse(server.port, "latency", options.messages))
        for clients in report.CLIENTS:
            name = f"throughput_{clients}"
            figures[name] = asyncio.run(load.throughput(server.port, name, clients, options.messages))
        figures["memory"] = server.memory()
        if turns:
            raw["long_conversation"][side.name] = asyncio.run(
                load.one_conversation(server.port, "long", turns)
            )
    raw["rounds"][side.name].append(figures)
    print(f"measured {side.name} in {time.perf_counter() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
