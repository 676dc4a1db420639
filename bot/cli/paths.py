"""Where things are in the project's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
APP_PYTHON: Final = ROOT / ".venv" / "bin" / "python"
ENGINE_PYTHON: Final = ROOT / ".venv-engine" / "bin" / "python"
MODELS: Final = ROOT / "models"
LOGS: Final = ROOT / "var" / "log"
