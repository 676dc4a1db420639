"""Compile the requirement files from pyproject.toml: exact versions, hashes, no index address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts.environments import ensure_uv  # noqa: E402

FILES: dict[str, list[str]] = {
    "app": ["--extra", "app", "--universal", "--python-version", "3.11"],
    "dev": [
        *("--extra", "app", "--extra", "reader", "--group", "dev"),
        *("--universal", "--python-version", "3.11", "-c", "requirements/app.txt"),
    ],
    "reader": ["--extra", "reader", "--universal", "--python-version", "3.10"],
    "engine": ["--extra", "engine", "--python-version", "3.10"],
    "engine-dev": [
        *("--extra", "engine", "--group", "engine-dev"),
        *("--python-version", "3.10", "-c", "requirements/engine.txt"),
    ],
}
COMMON = ["--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet", "--no-annotate"]


def main() -> int:
    """Compile every file; `--upgrade` and other options are passed on to uv."""
    uv = ensure_uv()
    for name, options in FILES.items():
        print(f"lock: requirements/{name}.txt", flush=True)
        command = [str(uv), "pip", "compile", "pyproject.toml", *options, *COMMON, *sys.argv[1:]]
        subprocess.run([*command, "-o", f"requirements/{name}.txt"], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
