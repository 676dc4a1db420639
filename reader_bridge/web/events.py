"""Card events from the watcher's thread to the open event streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from reader_bridge.watcher import Event, Watcher

MAX_STREAMS = 8
MAX_WAITING = 64
HEARTBEAT_SECONDS = 15.0

Queue = asyncio.Queue["Event | None"]


class TooManyStreamsError(Exception):
    """All places are taken."""


class Hub:
    """Gives every stream every event; a stream that does not read is ended."""

    def __init__(self) -> None:
        self._queues: set[Queue] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def open(self) -> None:
        """To be called in the event loop before the first event."""
        self._loop = asyncio.get_running_loop()

    def publish(self, event: Event) -> None:
        """From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, event)

    def close(self) -> None:
        """Ends all streams; from any thread."""
        self._closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, None)

    def _spread(self, event: Event | None) -> None:
        for queue in list(self._queues):
            if queue.qsize() >= MAX_WAITING:
                self._queues.discard(queue)
                event = None
            queue.put_nowait(event)

    def subscribe(self) -> Queue:
        """A place for one stream; `TooManyStreamsError`."""
        if len(self._queues) >= MAX_STREAMS:
            raise TooManyStreamsError
        queue: Queue = asyncio.Queue()
        self._queues.add(queue)
        return queue

    async def stream(self, queue: Queue, watcher: Watcher) -> AsyncIterator[str]:
        """Server-sent events, the readers of this moment first."""
        try:
            yield _format(watcher.snapshot())
            while not self._closed:
                try:
                    event = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                except asyncio.TimeoutError:
                    yield ": still here\n\n"
                    continue
                if event is None:
                    return
                yield _format(event)
        finally:
            self._queues.discard(queue)


def _format(event: Event) -> str:
    return f"event: {event.name}\ndata: {json.dumps(event.data, ensure_ascii=False)}\n\n"
