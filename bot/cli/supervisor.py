"""Start the parts, wait until they answer, notice when one ends, and leave none behind."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import httpx

from bot.cli import ports
from bot.cli.errors import PartFailedError, PortTakenError
from bot.cli.paths import ROOT

POLL_SECONDS = 0.1
STOP_SECONDS = 10.0
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Part:
    """A program of the product."""

    name: str
    command: Sequence[str]
    port: int | None = None
    ready_url: str | None = None
    """Answers 200 when the part is ready; a part without one is ready at its first line of output."""
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_seconds: float = 60.0


class RunningPart:
    """A started part: its process, which leads a process group of its own, and its log."""

    def __init__(self, part: Part, log: Path) -> None:
        self.part = part
        self.log = log
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*_dies_with_parent(), *part.command],
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **part.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.deadline = time.monotonic() + part.ready_seconds

    def last_line(self) -> str:
        """The last line the part wrote, without colours; empty when it wrote nothing."""
        lines = _ESCAPES.sub("", self.log.read_text(encoding="utf-8", errors="replace")).split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def check(self) -> None:
        """Raise PartFailedError when the process has ended."""
        code = self.process.poll()
        if code is not None:
            how = (
                f"was ended by {signal.Signals(-code).name}" if code < 0 else f"stopped with exit code {code}"
            )
            raise self.failure(how)

    def failure(self, how: str) -> PartFailedError:
        """The error that says how the part failed and, in its own last words, why."""
        last = self.last_line()
        log = self.log.relative_to(ROOT) if self.log.is_relative_to(ROOT) else self.log
        return PartFailedError(self.part.name, f"{how}: {last}" if last else how, str(log))

    def is_ready(self, client: httpx.Client) -> bool:
        """Whether the part answers."""
        if self.part.ready_url is None:
            return bool(self.last_line())
        try:
            return client.get(self.part.ready_url).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def send(self, number: signal.Signals) -> None:
        """Signal the whole process group, also when its leader has ended already."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class Supervisor:
    """Runs the parts as one: all of them or none."""

    def __init__(self, parts: Sequence[Part], log_folder: Path) -> None:
        self._parts = {part.name: part for part in parts}
        self._log_folder = log_folder
        self.running: dict[str, RunningPart] = {}

    def start(self) -> None:
        """Start every part and return when each is ready.

        Raises PortTakenError or PartFailedError; nothing is left running then.
        """
        refuse_taken_ports(self._parts.values())
        try:
            for name in self._parts:
                self._launch(name)
            self._wait_until_ready(list(self._parts))
        except BaseException:
            self.stop()
            raise

    def watch(self) -> NoReturn:
        """Watch the parts; raises PartFailedError as soon as a part has ended."""
        while True:
            for running in self.running.values():
                running.check()
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End every part: asked first, killed after STOP_SECONDS. Returns when none is left."""
        self._end(list(reversed(self.running.values())))
        self.running.clear()

    def restart(self, name: str) -> None:
        """End one part, if it runs, start it again and return when it is ready. Raises PartFailedError."""
        if name in self.running:
            self._end([self.running.pop(name)])
        self._launch(name)
        self._wait_until_ready([name])

    def kill(self, name: str) -> None:
        """End one part at once, as a crash or the out-of-memory killer would."""
        running = self.running.pop(name)
        running.send(signal.SIGKILL)
        running.process.wait()

    def _launch(self, name: str) -> None:
        self.running[name] = RunningPart(
            self._parts[name], self._log_folder / f"{name.replace(' ', '-')}.log"
        )

    def _wait_until_ready(self, names: list[str]) -> None:
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            waiting = [self.running[name] for name in names]
            while waiting:
                for running in self.running.values():
                    running.check()
                waiting = [running for running in waiting if not running.is_ready(client)]
                for running in waiting:
                    if time.monotonic() > running.deadline:
                        raise running.failure(f"was not ready within {running.part.ready_seconds:.0f} s")
                if waiting:
                    time.sleep(POLL_SECONDS)

    @staticmethod
    def _end(parts: Sequence[RunningPart]) -> None:
        for running in parts:
            running.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for running in parts:
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.process.wait(max(0.0, deadline - time.monotonic()))
            running.send(signal.SIGKILL)
            running.process.wait()


def refuse_taken_ports(parts: Iterable[Part]) -> None:
    """Raise PortTakenError, which names part and holder, when a part's port is taken."""
    for part in parts:
        if part.port is not None and not ports.is_free(part.port):
            raise PortTakenError(part.name, part.port, ports.holder(part.port))


def _dies_with_parent() -> list[str]:
    """Words that make Linux kill the program when this process ends, even by SIGKILL (PR_SET_PDEATHSIG)."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "KILL", "--"] if program else []
