"""The supervisor with real processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from bot.cli import supervisor as module
from bot.cli.errors import PartFailedError, PortTakenError
from bot.cli.paths import ROOT
from bot.cli.ports import find_free
from bot.cli.supervisor import Part, Supervisor

MakePart = Callable[..., Part]
RUNNER = """
import sys
from pathlib import Path
from bot.cli.run import supervise
from bot.cli.supervisor import Part, Supervisor
child, port, logs = sys.argv[1:]
parts = [
    Part("web", [sys.executable, child, "serve", port], int(port), f"http://127.0.0.1:{port}/ready"),
    Part("worker", [sys.executable, child, "idle", port]),
]
sys.exit(supervise(Supervisor(parts, Path(logs)), lambda: print("all ready", flush=True)))
"""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_starts_the_parts_and_stops_them(part: MakePart, tmp_path: Path) -> None:
    first, second = find_free(2)
    parts = [part("one", "serve", str(first), port=first), part("two", "serve", str(second), port=second)]
    supervisor = Supervisor([*parts, part("worker", "idle")], tmp_path)
    supervisor.start()
    processes = [running.process.pid for running in supervisor.running.values()]
    assert httpx.get(f"http://127.0.0.1:{second}/ready").status_code == 200
    supervisor.stop()
    assert len(processes) == 3
    assert not any(psutil.pid_exists(pid) for pid in processes)
    assert (tmp_path / "one.log").read_text() == f"ready on {first}\n"


def test_a_taken_port_names_part_and_holder(part: MakePart, tmp_path: Path) -> None:
    free, taken = find_free(2)
    with socket.create_server(("127.0.0.1", taken)):
        supervisor = Supervisor(
            [part("one", "serve", str(free), port=free), part("two", "serve", str(taken), port=taken)],
            tmp_path,
        )
        with pytest.raises(PortTakenError) as caught:
            supervisor.start()
    message = str(caught.value)
    assert message.startswith(f"port {taken}, which the two needs, is taken by process {os.getpid()} (")
    assert "SUPPORT_TWO_PORT" in message
    assert "\n" not in message
    assert supervisor.running == {}
    assert not list(tmp_path.iterdir())


def test_a_part_that_dies_at_start_gives_its_last_words(
    part: MakePart, tmp_path: Path, alive: Callable[[str], list[int]]
) -> None:
    first, second = find_free(2)
    failing = part("two", "fail", "the", "schema", "is", "old", port=second)
    supervisor = Supervisor([part("one", "serve", str(first), port=first), failing], tmp_path)
    with pytest.raises(PartFailedError) as caught:
        supervisor.start()
    expected = f"the two stopped with exit code 1: the schema is old (log: {tmp_path / 'two.log'})"
    assert str(caught.value) == expected
    assert not alive(str(first))


def test_a_part_that_dies_later_is_named(part: MakePart, tmp_path: Path, free_port: int) -> None:
    supervisor = Supervisor(
        [part("web", "serve", str(free_port), port=free_port), part("worker", "idle")], tmp_path
    )
    supervisor.start()
    worker = supervisor.running["worker"].process.pid
    try:
        httpx.post(f"http://127.0.0.1:{free_port}/")
        with pytest.raises(
            PartFailedError, match=r"^the web stopped with exit code 3: ValueError: the data is broken"
        ):
            supervisor.watch()
    finally:
        supervisor.stop()
    assert not psutil.pid_exists(worker)


def test_a_killed_part_is_told_by_its_signal(part: MakePart, tmp_path: Path) -> None:
    supervisor = Supervisor([part("worker", "idle")], tmp_path)
    supervisor.start()
    os.kill(supervisor.running["worker"].process.pid, signal.SIGKILL)
    with pytest.raises(PartFailedError, match=r"^the worker was ended by SIGKILL: idle"):
        supervisor.watch()
    supervisor.stop()


def test_a_part_that_is_never_ready_is_given_up(part: MakePart, tmp_path: Path) -> None:
    supervisor = Supervisor([part("worker", "silent", ready_seconds=0.4)], tmp_path)
    with pytest.raises(PartFailedError, match=r"^the worker was not ready within 0 s"):
        supervisor.start()
    assert supervisor.running == {}


def test_a_part_that_ignores_the_request_is_killed_with_its_children(
    part: MakePart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alive: Callable[[str], list[int]]
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.3)
    mark = f"stubborn-{tmp_path}"
    supervisor = Supervisor([part("worker", "stubborn", mark)], tmp_path)
    supervisor.start()
    assert len(alive(mark)) == 2
    supervisor.stop()
    # The orphaned grandchild was killed too, but init has to take note of it.
    wait_until(lambda: not alive(mark), "a grandchild is left")


def test_restart_gives_a_new_process_and_keeps_the_old_log(
    part: MakePart, tmp_path: Path, free_port: int
) -> None:
    supervisor = Supervisor([part("web", "serve", str(free_port), port=free_port)], tmp_path)
    supervisor.start()
    try:
        before = supervisor.running["web"].process.pid
        supervisor.kill("web")
        assert not psutil.pid_exists(before)
        supervisor.restart("web")
        assert supervisor.running["web"].process.pid != before
        assert httpx.get(f"http://127.0.0.1:{free_port}/ready").status_code == 200
        assert (tmp_path / "web.previous.log").read_text() == f"ready on {free_port}\n"
    finally:
        supervisor.stop()


class TestCommand:
    """The supervising process itself, as `make run` starts it."""

    @pytest.fixture
    def command(self, tmp_path: Path, free_port: int) -> Iterator[subprocess.Popen[str]]:
        child = str(Path(__file__).with_name("child.py"))
        # `env` starts it as a shell starts a background job, with Ctrl-C ignored, and not as `nohup` does,
        # under which the tests may run.
        ignoring = ["env", "--ignore-signal=INT", "--default-signal=HUP"]
        words = [*ignoring, sys.executable, "-c", RUNNER, child, str(free_port), str(tmp_path)]
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout and process.stderr
        assert process.stdout.readline() == "all ready\n"
        yield process
        process.kill()
        process.communicate()

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_ends_everything(
        self,
        command: subprocess.Popen[str],
        number: signal.Signals,
        free_port: int,
        alive: Callable[[str], list[int]],
    ) -> None:
        assert len(alive(str(free_port))) == 3
        command.send_signal(number)
        output, errors = command.communicate(timeout=20)
        assert command.returncode == 0
        assert output.endswith("Stopped.\n")
        assert errors == ""
        assert not alive(str(free_port))

    def test_sigkill_leaves_nothing(
        self, command: subprocess.Popen[str], free_port: int, alive: Callable[[str], list[int]]
    ) -> None:
        assert len(alive(str(free_port))) == 3
        command.kill()
        command.communicate(timeout=20)
        wait_until(lambda: not alive(str(free_port)), "parts are left")

    def test_a_part_that_dies_ends_the_others(
        self, command: subprocess.Popen[str], free_port: int, alive: Callable[[str], list[int]]
    ) -> None:
        httpx.post(f"http://127.0.0.1:{free_port}/")
        _, errors = command.communicate(timeout=20)
        assert command.returncode == 1
        assert "PartFailedError: the web stopped with exit code 3" in errors
        assert not alive(str(free_port))
