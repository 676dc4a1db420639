"""What a message was about, for the gateway's figures (docs/architecture.md, directive `topics`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.events import UserUttered

from bot.nlu.classifier import TALK

_TITLES = Path(__file__).parents[2] / "data" / "catalogue" / "titles.yml"


def topics_directive(sender_id: str, message: UserUttered | None) -> dict[str, Any] | None:
    """The directive that names what `message` was about; None when that is nothing with a title."""
    parse_data = (message and message.parse_data) or {}
    label = (parse_data.get("intent") or {}).get("name")
    selected = ((parse_data.get("response_selector") or {}).get(label) or {}).get("response") or {}
    found = [selected.get("intent_response_key") or label, *(parse_data.get("topics") or ())]
    labels = [label for label in dict.fromkeys(found) if label in _counted()]
    if not labels:
        return None
    return {"recipient_id": sender_id, "custom": {"directive": "topics", "labels": labels}}


@cache
def _counted() -> frozenset[str]:
    """Every label with a title that is a question or a task, not talk."""
    return frozenset(yaml.safe_load(_TITLES.read_text(encoding="utf-8"))) - TALK
