"""`python -m bot run`: the whole product, until Ctrl-C."""

from __future__ import annotations

import signal
import time

from bot.cli.model import ensure_model
from bot.cli.parts import prepare_databases, product
from bot.cli.paths import LOGS, ROOT
from bot.cli.settings import load_settings
from bot.cli.supervisor import Supervisor


def stop_on_signals() -> None:
    """Make SIGTERM and SIGHUP end this process as Ctrl-C does, so that `finally` runs."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def ignore_signals() -> None:
    """Let nothing interrupt the orderly end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def run() -> int:
    """Train if needed, migrate, start everything, watch; returns the exit code. Raises CommandError."""
    stop_on_signals()
    settings = load_settings()
    began = time.monotonic()
    model = ensure_model(print)
    prepare_databases(settings)
    supervisor = Supervisor(product(settings, model), LOGS)
    try:
        print("Starting …", flush=True)
        supervisor.start()
        print(f"Ready in {time.monotonic() - began:.0f} s: {settings.gateway_url}/", flush=True)
        print(f"Logs: {LOGS.relative_to(ROOT)}/   Stop: Ctrl-C", flush=True)
        supervisor.watch()
    except KeyboardInterrupt:
        ignore_signals()
        print("\nStopping …", flush=True)
    finally:
        ignore_signals()
        supervisor.stop()
    print("Stopped.", flush=True)
    return 0
