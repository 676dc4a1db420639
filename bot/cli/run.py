"""`python -m bot run`: the whole product, until Ctrl-C."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from bot.cli.model import ensure_model, model_path
from bot.cli.parts import prepare_databases, product
from bot.cli.paths import LOGS, ROOT
from bot.cli.settings import load_settings
from bot.cli.supervisor import Supervisor, refuse_taken_ports


def stop_on_signals() -> None:
    """Make SIGTERM and SIGHUP end this process as Ctrl-C does, so that `finally` runs.

    SIGINT is set too, since a shell starts background jobs with it ignored; `nohup` keeps its meaning.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def ignore_signals() -> None:
    """Let nothing interrupt the orderly end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def supervise(supervisor: Supervisor, announce: Callable[[], None]) -> int:
    """Start the parts, announce them, watch until a signal; returns the exit code.

    Raises PortTakenError or PartFailedError. Nothing is left running in any case.
    """
    stop_on_signals()
    try:
        supervisor.start()
        announce()
        supervisor.watch()
    except KeyboardInterrupt:
        ignore_signals()
        print("\nStopping …", flush=True)
    finally:
        ignore_signals()
        supervisor.stop()
    print("Stopped.", flush=True)
    return 0


def run() -> int:
    """Train if needed, migrate, start everything, watch; returns the exit code. Raises CommandError."""
    stop_on_signals()
    settings = load_settings()
    began = time.monotonic()
    # Before anything that takes time; `start` looks again.
    refuse_taken_ports(product(settings, model_path()))
    model = ensure_model(print)
    prepare_databases(settings)
    print("Starting …", flush=True)

    def announce() -> None:
        print(f"Ready in {time.monotonic() - began:.0f} s: {settings.gateway_url}/", flush=True)
        print(f"Logs: {LOGS.relative_to(ROOT)}/   Stop: Ctrl-C", flush=True)

    return supervise(Supervisor(product(settings, model), LOGS), announce)
