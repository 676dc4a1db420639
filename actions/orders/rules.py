"""The ombud's rules for orders, as pure functions. Source: its page "Kundsupport och information".

- Ordinary card: "krävs en svensk folkbokföringsadress. För de som inte har en … är det endast reservkort".
- Reservkort: "kortet fungerar endast om personen i fråga är registrerad i HSA-katalogen."
- PUK code: "skickas till kortanvändarens folkbokföringsadress inom några dagar", so there must be one.
- The page does not say whether a PUK can be ordered for a reservkort: that is a question for staff.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from actions.orders.addresses import check_address
from actions.orders.errors import InvalidAddress
from actions.orders.mapping import from_address
from actions.orders.sensitive import contains_personnummer
from actions.orders.values import (
    Address,
    CardKind,
    Holder,
    OrderDraft,
    OrderKind,
    OrderState,
    Problem,
    ProblemCode,
    ReserveReason,
)

QUANTITY_MAX: Final = 50
NOTE_MAX: Final = 300
LEVELS: Final = (2, 3)
DUPLICATE_WINDOWS: Final = {
    OrderKind.PUK: timedelta(days=14),
    OrderKind.RESERVE_CARD: timedelta(days=14),
    OrderKind.ORDINARY_CARD: timedelta(days=30),
    OrderKind.CARD_READER: timedelta(days=1),
}
"""How long an order of the same kind, for the same person, makes the bot ask "vill du ändå?"."""
TRANSITIONS: Final[dict[OrderState, frozenset[OrderState]]] = {
    OrderState.RECEIVED: frozenset({OrderState.HANDLED, OrderState.CANCELLED}),
    OrderState.HANDLED: frozenset({OrderState.SENT, OrderState.CANCELLED}),
    OrderState.SENT: frozenset(),
    OrderState.CANCELLED: frozenset(),
}


def needs_holder(kind: OrderKind) -> bool:
    """Whether the order is for a named person."""
    return kind is not OrderKind.CARD_READER


def needs_delivery(kind: OrderKind) -> bool:
    """Whether the order is sent to an address of the customer's choice."""
    return kind in {OrderKind.CARD_READER, OrderKind.RESERVE_CARD}


def trimmed(draft: OrderDraft, hsa_id: str | None, delivery: Address | None) -> OrderDraft:
    """The draft with only what its kind uses: what is stored, and what two requests are compared by."""
    reserve, reader = draft.kind is OrderKind.RESERVE_CARD, draft.kind is OrderKind.CARD_READER
    return OrderDraft(
        kind=draft.kind,
        hsa_id=hsa_id if needs_holder(draft.kind) else None,
        level=draft.level if reserve else None,
        reason=draft.reason if reserve else None,
        note=((draft.note or "").strip() or None) if reserve or reader else None,
        quantity=draft.quantity if reader else 1,
        delivery=delivery if needs_delivery(draft.kind) else None,
    )


def fingerprint(draft: OrderDraft) -> str:
    """Equal for equal trimmed drafts."""
    parts = [draft.kind, draft.hsa_id, draft.level, draft.reason, draft.note, draft.quantity]
    text = json.dumps([*parts, from_address(draft.delivery)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def find_problems(
    draft: OrderDraft, *, customer_closed: bool, holder: Holder | None, delivery: Address | None
) -> tuple[Problem, ...]:
    """Every reason against the draft, the ones no answer can mend first."""
    found = [*_customer(customer_closed)]
    if needs_holder(draft.kind):
        found += _person(draft, holder)
    if draft.kind is OrderKind.RESERVE_CARD:
        found += _reserve(draft)
    if draft.kind is OrderKind.CARD_READER and not 1 <= draft.quantity <= QUANTITY_MAX:
        found.append(Problem(ProblemCode.QUANTITY_OUT_OF_RANGE, "quantity", {"min": 1, "max": QUANTITY_MAX}))
    found += _note(draft.note or "")
    if needs_delivery(draft.kind):
        found += _delivery(delivery)
    return tuple(found)


def _customer(closed: bool) -> Iterator[Problem]:
    if closed:
        yield Problem(ProblemCode.CUSTOMER_CLOSED, None)


def _person(draft: OrderDraft, holder: Holder | None) -> Iterator[Problem]:
    if not draft.hsa_id:
        yield Problem(ProblemCode.HOLDER_MISSING, "hsa_id")
    elif holder is None:
        yield Problem(ProblemCode.HOLDER_NOT_FOUND, "hsa_id", {"hsa_id": draft.hsa_id})
    else:
        yield from _kind_against_person(draft.kind, holder)


def _kind_against_person(kind: OrderKind, holder: Holder) -> Iterator[Problem]:
    facts = {"hsa_id": holder.hsa_id, "name": holder.name}
    if kind is OrderKind.RESERVE_CARD and not holder.in_hsa:
        yield Problem(ProblemCode.HOLDER_NOT_IN_HSA, None, facts)
    if kind in {OrderKind.ORDINARY_CARD, OrderKind.PUK} and not holder.has_swedish_address:
        yield Problem(ProblemCode.NO_SWEDISH_ADDRESS, None, facts)
    if kind is OrderKind.PUK and holder.card_kind is CardKind.NONE:
        yield Problem(ProblemCode.NO_CARD, None, facts)
    if kind is OrderKind.PUK and holder.card_kind is CardKind.RESERVE:
        yield Problem(ProblemCode.PUK_FOR_RESERVE_CARD, None, facts)


def _reserve(draft: OrderDraft) -> Iterator[Problem]:
    if draft.level is None:
        yield Problem(ProblemCode.LEVEL_MISSING, "level")
    elif draft.level not in LEVELS:
        yield Problem(ProblemCode.LEVEL_INVALID, "level", {"level": draft.level})
    if draft.reason is None or (draft.reason is ReserveReason.OTHER and not (draft.note or "").strip()):
        yield Problem(ProblemCode.REASON_MISSING, "reason" if draft.reason is None else "note")


def _note(note: str) -> Iterator[Problem]:
    if len(note.strip()) > NOTE_MAX:
        yield Problem(ProblemCode.NOTE_TOO_LONG, "note", {"max": NOTE_MAX})
    if contains_personnummer(note):
        yield Problem(ProblemCode.PERSONNUMMER_IN_TEXT, "note")


def _delivery(delivery: Address | None) -> Iterator[Problem]:
    if delivery is None:
        yield Problem(ProblemCode.DELIVERY_MISSING, "delivery")
        return
    try:
        check_address(delivery)
    except InvalidAddress as error:
        code = ProblemCode.DELIVERY_INVALID
        if error.reason == "personnummer":
            code = ProblemCode.PERSONNUMMER_IN_TEXT
        yield Problem(code, "delivery", {"reason": error.reason})
