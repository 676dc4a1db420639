"""The two bots that are compared: how each is trained and started. Same data, same domain, same actions."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml
from load import converse

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / ".venv-engine" / "bin" / "python"
APP = ROOT / ".venv" / "bin" / "python"
WORK = ROOT / "var" / "bench"
MESSAGES = ROOT / "data" / "nlu"
# What `rasa init` leaves Rasa to choose.
DEFAULTS = "lib/python3.10/site-packages/rasa/engine/recipes/config_files/default_config.yml"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "LOG_LEVEL": "ERROR",
    "PYTHONWARNINGS": "ignore",
    # Train everything, also what an earlier run trained.
    "RASA_MAX_CACHE_SIZE": "0",
}


@dataclass(frozen=True)
class Running:
    """A started server and how long it took until it had answered a message, in seconds."""

    process: psutil.Process
    port: int
    start_time: float

    def memory(self) -> int:
        """Resident bytes of the server and what it started."""
        return sum(each.memory_info().rss for each in [self.process, *self.process.children(recursive=True)])


class Side:
    """One of the two bots."""

    name: str

    @property
    def model(self) -> Path:
        """Where the trained model is."""
        return WORK / f"{self.name}.tar.gz"

    def train(self, messages: Path = MESSAGES, model: Path | None = None) -> float:
        """Trains with `messages` and the project's rules, and gives the seconds it took."""
        begun = time.perf_counter()
        run(self.train_command(messages, model or self.model), f"{self.name}-train.log")
        return time.perf_counter() - begun

    @contextmanager
    def serve(self, actions_port: int) -> Iterator[Running]:
        """The server with a fresh database."""
        for old in WORK.glob(f"{self.name}.db*"):
            old.unlink()
        port = free_port()
        with started(
            self.serve_command(port, actions_port), f"{self.name}.log", self.settings(actions_port)
        ) as server:
            begun = time.perf_counter()
            wait_for(port, server)
            asyncio.run(converse(port, "first", 1))
            yield Running(psutil.Process(server.pid), port, time.perf_counter() - begun)

    def train_command(self, messages: Path, model: Path) -> list[str]:
        raise NotImplementedError

    def serve_command(self, port: int, actions_port: int) -> list[str]:
        raise NotImplementedError

    def settings(self, actions_port: int) -> dict[str, str]:
        raise NotImplementedError


class Ours(Side):
    """This project's engine."""

    name = "ours"

    def train_command(self, messages: Path, model: Path) -> list[str]:
        return [
            *(str(ENGINE), "-m", "bot.engine", "train", "--out", str(model)),
            *("--data", str(messages), "data/stories"),
        ]

    def serve_command(self, port: int, actions_port: int) -> list[str]:
        return [str(ENGINE), "-m", "bot.engine", "serve", "--port", str(port), "--model", str(self.model)]

    def settings(self, actions_port: int) -> dict[str, str]:
        return {
            "SUPPORT_TRACKER_URL": f"sqlite:///{WORK / 'ours.db'}",
            "SUPPORT_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
        }


class Stock(Side):
    """Rasa with the pipeline and policies of `rasa init`, its own server, REST channel and SQLite store."""

    name = "stock"

    def __init__(self, epochs: int | None = None) -> None:
        """`epochs` of training for the components that have them; Rasa's own choice (100) if not given."""
        self.epochs = epochs

    def train_command(self, messages: Path, model: Path) -> list[str]:
        prepare_stock(self.epochs)
        return [
            *(str(ENGINE), "-m", "rasa", "train", "--force", "--config", str(WORK / "stock-config.yml")),
            *("--domain", str(WORK / "stock-domain"), "--data", str(messages), "data/stories"),
            *("--out", str(model.parent), "--fixed-model-name", model.name.removesuffix(".tar.gz")),
        ]

    def serve_command(self, port: int, actions_port: int) -> list[str]:
        endpoints = {
            "action_endpoint": {"url": f"http://127.0.0.1:{actions_port}/webhook"},
            "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(WORK / "stock.db")},
        }
        write_yaml("stock-endpoints.yml", endpoints)
        write_yaml("stock-credentials.yml", {"rest": None})
        return [
            *(str(ENGINE), "-m", "rasa", "run", "--model", str(self.model), "--port", str(port)),
            *("-i", "127.0.0.1", "--credentials", str(WORK / "stock-credentials.yml")),
            *("--endpoints", str(WORK / "stock-endpoints.yml")),
        ]

    def settings(self, actions_port: int) -> dict[str, str]:
        return {}


