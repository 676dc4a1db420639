"""Measures the running product as visitors meet it: `python benchmarks/stack.py --url http://127.0.0.1:8000`.

Many visitors at once, each with an open event stream, write, wait for the bot's answer on it, read that for a
moment and write again. Then a thousand idle streams are held, and the visitors are measured beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import statistics
import time
import uuid
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import psutil

TEXTS = ("Hej", "hur byter jag PIN-kod?", "vad är ett reservkort", "Kortet fungerar inte", "tack för hjälpen")


class Connection:
    """A kept HTTP/1.1 connection, as cheap as can be: it shares the processor with what it measures."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def __aenter__(self) -> Connection:
        self.reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=2**20)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
        await self.send(method, path, token, body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        content = await self.reader.readexactly(int(fields.get("content-length", "0")))
        return int(head[0].split()[1]), json.loads(content) if content else None

    async def send(self, method: str, path: str, token: str, body: Any) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        await self._writer.drain()


class Visitor:
    """One conversation with an open event stream."""

    def __init__(self, host: str, port: int) -> None:
        self._calls = Connection(host, port)
        self._stream = Connection(host, port)

    async def __aenter__(self) -> Visitor:
        await self._calls.__aenter__()
        await self._stream.__aenter__()
        status, opened = await self._calls.ask("POST", "/api/conversations")
        if status != 201:
            raise RuntimeError(f"opening was answered {status} {opened}")
        self._path, self._token = f"/api/conversations/{opened['id']}", opened["token"]
        await self._stream.send("GET", f"{self._path}/events", self._token, None)
        await self.event(lambda name, _: name == "state")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._calls.__aexit__()
        await self._stream.__aexit__()

    async def event(self, wanted: Any) -> dict[str, Any]:
        """The data of the next wanted event."""
        name = ""
        while True:
            line = (await self._stream.reader.readline()).decode()
            if not line:
                raise RuntimeError("the stream ended")
            if line.startswith("event: "):
                name = line[7:].strip()
            elif line.startswith("data: ") and wanted(name, data := json.loads(line[6:])):
                found: dict[str, Any] = data
                return found

    async def say(self, text: str) -> float:
        """Seconds from sending a message to its answer on the stream."""
        body = {"client_message_id": str(uuid.uuid4()), "text": text}
        begun = time.perf_counter()
        status, answer = await self._calls.ask("POST", f"{self._path}/messages", self._token, body)
        if status != 202:
            raise RuntimeError(f"a message was answered {status} {answer}")
        seq = answer["seq"]
        await self.event(
            lambda name, data: name == "message" and data["author"] == "bot" and data["seq"] > seq
        )
        return time.perf_counter() - begun


async def chat(visitor: Visitor, messages: int, think: float, dice: random.Random) -> list[float]:
    taken = []
    await asyncio.sleep(dice.random() * think)
    for number in range(messages):
        taken.append(await visitor.say(TEXTS[number % len(TEXTS)]))
        await asyncio.sleep(dice.uniform(0.5, 1.5) * think)
    return taken


async def measure(host: str, port: int, options: argparse.Namespace) -> dict[str, float]:
    dice = random.Random(1)
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(Visitor(host, port)) for _ in range(options.visitors)]
        begun = time.perf_counter()
        chats = (chat(visitor, options.messages, options.think, dice) for visitor in visitors)
        taken = sorted(value for one in await asyncio.gather(*chats) for value in one)
        passed = time.perf_counter() - begun
    cuts = statistics.quantiles(taken, n=100)
    return {
        "messages": len(taken),
        "messages_per_second": round(len(taken) / passed, 1),
        "p50_ms": round(cuts[49] * 1000, 1),
        "p95_ms": round(cuts[94] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
    }


def gateway_process(port: int) -> psutil.Process:
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return psutil.Process(connection.pid)
    raise RuntimeError(f"nothing listens on {port}")


async def run(options: argparse.Namespace) -> dict[str, Any]:
    address = urlsplit(options.url)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    gateway = gateway_process(port)
    results: dict[str, Any] = {"visitors": options.visitors, "think_seconds": options.think}
    await measure(host, port, argparse.Namespace(**{**vars(options), "messages": 2}))  # warm
    results["chatting"] = await measure(host, port, options)
    before = gateway.memory_info().rss
    async with AsyncExitStack() as stack:
        for _ in range(options.streams):
            await stack.enter_async_context(Visitor(host, port))
        held = gateway.memory_info().rss
        gateway.cpu_percent()
        await asyncio.sleep(options.hold)
        results["idle_streams"] = {
            "streams": options.streams,
            "memory_before_mb": round(before / 2**20, 1),
            "memory_mb": round(held / 2**20, 1),
            "kb_a_stream": round((held - before) / 1024 / options.streams, 1),
            "processor_percent_idle": gateway.cpu_percent(),
        }
        results["chatting_beside_idle_streams"] = await measure(host, port, options)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--messages", type=int, default=20, help="a visitor")
    parser.add_argument(
        "--think", type=float, default=1.0, help="mean seconds between answer and next message"
    )
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--hold", type=float, default=20, help="seconds")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(asyncio.run(run(options)), indent=2))


if __name__ == "__main__":
    main()
