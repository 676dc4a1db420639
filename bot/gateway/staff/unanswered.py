"""Which of the bot's sentences say that it could not answer: those of the dialogue's own domain files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import yaml

_DOMAIN: Final = Path(__file__).parents[3] / "domain" / "conversation.yml"
_NAMES: Final = (
    "utter_not_understood",
    "utter_did_you_mean",
    "utter_offer_human",
    "utter_out_of_scope",
    "utter_technical_error",
    "utter_default",
)
_SHORTEST: Final = 20


def is_misunderstood(text: str) -> bool:
    """Whether the bot said that it did not understand, or that something went wrong."""
    return text.startswith(_openings())


@cache
def _openings() -> tuple[str, ...]:
    """The first sentence of each, up to a value that is filled in. None where there is no dialogue."""
    if not _DOMAIN.is_file():
        return ()
    responses = yaml.safe_load(_DOMAIN.read_text(encoding="utf-8")).get("responses", {})
    said = (variant["text"] for name in _NAMES for variant in responses.get(name, ()))
    return tuple(
        opening for text in said if len(opening := text.split("{")[0].split(". ")[0].strip()) >= _SHORTEST
    )
