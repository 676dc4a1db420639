"""Measures this bot against stock Rasa on this computer: `make bench`, or see `--help`."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

try:
    import load
    import psutil
    import report
    from sides import WORK, Ours, Side, Stock, actions, check_environments, prepare_sample
except ModuleNotFoundError as missing:
    sys.exit(f"bench: {missing.name} is not installed here; `make bench` sets up what it needs")

RESULTS = Path(__file__).resolve().parent / "results.json"
# What others may use of the processors, in per cent, for the computer to count as quiet.
QUIET_PERCENT = 10.0


def main() -> int:
    options = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        check_environments()
        results = compare(options)
    except KeyboardInterrupt:
        print("\nbench: interrupted; nothing was written", file=sys.stderr)
        return 130
    except RuntimeError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    report.plot(results, options.out.with_suffix(".png"))
    print(report.table(results))
    if not results["machine"]["quiet"]:
        print("The computer was not quiet: others used the processors between the measurements.")
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        "--rounds", type=positive, default=3, help="how often each side is started and measured"
    )
    parser.add_argument("--messages", type=positive, default=320, help="messages in each measurement")
    parser.add_argument("--turns", type=int, default=410, help="turns of the long conversation")
    parser.add_argument(
        "--train-rounds", type=positive, default=3, help="how often each side is trained for time"
    )
    parser.add_argument(
        "--train-messages", type=int, default=1000, help="about how many training messages that is done with"
    )
    parser.add_argument(
        "--train-epochs", type=int, help="of stock Rasa in the timed training; its own choice if not given"
    )
    parser.add_argument(
        "--stock-epochs", type=int, default=1, help="of stock Rasa's model of all messages, which is served"
    )
    parser.add_argument(
        "--keep-models", action="store_true", help="serve the models that an earlier run trained"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="the figures; the plot goes beside it")
    return parser.parse_args()


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Everything that `results.json` holds."""
    begun, machine = time.monotonic(), report.machine()
    busy: list[float] = []
    sides: list[Side] = [Ours(), Stock(options.stock_epochs)]
    training = time_training(options, busy)
    all_messages = train_models(sides, options)
    raw: dict[str, Any] = {"rounds": {"ours": [], "stock": []}, "long_conversation": {}}
    with actions() as actions_port:
        for number, side in alternating(sides, options.rounds, busy):
            last = number == options.rounds - 1
            measure(side, actions_port, options, raw, turns=options.turns if last else 0)
    figures = {
        side.name: {
            "train_time": report.median(training[side.name]),
            **report.summary(raw["rounds"][side.name], raw["long_conversation"][side.name]),
            "model_size": float(side.model.stat().st_size),
        }
        for side in sides
    }
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - begun),
        "machine": {
            **machine,
            "load_average_at_end": psutil.getloadavg()[0],
            "busy_before_each_measurement_percent": busy,
            "quiet": max(busy) <= QUIET_PERCENT,
        },
        "options": {name: value for name, value in vars(options).items() if name != "out"},
        **figures,
        "ratios": report.ratios(figures["ours"], figures["stock"]),
        "training_with_all_messages": all_messages,
        "raw": {"train_times": training, **raw},
    }


def alternating(sides: list[Side], rounds: int, busy: list[float]) -> Iterator[tuple[int, Side]]:
    """Each side once a round; who is first changes, so that a slow spell of the computer favours neither.

    What others use of the processors just before is added to `busy`, in per cent.
    """
    for number in range(rounds):
        for side in sides if number % 2 == 0 else sides[::-1]:
            busy.append(psutil.cpu_percent(interval=1.0))
            yield number, side


def time_training(options: argparse.Namespace, busy: list[float]) -> dict[str, list[float]]:
    """Seconds of every training with a sample of the messages."""
    sample = prepare_sample(options.train_messages)
    seconds: dict[str, list[float]] = {"ours": [], "stock": []}
    for _, side in alternating([Ours(), Stock(options.train_epochs)], options.train_rounds, busy):
        seconds[side.name].append(side.train(sample, WORK / "timed.tar.gz"))
        print(f"trained {side.name} with the sample in {seconds[side.name][-1]:.0f} s", flush=True)
    return seconds


def train_models(sides: list[Side], options: argparse.Namespace) -> dict[str, Any]:
    """Trains what is served, with all messages; the seconds of each, and the epochs it was cut down to."""
    found: dict[str, Any] = {}
    for side in sides:
        if options.keep_models and side.model.exists():
            continue
        print(f"training {side.name} with all messages …", flush=True)
        epochs = side.epochs if isinstance(side, Stock) else None
        found[side.name] = {"seconds": side.train(), **({"epochs": epochs} if epochs else {})}
    return found


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
