"""The domain and the training messages as the files have them, without Rasa."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]


def load_yaml(path: Path) -> Any:
    """What a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def load_domain() -> dict[str, Any]:
    """`domain.yml` and `domain/*.yml`, merged."""
    merged: dict[str, Any] = defaultdict(dict)
    for path in [ROOT / "domain.yml", *sorted((ROOT / "domain").glob("*.yml"))]:
        for key, value in load_yaml(path).items():
            if isinstance(value, dict):
                merged[key].update(value)
            elif isinstance(value, list):
                merged[key] = [*(merged.get(key) or []), *value]
    return merged


def training_messages() -> Iterator[tuple[str, str]]:
    """Label and text of every training message."""
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in load_yaml(path)["nlu"]:
            for line in block["examples"].splitlines():
                if line.strip():
                    yield block["intent"], line.strip().removeprefix("- ")
