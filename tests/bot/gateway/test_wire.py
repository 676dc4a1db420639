"""HTTP to the engine: kept connections, and every way they end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from bot.gateway.wire import Answer, Broken, Unreachable, Wire
from tests.conftest import _free_port

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def talk(handler: Handler, scenario: Callable[[Wire], Awaitable[None]]) -> int:
    """Runs a scenario against a server; how many connections it took."""
    connections = 0

    async def run() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            try:
                await handler(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        wire = Wire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/base/")
        try:
            await scenario(wire)
        finally:
            wire.close()
            server.close()

    uvloop.run(run())
    return connections


async def read_request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lines = head.split("\r\n")
    length = next((int(line[16:]) for line in lines if line.startswith("Content-Length: ")), 0)
    return lines[0], await reader.readexactly(length)


def test_one_connection_serves_request_after_request() -> None:
    seen: list[tuple[str, bytes]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            seen.append(await read_request(reader))
            writer.write(OK)

    async def scenario(wire: Wire) -> None:
        for body in (b"a", b"b", b"c"):
            assert await wire.request("POST", "/x", body) == Answer(200, b"hi")

    assert talk(handler, scenario) == 1
    assert seen == [("POST /base/x HTTP/1.1", body) for body in (b"a", b"b", b"c")]


def test_requests_at_once_take_connections_of_their_own() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, body = await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n" + body + b"\r\n0\r\n\r\n")

    async def scenario(wire: Wire) -> None:
        answers = await asyncio.gather(
            *(wire.request("POST", "/", str(number).encode()) for number in range(5))
        )
        assert [answer.content for answer in answers] == [b"0", b"1", b"2", b"3", b"4"]

    assert talk(handler, scenario) == 5


def test_a_kept_connection_closed_by_the_server_is_replaced() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        await read_request(reader)  # the second is taken, and the connection closed without an answer

    async def scenario(wire: Wire) -> None:
        assert (await wire.request("POST", "/", b"1")).status == 200
        assert (await wire.request("POST", "/", b"2")).status == 200

    assert talk(handler, scenario) == 2


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"what?\r\n\r\n"]
)
def test_half_an_answer_or_none_is_broken(answer: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)

    async def scenario(wire: Wire) -> None:
        with pytest.raises(Broken):
            await wire.request("POST", "/", b"1")

    talk(handler, scenario)


def test_connection_close_is_obeyed() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    async def scenario(wire: Wire) -> None:
        for _ in range(2):
            assert (await wire.request("GET", "/")).status == 503

    assert talk(handler, scenario) == 2


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    late = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, body = await read_request(reader)
        if body == b"slow":
            await late.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)

    async def scenario(wire: Wire) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await wire.request("POST", "/", b"slow")
        late.set()
        assert (await wire.request("POST", "/", b"fast")).content == b"fast"

    talk(handler, scenario)


def test_nothing_there_is_unreachable() -> None:
    async def ask() -> None:
        with pytest.raises(Unreachable):
            await Wire(f"http://127.0.0.1:{_free_port()}").request("GET", "/")

    uvloop.run(ask())


@pytest.mark.parametrize("url", ["https://example.se", "127.0.0.1:5005", "http://"])
def test_only_plain_http_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="http://"):
        Wire(url)
