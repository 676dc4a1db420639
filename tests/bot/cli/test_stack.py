"""The real product under the supervisor, and a talk with it in the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.cli.paths import ROOT


def chat(stack: Any, lines: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SUPPORT_GATEWAY_PORT": str(urlsplit(stack.gateway_url).port)}
    return subprocess.run(
        [sys.executable, "-m", "bot", "chat"],
        cwd=ROOT,
        env=environment,
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_part_answers(stack: Any) -> None:
    for address in (
        f"{stack.gateway_url}/health/live",
        f"{stack.engine_url}/",
        f"{stack.actions_url}/health",
    ):
        assert httpx.get(address).status_code == 200


def test_the_terminal_greets_answers_and_takes_a_number_for_a_button(stack: Any) -> None:
    talk = chat(stack, "Hur låser jag upp kortet med PUK?\n1\n")
    assert talk.stderr == ""
    assert talk.returncode == 0
    greeting, question, step, rest = talk.stdout.split("\n> ")
    assert "Hej" in greeting
    assert "  1. " in question
    assert "PUK" in step
    assert rest.strip() == ""


def test_a_part_comes_back_after_a_crash(stack: Any) -> None:
    for part in ("actions", "order worker", "gateway"):
        stack.kill(part)
        stack.restart(part)
    talk = chat(stack, "Vad har ni för telefonnummer?\n")
    assert "018-481 19 00" in talk.stdout
