"""Run every static check and report all of them, not only the first that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / ".venv" / "bin"
ENGINE = ROOT / ".venv-engine" / "bin"

CHECKS: dict[str, list[str]] = {
    "ruff": [f"{APP}/ruff", "check", "--quiet", "."],
    "format": [f"{APP}/ruff", "format", "--check", "--quiet", "."],
    "mypy (app)": [f"{APP}/mypy"],
    "mypy (engine)": [
        f"{APP}/mypy",
        *("--python-executable", f"{ENGINE}/python", "--python-version", "3.10"),
        *("--cache-dir", ".mypy_cache/engine"),
        *("-p", "bot.nlu", "-p", "bot.engine"),
    ],
    "imports": [f"{APP}/lint-imports", "--config", "pyproject.toml"],
    "data": [f"{APP}/python", "scripts/validate_data.py"],
}


def main() -> int:
    """Run the checks; returns 1 when one of them failed, after printing what it said."""
    failed = []
    for name, command in CHECKS.items():
        result = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        print(f"lint: {name:14} {'FAILED' if result.returncode else 'ok'}", flush=True)
        if result.returncode:
            failed.append(name)
            print(result.stdout, flush=True)
    if failed:
        print(f"lint: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
