"""Tells when a card is put in or pulled out, for as long as the bridge lives.

An own thread on the C call, because pyscard's monitors end for good when the card service stops, which
Windows does by itself when the last reader is unplugged.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from reader_bridge.pcsc import PNP, Context, Fault, PcscError, ReaderState

POLL_SECONDS = 1.0
BLIND_POLL_SECONDS = 0.3
STOP_TRIES = 40
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """`name` is `readers`, `insert` or `remove`; `data` as in the API."""

    name: str
    data: dict[str, Any]


@dataclass
class _Seen:
    """What was known last."""

    running: bool | None = None
    readers: dict[str, ReaderState] = field(default_factory=dict)


class Watcher:
    """Calls `publish` from its own thread with every event after the first look."""

    def __init__(self, publish: Callable[[Event], None]) -> None:
        self._publish = publish
        self._lock = threading.Lock()
        self._seen = _Seen()
        self._context: Context | None = None
        self._stopping = threading.Event()
        self._first_look = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Returns after the first look at the readers, or after a second."""
        self._thread.start()
        self._first_look.wait(timeout=1)

    def stop(self) -> None:
        """Ends the thread at once."""
        self._stopping.set()
        for _ in range(STOP_TRIES):
            with self._lock:
                if self._context is not None:
                    self._context.cancel()  # ends a wait that has begun, not one that is about to
            self._thread.join(timeout=0.05)
            if not self._thread.is_alive():
                return

    def snapshot(self) -> Event:
        """The `readers` event of this moment."""
        with self._lock:
            readers = [
                {"name": state.name, "state": state.presence.value, "atr": state.atr.hex().upper() or None}
                for state in self._seen.readers.values()
            ]
            return Event("readers", {"service": bool(self._seen.running), "readers": readers})

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                with Context() as context:
                    pause = FIRST_PAUSE_SECONDS
                    self._hold(context)
                    try:
                        self._follow(context)
                    finally:
                        self._hold(None)
            except PcscError as error:
                logger.debug("card service: %s", error)
                if error.fault is not Fault.NO_READER:
                    self._update([], running=False)
            self._first_look.set()
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _hold(self, context: Context | None) -> None:
        with self._lock:
            self._context = context

    def _follow(self, context: Context) -> None:
        """Looks after every change until the service goes away (`PcscError`) or `stop`."""
        notified = 0
        while not self._stopping.is_set():
            states = context.states(dict.fromkeys(context.readers(), 0))
            self._update(states, running=True)
            self._first_look.set()
            notified = self._wait(context, states, notified)

    def _wait(self, context: Context, states: list[ReaderState], notified: int) -> int:
        """Returns after a change, or a second; the state of the come-and-go notification."""
        try:
            known = {PNP: notified, **{state.name: state.raw for state in states}}
            answer = context.states(known, POLL_SECONDS)
        except PcscError as error:
            if error.fault is Fault.NO_READER:  # macOS knows no such notification
                self._stopping.wait(BLIND_POLL_SECONDS)
            elif error.fault is not Fault.OUT_OF_TIME:
                raise
            return notified
        return next(state.raw for state in answer if state.name == PNP)

    def _update(self, states: list[ReaderState], running: bool) -> None:
        """Compares with what was known, remembers, and publishes the difference."""
        with self._lock:
            before, self._seen = self._seen, _Seen(running, {state.name: state for state in states})
        if before.running is None:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for name, old in before.readers.items():
            new = self._seen.readers.get(name)
            if old.has_card and (new is None or not new.has_card or new.changes != old.changes):
                self._publish(Event("remove", {"reader": name, "at": now}))
        if before.running != running or before.readers.keys() != self._seen.readers.keys():
            self._publish(self.snapshot())
        for name, new in self._seen.readers.items():
            earlier = before.readers.get(name)
            if new.has_card and (earlier is None or not earlier.has_card or new.changes != earlier.changes):
                atr = new.atr.hex().upper() or None
                self._publish(Event("insert", {"reader": name, "atr": atr, "at": now}))
