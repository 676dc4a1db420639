"""Labels (docs/nlu.md) by what the dialogue does with them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions.guides.model import load_guides

_CATALOGUE = Path(__file__).resolve().parents[1] / "data" / "catalogue"

ORDERS = {
    "order_puk": "order_puk_form",
    "order_reserve_card": "order_reserve_card_form",
    "order_siths_card": "order_siths_card_form",
    "order_card_reader": "order_card_reader_form",
}
ORDER_FORMS = {
    **ORDERS,
    "check_order_status": "order_lookup_form",
    "list_orders": "order_lookup_form",
    "cancel_order": "order_lookup_form",
}
# Answered by the response `utter_<label>`, also in the middle of something else.
SMALL_TALK = frozenset(
    {
        "greet",
        "thank",
        "goodbye",
        "small_talk",
        "insult",
        "praise",
        "complaint",
        "ask_bot_identity",
        "ask_capabilities",
        "speak_english",
        "out_of_scope",
    }
)
EVENTS = frozenset({"card_report", "card_check_failed", "handed_back"})


@lru_cache(maxsize=1)
def guide_entries() -> dict[str, str]:
    """Label → the step `guide/step` at which it begins."""
    entries = {}
    for guide in load_guides().values():
        entries[guide.name] = f"{guide.name}/{guide.first}"
        entries |= {
            label: f"{guide.name}/{step}"
            for label, step in guide.entries.items()
            if not label.startswith("faq/")
        }
    return entries


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Label → what it is called on a button."""
    return dict(yaml.safe_load((_CATALOGUE / "titles.yml").read_text(encoding="utf-8")))


def label_of_title(title: str) -> str | None:
    """The label that a button's title stands for, if it is one of `titles`."""
    return next((label for label, name in titles().items() if name == title), None)


@lru_cache(maxsize=1)
def _covers() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load((_CATALOGUE / "covers.yml").read_text(encoding="utf-8")))


def covered(labels: Iterable[str]) -> frozenset[str]:
    """Those of `labels` in whose place another of them is answered (`data/catalogue/covers.yml`)."""
    asked = frozenset(labels)
    return asked & {other for label in asked for other in _covers()["instead"].get(label, ())}


def offered_by(labels: Iterable[str]) -> frozenset[str]:
    """The orders that the answers to `labels` end by offering."""
    return frozenset(_covers()["offers"][label] for label in labels if label in _covers()["offers"])


def starts_task(label: str) -> bool:
    """Whether the label begins a guide, an order or a card check."""
    return label in guide_entries() or label in ORDER_FORMS or label == "check_my_card"
