"""One lane a reader: PC/SC work in a thread of its own, with the time-out outside it.

A card can make any PC/SC call block without limit (only pulling the card frees it), so whoever waits must be
able to walk away. A lane with a stuck thread takes no more work until that thread comes back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TypeVar

Result = TypeVar("Result")


class LaneStuckError(Exception):
    """The lane's work did not end in time, or earlier work on it still has not."""


class Lanes:
    """Runs work by lane, at most one piece at a time in each; threads end with their work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    def start(self, lane: str, work: Callable[[], Result]) -> Future[Result]:
        """Starts the work in its own thread; `LaneStuckError` while earlier work of the lane goes on."""
        with self._lock:
            if lane in self._busy:
                raise LaneStuckError(lane)
            self._busy.add(lane)
        future: Future[Result] = Future()
        threading.Thread(
            target=self._run, args=(lane, work, future), name=f"lane {lane}", daemon=True
        ).start()
        return future

    def _run(self, lane: str, work: Callable[[], Result], future: Future[Result]) -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - handed over to whoever waits
            self._leave(lane)
            future.set_exception(error)
        else:
            self._leave(lane)
            future.set_result(result)

    def _leave(self, lane: str) -> None:
        with self._lock:
            self._busy.discard(lane)


def wait_for(future: Future[Result], lane: str, seconds: float) -> Result:
    """The work's result; `LaneStuckError` when it takes longer."""
    try:
        return future.result(max(0.0, seconds))
    except FutureTimeoutError:
        if future.done():
            raise
        raise LaneStuckError(lane) from None