def prepare_sample(count: int) -> Path:
    """A folder with about `count` of the training messages, from every label its share, at least two."""
    sources = [
        yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"] for path in sorted(MESSAGES.glob("*.yml"))
    ]
    labels: dict[str, list[str]] = {}
    for entry in (entry for source in sources for entry in source if "intent" in entry):
        labels.setdefault(entry["intent"], []).extend(entry["examples"].splitlines())
    step = max(1, sum(map(len, labels.values())) // count)
    sample = [
        {"intent": label, "examples": "\n".join(lines[::step] if len(lines) > step else lines[:2]) + "\n"}
        for label, lines in labels.items()
    ]
    folder = WORK / "sample"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_yaml("sample/nlu.yml", {"version": "3.1", "nlu": sample})
    return folder


def check_environments() -> None:
    """Raises `RuntimeError` naming the first thing that is missing to measure with."""
    for needed in (ENGINE, APP, ENGINE.parents[1] / DEFAULTS):
        if not needed.exists():
            raise RuntimeError(f"{needed.relative_to(ROOT)} is missing; `make bench` sets it up")


def prepare_stock(epochs: int | None) -> None:
    """Writes Rasa's default configuration for Swedish, and the domain as stock Rasa wants it.

    That is: in one folder, with the addresses filled in that our own response generator fills in.
    """
    config = yaml.safe_load((ENGINE.parents[1] / DEFAULTS).read_text(encoding="utf-8"))
    for component in [*config["pipeline"], *config["policies"]]:
        if epochs and "epochs" in component:
            component["epochs"] = epochs
    write_yaml("stock-config.yml", {**config, "language": "sv", "assistant_id": "stock"})
    entries = yaml.safe_load((ROOT / "data/catalogue/addresses.yml").read_text(encoding="utf-8"))
    fallback = entries["support_page"]["url"]
    addresses = {name: entry.get("url") or entry.get("text") or fallback for name, entry in entries.items()}
    folder = WORK / "stock-domain"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in [ROOT / "domain.yml", *(ROOT / "domain").glob("*.yml")]:
        text = source.read_text(encoding="utf-8")
        filled = re.sub(r"{(\w+)}", lambda found: addresses.get(found[1], found[0]), text)
        (folder / f"{source.parent.name}-{source.name}").write_text(filled, encoding="utf-8")


def write_yaml(name: str, content: object) -> None:
    """Writes `content` to a file in the working folder."""
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / name).write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


@contextmanager
def actions() -> Iterator[int]:
    """The action server that both sides use; gives its port."""
    settings = {"SUPPORT_DATABASE_URL": f"sqlite:///{WORK / 'orders.db'}"}
    run([str(APP), "-m", "actions.orders", "migrate"], "migrate.log", settings)
    port = free_port()
    with started(
        [str(APP), "-m", "actions", "serve", "--port", str(port)], "actions.log", settings
    ) as server:
        wait_for(port, server)
        yield port


def run(command: list[str], log: str, settings: dict[str, str] | None = None) -> None:
    """Runs `command` to its end; its output goes to `log`."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / log).open("w") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **QUIET, **(settings or {})},
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:5])} failed; see {WORK / log}")


@contextmanager
def started(command: list[str], log: str, settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `command` until the end of the block."""
    with (WORK / log).open("w") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **QUIET, **settings}, stdout=output, stderr=output
        )
        try:
            yield server
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, server: subprocess.Popen[bytes], patience: float = 240) -> None:
    """Returns when `server` answers HTTP; ends the run if it dies or takes longer than `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"a server stopped with exit code {server.returncode}; see {WORK}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("a server did not answer in time")
