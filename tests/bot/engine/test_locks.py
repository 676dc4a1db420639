"""One message of a conversation at a time, in order, without waiting longer than needed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.engine.errors import LockTimeoutError, TurnUnavailableError
from bot.engine.locks import FairLockStore, SharedLockStore


async def worker(store: Any, name: int, done: list[Any]) -> None:
    async with store.lock("conversation"):
        done.append(("in", name))
        await asyncio.sleep(0)
        done.append(("out", name))


def in_turn(stores: list[Any]) -> list[Any]:
    async def scenario() -> list[Any]:
        done: list[Any] = []
        await asyncio.gather(*(worker(stores[n % len(stores)], n, done) for n in range(8)))
        for store in stores:
            if isinstance(store, SharedLockStore):
                await store.close()
        return done

    return asyncio.run(scenario())


def test_first_come_first_served() -> None:
    assert in_turn([FairLockStore()]) == [(way, name) for name in range(8) for way in ("in", "out")]


def test_conversations_do_not_wait_for_each_other() -> None:
    async def scenario() -> None:
        store = FairLockStore()
        async with store.lock("a"):
            await asyncio.wait_for(worker(store, 1, []), 1)
        assert store._lines == {}

    asyncio.run(scenario())


def test_one_who_waits_too_long_is_told() -> None:
    async def scenario() -> None:
        store = FairLockStore(patience=0.01)
        async with store.lock("conversation"):
            with pytest.raises(LockTimeoutError):
                await worker(store, 1, [])
        await worker(store, 2, [])

    asyncio.run(scenario())


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is not installed; run `make test-deps`")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(
        [program, *options], cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(timeout=10)


def test_two_engines_take_turns(redis_url: str) -> None:
    done = in_turn([SharedLockStore(url=redis_url), SharedLockStore(url=redis_url)])
    assert len(done) == 16
    for first, second in zip(done[::2], done[1::2], strict=True):
        assert (first[0], second[0]) == ("in", "out")
        assert first[1] == second[1]


def test_no_redis_is_a_turn_that_can_be_retried() -> None:
    async def scenario() -> None:
        store = SharedLockStore(url="redis://127.0.0.1:9/0")
        with pytest.raises(TurnUnavailableError):
            await worker(store, 1, [])
        await store.close()

    asyncio.run(scenario())


def test_two_engines_share_a_conversation(
    start_bot: Callable[..., Any], redis_url: str, tmp_path: Path
) -> None:
    address = f"sqlite:///{tmp_path}/shared.db"
    one, other = (start_bot(address, redis_url=redis_url) for _ in range(2))
    texts = [f"hej {number}" for number in range(6)]
    for number, text in enumerate(texts):
        (one, other)[number % 2].say("a", text)
    assert [event.text for event in one.tracker("a").events if event.type_name == "user"] == texts
