"""HTTP to a part on this machine: kept connections, one request at a time on each.

Plain asyncio with uvicorn's own parser: httpx 0.28 asks the system about every idle connection before each
request, and took half of the event loop's time.
"""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple, cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

_IDLE_KEPT: Final = 64


class Unreachable(Exception):
    """Nothing listens at the address."""


class Broken(Exception):
    """The connection ended, or what came was not HTTP, before the answer was whole."""


class Answer(NamedTuple):
    """Status and body."""

    status: int
    content: bytes


class Wire:
    """Requests to one address, as many at once as are made."""

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        if address.scheme != "http" or not address.hostname:
            raise ValueError("must be an http:// address")
        self._host, self._port = address.hostname, address.port or 80
        self._prefix = address.path.rstrip("/")
        self._head = (
            f"Host: {address.netloc}\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        )
        self._idle: list[_Connection] = []

    async def request(self, method: str, path: str, body: bytes = b"") -> Answer:
        """The answer; raises `Unreachable` or `Broken`. Limit the time with `asyncio.timeout`.

        A kept connection that the other side closed just now is tried again on a new one.
        """
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        data = f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._head}{kind}\r\n".encode() + body
        if kept := self._take_idle():
            try:
                return await self._exchange(kept, data)
            except Broken:
                if kept.began:
                    raise
        return await self._exchange(await self._connect(), data)

    def close(self) -> None:
        """Ends the idle connections."""
        while self._idle:
            self._idle.pop().abort()

    async def _exchange(self, connection: _Connection, data: bytes) -> Answer:
        try:
            answer = await connection.ask(data)
        except BaseException:  # also when the caller has stopped waiting: the late answer belongs to nobody
            connection.abort()
            raise
        if connection.reusable and len(self._idle) < _IDLE_KEPT:
            self._idle.append(connection)
        else:
            connection.abort()
        return answer

    def _take_idle(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(_Connection, self._host, self._port)
        except OSError:
            raise Unreachable from None
        return connection


class _Connection(asyncio.Protocol):
    """One connection; httptools calls the `on_…` methods."""

    def __init__(self) -> None:
        self.began = False
        self.reusable = True
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._parser = HttpResponseParser(self)
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has the methods, not the class

    def ask(self, data: bytes) -> asyncio.Future[Answer]:
        """Sends a request; its answer."""
        self.began = False
        self._parser = HttpResponseParser(self)
        self._body.clear()
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is None or self._transport.is_closing():
            self._fail()
        else:
            self._transport.write(data)
        return self._answer

    def abort(self) -> None:
        """Ends the connection at once."""
        self.reusable = False
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self.began = True
        try:
            self._parser.feed_data(data)
        except HttpParserError:
            self._fail()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self.reusable = self.reusable and self._parser.should_keep_alive()
        if self._answer and not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), bytes(self._body)))

    def connection_lost(self, _error: Exception | None) -> None:
        self._fail()

    def _fail(self) -> None:
        self.reusable = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(Broken())
