"""Little parts for the supervisor, and a way to see that none is left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bot.cli.supervisor import Part

CHILD = str(Path(__file__).with_name("child.py"))


@pytest.fixture
def part() -> Callable[..., Part]:
    """Makes a part that runs child.py with the given words."""

    def make(name: str, *words: str, port: int | None = None, ready_seconds: float = 20.0) -> Part:
        return Part(
            name,
            [sys.executable, CHILD, *words],
            port=port,
            ready_url=f"http://127.0.0.1:{port}/ready" if port else None,
            ready_seconds=ready_seconds,
        )

    return make


@pytest.fixture
def alive() -> Callable[[str], list[int]]:
    """The ids of the running processes whose command line holds a text; zombies are not running."""

    def find(text: str) -> list[int]:
        found = []
        for process in psutil.process_iter(["cmdline", "status"]):
            words = process.info["cmdline"] or []
            if any(text in word for word in words) and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        return found

    return find
