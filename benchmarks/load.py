"""Sends messages to a REST channel and takes the time, with as little of the processor as possible."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import cycle, islice
from pathlib import Path

MESSAGES = Path(__file__).parent / "messages.txt"
# A conversation is this many messages long, then the client begins a new one.
CONVERSATION = 10


def messages() -> list[str]:
    """What is sent, in order, over and over."""
    return [line for line in MESSAGES.read_text(encoding="utf-8").splitlines() if line]


class Client:
    """One kept connection to a server on this computer."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Client:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def say(self, sender: str, text: str) -> float:
        """Seconds from sending to the whole answer; an error or an empty answer ends the run."""
        body = json.dumps({"sender": sender, "message": text}).encode()
        head = (
            "POST /webhooks/rest/webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        begun = time.perf_counter()
        self._writer.write(head.encode() + body)
        status, answer = await self._read()
        taken = time.perf_counter() - begun
        if status != 200 or not json.loads(answer):
            raise RuntimeError(f"{text!r} was answered {status} {answer[:200]!r}")
        return taken

    async def _read(self) -> tuple[int, bytes]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        body = await self._reader.readexactly(int(fields["content-length"]))
        return int(head[0].split()[1]), body


async def converse(port: int, name: str, count: int) -> list[float]:
    """Times of `count` messages, one after the other, in conversations of `CONVERSATION` messages."""
    texts = messages()
    async with Client(port) as client:
        return [
            await client.say(f"{name}-{number // CONVERSATION}", text)
            for number, text in enumerate(islice(cycle(texts), count))
        ]


async def one_conversation(port: int, name: str, turns: int) -> list[float]:
    """Times of `turns` messages in one conversation."""
    async with Client(port) as client:
        return [await client.say(name, text) for text in islice(cycle(messages()), turns)]


async def throughput(port: int, name: str, clients: int, count: int) -> float:
    """Messages a second when `clients` together send `count` messages, each as fast as it is answered."""
    begun = time.perf_counter()
    each = max(1, count // clients)
    await asyncio.gather(*(converse(port, f"{name}-{number}", each) for number in range(clients)))
    return clients * each / (time.perf_counter() - begun)
