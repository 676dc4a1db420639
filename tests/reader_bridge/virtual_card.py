"""Puts a virtual card into a virtual reader until stdin closes or SIGTERM.

    python -m tests.reader_bridge.virtual_card --kind ordinary --port 35963
    python -m tests.reader_bridge.virtual_card --kind locked --own-service

`--own-service` also starts a private PC/SC service and prints `PCSCLITE_CSOCK_NAME=…`, to be put into the
bridge's environment. On stdin: `remove`, `insert [kind]`, `stop` (service), `start` (service); each answers
`ok`, as does the start.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import Act, InsertedCard


def insert(kind: str, port: int) -> InsertedCard:
    """A card of this kind in the reader that listens on this port."""
    hang = kind == "hung"
    return InsertedCard(
        KINDS[kind](), port, mute=kind == "mute", on_apdu=lambda *_: Act.HANG if hang else Act.ANSWER
    )


def main() -> None:
    """See the module's text."""
    parser = argparse.ArgumentParser(description="A virtual SITHS card in a virtual reader.")
    parser.add_argument("--kind", choices=[*KINDS, "none"], default="ordinary")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--port", type=int, help="port of an already running vpcd reader")
    where.add_argument("--own-service", action="store_true", help="start a private PC/SC service too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="card") as folder:
        service = Pcscd(Path(folder)) if options.own_service else None
        if service is not None:
            service.start()
            print(f"PCSCLITE_CSOCK_NAME={service.link}", flush=True)
        try:
            _serve(options.kind, service.ports[0] if service else options.port, service)
        finally:
            if service is not None:
                service.stop()


def _serve(kind: str, port: int, service: Pcscd | None) -> None:
    card = None if kind == "none" else insert(kind, port)
    print("ok", flush=True)
    for line in sys.stdin:
        command, _, wanted = line.strip().partition(" ")
        if card is not None and command in ("remove", "insert", "stop"):
            card.remove()
            card = None
        if command == "insert":
            kind = wanted or kind
            card = insert(kind, port)
        elif command == "stop" and service is not None:
            service.stop()
        elif command == "start" and service is not None:
            service.start()
        print("ok", flush=True)
    if card is not None:
        card.remove()


if __name__ == "__main__":
    main()
