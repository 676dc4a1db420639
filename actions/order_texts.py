"""How an order, and what speaks against one, is said. The words stand in domain/orders.yml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk.executor import CollectingDispatcher

from actions.orders import DraftCheck, Order, OrderDraft, OrderKind, OrderState, Problem, ReserveReason

_STOCKHOLM = ZoneInfo("Europe/Stockholm")
KINDS = {
    OrderKind.PUK: "PUK-kod",
    OrderKind.RESERVE_CARD: "Reservkort",
    OrderKind.ORDINARY_CARD: "SITHS-kort (ordinarie)",
    OrderKind.CARD_READER: "Kortläsare",
}
# What each order is for, in the middle of a sentence.
THINGS = {
    "order_puk": "en PUK-kod",
    "order_reserve_card": "ett reservkort",
    "order_siths_card": "ett ordinarie SITHS-kort",
    "order_card_reader": "kortläsare",
}
STATES = {
    OrderState.RECEIVED: "mottagen",
    OrderState.HANDLED: "under hantering",
    OrderState.SENT: "skickad",
    OrderState.CANCELLED: "avbeställd",
}
REASONS = {
    ReserveReason.TEMPORARY_STAFF: "Tillfällig personal",
    ReserveReason.NO_PERSONNUMMER: "Saknar svenskt personnummer",
    ReserveReason.LOST_CARD: "Ersätter förlorat kort",
    ReserveReason.OTHER: "Annat",
}
NEXT_STEPS = {
    OrderKind.PUK: "PUK-koden skickas till kortanvändarens folkbokföringsadress inom några dagar.",
    OrderKind.RESERVE_CARD: "Vi hanterar beställningen och skickar reservkortet. Aktiveringen gör ni själva.",
    OrderKind.ORDINARY_CARD: "Vi hanterar beställningen. När kortet har kommit ska det aktiveras.",
    OrderKind.CARD_READER: "Vi hanterar beställningen och skickar kortläsarna.",
}
TO_HOLDER = "Kortanvändarens folkbokföringsadress"


def day(moment: datetime) -> str:
    """A day as people say it: `i dag`, `i går`, or the date."""
    today = datetime.now(_STOCKHOLM).date()
    date = moment.astimezone(_STOCKHOLM).date()
    return {0: "i dag", 1: "i går"}.get((today - date).days, f"den {date.isoformat()}")


def summary_lines(draft: OrderDraft, check: DraftCheck) -> list[dict[str, str]]:
    """Label and value of each line of an order's summary."""
    holder = check.holder
    lines = {
        "Beställning": KINDS[draft.kind],
        "Antal": str(draft.quantity) if draft.kind is OrderKind.CARD_READER else None,
        "Till": f"{holder.name}, {holder.hsa_id}" if holder else draft.hsa_id,
        "Tillitsnivå": str(draft.level) if draft.level else None,
        "Anledning": _reason(draft),
        "Skickas till": check.delivery.line if check.delivery else TO_HOLDER,
    }
    return [{"label": label, "value": value} for label, value in lines.items() if value]


def current(draft: OrderDraft, label: str, name: str | None) -> str:
    """The open order in one sentence's words."""
    whom = name or draft.hsa_id
    level = f", tillitsnivå {draft.level}" if draft.level else ""
    return THINGS[label] + (f" till {whom}" if whom else "") + level


def noted(values: Mapping[str, Any]) -> str:
    """Details of an order, as `slot: value`, in the middle of a sentence."""
    said = {
        "hsa_id": "HSA-id {}",
        "assurance_level": "tillitsnivå {}",
        "reserve_reason": "anledning: {}",
        "quantity": "antal {}",
        "delivery": "adress: {}",
    }
    return ", ".join(said[slot].format(_as_said(slot, value)) for slot, value in values.items())


def _as_said(slot: str, value: Any) -> str:
    if slot == "reserve_reason":
        return REASONS[ReserveReason(value)].lower()
    if slot != "delivery":
        return str(value)
    return f"{value['street']}, {value['city']}" if isinstance(value, dict) else "er registrerade adress"


def _reason(order: OrderDraft | Order) -> str | None:
    if order.reason is None:
        return None
    return REASONS[order.reason] + (f": {order.note}" if order.note else "")


def receipt(order: Order) -> dict[str, Any]:
    """The fields of the directive `order_receipt` (docs/architecture.md)."""
    lines = {
        "Beställning": KINDS[order.kind],
        "Antal": str(order.quantity) if order.kind is OrderKind.CARD_READER else None,
        "Till": ", ".join(filter(None, (order.holder_name, order.hsa_id))) or None,
        "Tillitsnivå": str(order.level) if order.level else None,
        "Anledning": _reason(order),
        "Skickas till": order.delivery.line if order.delivery else TO_HOLDER,
    }
    return {
        "order_number": order.number,
        "kind": str(order.kind),
        "lines": [{"label": label, "value": value} for label, value in lines.items() if value],
        "next_step": NEXT_STEPS[order.kind],
    }


def status_line(order: Order) -> str:
    """One order on one line."""
    what = (
        f"{order.quantity} {KINDS[order.kind].lower()}"
        if order.kind is OrderKind.CARD_READER
        else KINDS[order.kind]
    )
    whom = f" till {order.holder_name}" if order.holder_name else ""
    return f"{order.number}: {what}{whom}, beställd {day(order.created_at)}, {STATES[order.state]}"


def utter_problem(dispatcher: CollectingDispatcher, problem: Problem, draft: OrderDraft) -> None:
    """Say why the draft cannot be ordered, and what helps."""
    dispatcher.utter_message(
        response=f"utter_problem_{problem.code}", **{**problem.facts, "hsa_id": draft.hsa_id or ""}
    )


def utter_duplicate(dispatcher: CollectingDispatcher, existing: Order) -> None:
    """Say that the same thing has been ordered lately, and for whom."""
    dispatcher.utter_message(
        response="utter_order_duplicate_person" if existing.holder_name else "utter_order_duplicate",
        kind=KINDS[existing.kind],
        name=existing.holder_name,
        when=day(existing.created_at),
        existing_number=existing.number,
    )
