"""Fixtures shared by every test package."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listened on a moment ago."""
    return _free_port()


def _postgres_bin() -> Path:
    """The folder of Debian's newest PostgreSQL server programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is not installed; run `make test-deps`")
    return found[-1].parent


def _as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package makes the user `postgres`."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    return command


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Base address of a private PostgreSQL cluster on loopback, `postgresql+psycopg://…:port`."""
    programs = _postgres_bin()
    # Not below pytest's own folder: a second pytest closes that to the user `postgres`.
    folder = Path(tempfile.mkdtemp(prefix="support-postgres-"))
    data = folder / "data"
    data.mkdir()
    if os.geteuid() == 0:
        folder.chmod(0o711)
        shutil.chown(data, "postgres", "postgres")
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    initialise = [str(programs / "initdb"), "-D", str(data), "-U", "support", "-A", "trust", "--no-sync"]
    subprocess.run(_as_postgres(initialise), check=True, capture_output=True, env=environment, cwd="/")
    port = _free_port()
    options = ["-p", str(port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off", "-c", "max_connections=200"]
    server = subprocess.Popen(
        _as_postgres([str(programs / "postgres"), "-D", str(data), *options]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
    )
    ready = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    deadline = time.monotonic() + 30
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"PostgreSQL did not start (exit code {server.poll()})")
        time.sleep(0.05)
    yield f"postgresql+psycopg://support@127.0.0.1:{port}"
    # SIGTERM would wait for clients that a test left connected; SIGINT is PostgreSQL's fast shutdown.
    server.send_signal(signal.SIGINT)
    server.wait(timeout=30)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy address of a fresh, empty database: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/support.db"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    # PostgreSQL's own programs: the two environments have different drivers.
    at = ["--host", "127.0.0.1", "--username", "support", "--port", server.rpartition(":")[2]]
    # A third of the time: copies the files instead of writing them through the log. PostgreSQL 15 and newer.
    quickly = ["--strategy=file_copy"] if float(_postgres_bin().parent.name) >= 15 else []
    subprocess.run([str(_postgres_bin() / "createdb"), *quickly, *at, name], check=True)
    yield f"{server}/{name}"
    subprocess.run([str(_postgres_bin() / "dropdb"), "--force", *at, name], check=True)


class Stack:
    """The running product: every part but the reader bridge, on ports and databases of its own."""

    def __init__(self, folder: Path) -> None:
        # Here and not above: the engine's environment reads this file too and has none of these.
        from bot.cli.model import ensure_model
        from bot.cli.parts import prepare_databases, product
        from bot.cli.ports import find_free
        from bot.cli.settings import CliSettings
        from bot.cli.supervisor import Supervisor

        self.database_url = f"sqlite:///{folder}/support.db"
        self.tracker_url = f"sqlite:///{folder}/tracker.db"
        self.outbox = folder / "outbox"
        self.logs = folder / "log"
        environment = {
            "SUPPORT_MODE": "local",
            "SUPPORT_DATABASE_URL": self.database_url,
            "SUPPORT_TRACKER_URL": self.tracker_url,
            "SUPPORT_MAIL_URL": f"file:{self.outbox}",
        }
        gateway, engine, actions = find_free(3)
        settings = CliSettings(mode="local", gateway_port=gateway, engine_port=engine, actions_port=actions)
        self.gateway_url = settings.gateway_url
        self.engine_url = settings.engine_url
        self.actions_url = settings.actions_url
        prepare_databases(settings, environment)
        self._supervisor = Supervisor(product(settings, ensure_model(print), environment), self.logs)

    def start(self) -> None:
        """Start every part and wait until it is ready."""
        self._supervisor.start()

    def stop(self) -> None:
        """Stop every part."""
        self._supervisor.stop()

    def kill(self, part: str) -> None:
        """End a part (`gateway`, `engine`, `actions`, `order worker`) with SIGKILL; it stays down."""
        self._supervisor.kill(part)

    def restart(self, part: str) -> None:
        """Start a part again, stopping it first if it runs, and wait until it is ready."""
        self._supervisor.restart(part)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running product with demo data, started once for all tests that ask for it.

    A test that kills a part restarts it before it ends.
    """
    running = Stack(tmp_path_factory.mktemp("stack"))
    running.start()
    yield running
    running.stop()
