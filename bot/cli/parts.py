"""The parts of the product and how each is started (docs/architecture.md, "Starting the parts")."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bot.cli.errors import CommandError
from bot.cli.model import QUIET
from bot.cli.paths import APP_PYTHON, ENGINE_PYTHON, ROOT
from bot.cli.settings import CliSettings
from bot.cli.supervisor import Part


def product(settings: CliSettings, model: Path, environment: Mapping[str, str] | None = None) -> list[Part]:
    """Every part of the running product, in starting order; `environment` is added to each."""
    shared = {
        **QUIET,
        "SUPPORT_ENGINE_URL": settings.engine_url,
        "SUPPORT_ACTIONS_URL": settings.actions_url,
        **(environment or {}),
    }
    app, engine = str(APP_PYTHON), str(ENGINE_PYTHON)
    actions_port, engine_port, gateway_port = map(
        str, (settings.actions_port, settings.engine_port, settings.gateway_port)
    )
    return [
        Part(
            "actions",
            [app, "-m", "actions", "serve", "--port", actions_port],
            settings.actions_port,
            f"{settings.actions_url}/health",
            shared,
        ),
        Part(
            "engine",
            [engine, "-m", "bot.engine", "serve", "--port", engine_port, "--model", str(model)],
            settings.engine_port,
            f"{settings.engine_url}/",
            {**shared, "SUPPORT_ACTIONS_URL": f"{settings.actions_url}/webhook"},
            ready_seconds=180,
        ),
        Part("order worker", [app, "-m", "actions.orders", "worker"], environment=shared),
        Part(
            "gateway",
            [app, "-m", "bot.gateway", "serve", "--host", settings.gateway_host, "--port", gateway_port],
            settings.gateway_port,
            f"{settings.gateway_url}/health/live",
            shared,
        ),
    ]


def prepare_databases(settings: CliSettings, environment: Mapping[str, str] | None = None) -> None:
    """Bring the schemas up to date and, in local mode, add the demo data. Raises CommandError."""
    steps = [["actions.orders", "migrate"], ["bot.gateway", "migrate"]]
    if settings.mode == "local":
        steps.append(["actions.orders", "seed"])
    (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
    for module, verb in steps:
        result = subprocess.run(
            [str(APP_PYTHON), "-m", module, verb],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            lines = (result.stderr.strip() or result.stdout.strip()).splitlines()
            raise CommandError(
                f"{module} {verb} failed: {lines[-1] if lines else f'exit code {result.returncode}'}"
            )
