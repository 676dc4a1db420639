"""How soon do 20 consoles see what happens when 200 chats wait?

Run: `python -m benchmarks.staff [--waiting 200] [--consoles 20] [--rounds 30]`. A gateway of its own on a
new SQLite file, without an engine. Prints JSON; times are milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from bot.gateway.database import create_engine
from bot.gateway.schema import migrate
from bot.gateway.staff import accounts
from bot.gateway.staff.accounts import Role

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "lösenord för mätning"  # noqa: S105 - of a database that is thrown away
Event = tuple[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=200)
    parser.add_argument("--consoles", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        url = f"sqlite:///{folder}/support.db"
        prepare(url, options.consoles)
        probe.close()
        environment = {
            **os.environ,
            "SUPPORT_DATABASE_URL": url,
            "SUPPORT_ENGINE_URL": "http://127.0.0.1:1",
            "SUPPORT_STAFF_SIGN_INS_PER_MINUTE": "1000",
        }
        command = [sys.executable, "-m", "bot.gateway", "serve", "--port", str(port)]
        with (Path(folder) / "log").open("wb") as log:
            gateway = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            figures = asyncio.run(measure(f"http://127.0.0.1:{port}", gateway.pid, options))
        finally:
            gateway.terminate()
            gateway.wait()
    print(json.dumps(figures, indent=2))
    return 0


def prepare(url: str, consoles: int) -> None:
    migrate(url)
    engine = create_engine(url, immediate=True)
    with engine.begin() as connection:
        for number in range(consoles):
            accounts.add(connection, f"staff{number}", f"Person {number}", Role.AGENT, PASSWORD)
    engine.dispose()


async def measure(base: str, pid: int, options: argparse.Namespace) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=base, timeout=60, limits=limits, trust_env=False) as http:
        await until_it_answers(http)
        for _ in range(options.waiting):
            await wait_in_line(http)
        consoles = [Console(base, number) for number in range(options.consoles)]
        for console in consoles:
            await console.open()
        everyone = [console.until(lambda event: event[0] == "lists") for console in consoles]
        await asyncio.gather(*everyone)
        process = psutil.Process(pid)
        before = process.cpu_times()
        began = time.perf_counter()
        seen = [await one_arrives(http, consoles) for _ in range(options.rounds)]
        taken = [await one_is_taken(http, consoles) for _ in range(options.rounds)]
        after = process.cpu_times()
        whole = time.perf_counter() - began
        for console in consoles:
            await console.close()
    used = after.user + after.system - before.user - before.system
    return {
        "waiting": options.waiting,
        "consoles": options.consoles,
        "new_chat_seen_by_all": spread(seen),
        "taken_seen_by_all": spread(taken),
        "processor_share": round(used / whole, 2),
        "memory_mb": round(process_memory(pid), 1) if psutil.pid_exists(pid) else None,
        "machine_load": os.getloadavg()[0],
    }


def process_memory(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 2**20


class Console:
    """One signed-in staff member with an open stream."""

    def __init__(self, base: str, number: int) -> None:
        self.http = httpx.AsyncClient(base_url=base, timeout=60, trust_env=False)
        self.name = f"staff{number}"
        self.headers: dict[str, str] = {}
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        body = {"username": self.name, "password": PASSWORD}
        answer = (await self.http.post("/api/staff/sign-in", json=body)).raise_for_status()
        self.headers = {"X-CSRF-Token": answer.json()["csrf"]}
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        async with self.http.stream("GET", "/api/staff/events") as answer:
            name = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    self.events.put_nowait((name, json.loads(line[6:])))

    async def until(self, wanted: Callable[[Event], bool]) -> float:
        while True:
            if wanted(await self.events.get()):
                return time.perf_counter()

    async def close(self) -> None:
        if self.reader:
            self.reader.cancel()
            await asyncio.gather(self.reader, return_exceptions=True)
        await self.http.aclose()


async def one_arrives(http: httpx.AsyncClient, consoles: list[Console]) -> float:
    chat_id, ask = await open_chat(http)
    start = time.perf_counter()
    await ask()
    return await seen_by_all(consoles, lambda chats: chat_id in chats, start)


async def one_is_taken(http: httpx.AsyncClient, consoles: list[Console]) -> float:
    chat_id, ask = await open_chat(http)
    await ask()
    await seen_by_all(consoles, lambda chats: chat_id in chats, 0)
    start = time.perf_counter()
    taker = consoles[0]
    path = f"/api/staff/conversations/{chat_id}/take"
    (await taker.http.post(path, headers=taker.headers)).raise_for_status()
    return await seen_by_all(consoles, lambda chats: chats.get(chat_id) == "staff", start)


async def seen_by_all(
    consoles: list[Console], wanted: Callable[[dict[str, str]], bool], start: float
) -> float:
    def right(event: Event) -> bool:
        return event[0] == "lists" and wanted({chat["id"]: chat["place"] for chat in event[1]["chats"]})

    return (max(await asyncio.gather(*(console.until(right) for console in consoles))) - start) * 1000


async def wait_in_line(http: httpx.AsyncClient) -> None:
    _, ask = await open_chat(http)
    await ask()


async def open_chat(http: httpx.AsyncClient) -> tuple[str, Callable[[], Any]]:
    opened = (await http.post("/api/conversations")).raise_for_status().json()
    path = f"/api/conversations/{opened['id']}"
    headers = {"Authorization": f"Bearer {opened['token']}"}
    body = {"client_message_id": str(uuid.uuid4()), "text": "mitt kort fungerar inte"}
    (await http.post(f"{path}/messages", headers=headers, json=body)).raise_for_status()

    async def ask() -> None:
        (await http.post(f"{path}/handoff", headers=headers)).raise_for_status()

    return opened["id"], ask


async def until_it_answers(http: httpx.AsyncClient) -> None:
    for _ in range(400):
        try:
            if (await http.get("/health/live")).is_success:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.1)
    raise SystemExit("the gateway did not start")


def spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "worst": round(ordered[-1], 1),
    }


if __name__ == "__main__":
    sys.exit(main())
