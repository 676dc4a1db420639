"""How fast the bridge answers: diagnosis over HTTP, insertion to event, first answer after start.

    python -m benchmarks.reader_bridge.speed [--rounds 30]

Bars: diagnosis < 2 s (hard stop 5 s), insertion seen < 1 s. Real PC/SC with virtual cards; "slow" is a card
that takes 20 ms a command, as real ones do.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.reader_bridge.bridge_process import BridgeProcess
from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import Act, InsertedCard


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95) - 1], 1),
        "max_ms": round(ordered[-1], 1),
        "count": len(ordered),
    }


def slowly(*_: object) -> Act:
    time.sleep(0.02)
    return Act.ANSWER


def measure(service: Pcscd, rounds: int) -> dict[str, object]:
    started = time.perf_counter()
    with BridgeProcess(service.environment) as bridge:
        results: dict[str, object] = {"start_ms": round((time.perf_counter() - started) * 1000)}
        token = bridge.pair()
        events = bridge.events(token)
        next(events)

        def diagnose() -> None:
            bridge.call("/v1/diagnosis", {}, token)

        inserted: list[float] = []
        removed: list[float] = []
        for number in range(rounds):
            time.sleep(0.037 * (number % 11))  # spread over the service's 400 ms poll
            card = InsertedCard(KINDS["ordinary"](), service.ports[0])
            inserted.append(milliseconds(lambda: next(events)))
            removed.append(milliseconds(lambda card=card: (card.remove(), next(events))))  # type: ignore[misc]
        results["insertion_to_event"] = summary(inserted)
        results["removal_to_event"] = summary(removed)
        results["diagnosis_no_card"] = summary([milliseconds(diagnose) for _ in range(rounds)])
        for kind in ("ordinary", "t0", "idprime", "foreign", "mute"):
            with InsertedCard(KINDS[kind](), service.ports[0], mute=kind == "mute"):
                next(events)
                results[f"diagnosis_{kind}"] = summary([milliseconds(diagnose) for _ in range(rounds)])
            next(events)
        with InsertedCard(KINDS["ordinary"](), service.ports[0], on_apdu=slowly):
            next(events)
            results["diagnosis_slow_card"] = summary([milliseconds(diagnose) for _ in range(5)])
        next(events)
        with InsertedCard(KINDS["unknown"](), service.ports[0]):
            next(events)
            results["diagnosis_unknown_card_through_opensc"] = summary(
                [milliseconds(diagnose) for _ in range(3)]
            )
        next(events)
        with InsertedCard(KINDS["ordinary"](), service.ports[0], on_apdu=lambda *_: Act.HANG):
            next(events)
            results["diagnosis_silent_card"] = summary([milliseconds(diagnose)])
        results["memory_mb"] = round(psutil.Process(bridge.process.pid).memory_info().rss / 2**20, 1)
        events.close()
        return results


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Pcscd(Path(folder))
        os.environ["PCSCLITE_CSOCK_NAME"] = str(service.link)
        service.start()
        try:
            print(json.dumps(measure(service, options.rounds), indent=2))
        finally:
            service.stop()


if __name__ == "__main__":
    main()
