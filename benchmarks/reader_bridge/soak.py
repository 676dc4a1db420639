"""2,000 insertions into one bridge: is every one told and read, and does anything grow?

    python -m benchmarks.reader_bridge.soak [--insertions 2000]

Measured in the process that holds the watcher and the examiner: resident memory, threads, file descriptors.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import InsertedCard


@dataclass
class SoakResult:
    insertions: int
    told: int
    read: int
    seconds: float
    threads_before: int
    threads_after: int
    descriptors_before: int
    descriptors_after: int
    memory_growth_kb: int


def soak(service: Pcscd, insertions: int, warm_up: int = 50) -> SoakResult:
    """Inserts, reads and removes again and again; the first `warm_up` rounds are not measured."""
    from reader_bridge.diagnosis import Examiner
    from reader_bridge.watcher import Event, Watcher

    events: queue.Queue[Event] = queue.Queue()
    watcher, examiner, process = Watcher(events.put), Examiner(), psutil.Process()
    watcher.start()
    engine = KINDS["ordinary"]()
    told = read = 0
    threads = descriptors = memory = 0
    started = time.monotonic()
    for number in range(warm_up + insertions):
        if number == warm_up:
            threads, descriptors = threading.active_count(), process.num_fds()
            memory, told, read = process.memory_info().rss, 0, 0
        card = InsertedCard(engine, service.ports[0])
        told += _next(events, "insert")
        found = examiner.diagnose()
        read += (
            found.card is not None
            and found.card.failure is None
            and len(found.card.content.certificates) == 4
        )
        card.remove()
        _next(events, "remove")
        engine.commands.clear()
    grown = (process.memory_info().rss - memory) // 1024
    result = SoakResult(
        insertions,
        told,
        read,
        round(time.monotonic() - started, 1),
        threads,
        threading.active_count(),
        descriptors,
        process.num_fds(),
        grown,
    )
    watcher.stop()
    return result


def _next(events: queue.Queue, name: str) -> bool:  # type: ignore[type-arg]
    """True when exactly this is the next event."""
    return bool(events.get(timeout=30).name == name)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--insertions", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Pcscd(Path(folder))
        os.environ["PCSCLITE_CSOCK_NAME"] = str(service.link)
        service.start()
        try:
            print(json.dumps(asdict(soak(service, options.insertions)), indent=2))
        finally:
            service.stop()


if __name__ == "__main__":
    main()
