"""Installs the bridge alone into a fresh environment: `python deploy/reader_bridge/check_install.py`.

Run it with the oldest Python that is supported (3.10) as well as a current one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_WANTED = {"rasa", "rasa-sdk", "tensorflow", "sqlalchemy", "spacy"}


def run(*command: str) -> str:
    """The program's output; `CalledProcessError` when it fails."""
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=tempfile.gettempdir())  # noqa: S603
    return answer.stdout


def main() -> None:
    """Prints the version and how many packages there are."""
    with tempfile.TemporaryDirectory(prefix="reader") as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
        run(python, "-m", "pip", "install", "--quiet", f"{ROOT}[reader]")
        installed = {
            item["name"].lower() for item in json.loads(run(python, "-m", "pip", "list", "--format=json"))
        }
        if unwanted := installed & NOT_WANTED:
            raise SystemExit(f"not alone: {sorted(unwanted)}")
        report = json.loads(run(python, "-m", "reader_bridge", "diagnose", "--json", "--no-pkcs11"))
        version = run(python, "-m", "reader_bridge", "--version").strip()
        print(f"{version}, {len(installed)} packages, first finding {report['findings'][0]['code']}")  # noqa: T201


if __name__ == "__main__":
    main()
