"""The values that go in and out of the order service. Frozen; no database session hangs on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OrderKind(StrEnum):
    """What can be ordered."""

    PUK = "puk"
    RESERVE_CARD = "reserve_card"
    ORDINARY_CARD = "ordinary_card"
    CARD_READER = "card_reader"


class OrderState(StrEnum):
    """Where an order is. `sent` and `cancelled` are final."""

    RECEIVED = "received"
    HANDLED = "handled"
    SENT = "sent"
    CANCELLED = "cancelled"


class ReserveReason(StrEnum):
    """Why a reservkort is needed: the cases the ombud's own page names, and anything else."""

    TEMPORARY_STAFF = "temporary_staff"
    NO_PERSONNUMMER = "no_personnummer"
    LOST_CARD = "lost_card"
    OTHER = "other"


class CardKind(StrEnum):
    """The card a holder has, as far as the register knows."""

    ORDINARY = "ordinary"
    RESERVE = "reserve"
    NONE = "none"
    UNKNOWN = "unknown"


class VerificationMethod(StrEnum):
    """How the customer was verified."""

    CODE = "code"
    PORTAL = "portal"


class ProblemCode(StrEnum):
    """Why a draft cannot become an order."""

    CUSTOMER_CLOSED = "customer_closed"
    HOLDER_MISSING = "holder_missing"
    HOLDER_NOT_FOUND = "holder_not_found"
    HOLDER_NOT_IN_HSA = "holder_not_in_hsa"
    NO_SWEDISH_ADDRESS = "no_swedish_address"
    NO_CARD = "no_card"
    PUK_FOR_RESERVE_CARD = "puk_for_reserve_card"
    LEVEL_MISSING = "level_missing"
    LEVEL_INVALID = "level_invalid"
    REASON_MISSING = "reason_missing"
    NOTE_TOO_LONG = "note_too_long"
    PERSONNUMMER_IN_TEXT = "personnummer_in_text"
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"
    DELIVERY_MISSING = "delivery_missing"
    DELIVERY_INVALID = "delivery_invalid"


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is sent, in Sweden. `postal_code` is five digits; print it with `line`."""

    recipient: str
    street: str
    postal_code: str
    city: str

    @property
    def line(self) -> str:
        """The address on one line, as people write it: `Storgatan 1, 753 20 Uppsala`."""
        place = f"{self.street}, {self.postal_code[:3]} {self.postal_code[3:]} {self.city}"
        return f"{self.recipient}, {place}" if self.recipient else place


@dataclass(frozen=True, slots=True)
class VerifiedCustomer:
    """Who the visitor has proved to act for, until `expires_at` (UTC), in one conversation only."""

    customer_number: str
    customer_name: str
    contact_email: str
    method: VerificationMethod
    verified_at: datetime
    expires_at: datetime
    closed: bool
    delivery_address: Address | None
    """The customer's own address in the register; used when a draft names none."""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """The one answer to every request for a one-time code, whether or not anybody was written to."""

    digits: int
    valid_minutes: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A card holder of the verified customer. `hsa_id` is spelled as in the register."""

    hsa_id: str
    name: str
    in_hsa: bool
    """Registered in the HSA catalogue: without it a reservkort does not work."""
    has_swedish_address: bool
    """Has a Swedish folkbokföringsadress: needed for an ordinary card and for a PUK letter."""
    card_kind: CardKind


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """What the visitor has said so far. Only the fields of its kind are read:

    - `puk` and `ordinary_card`: hsa_id
    - `reserve_card`: hsa_id, level (2 or 3), reason, note?, delivery?
    - `card_reader`: quantity (1-50), note?, delivery?

    Without `delivery` the customer's own address is used.
    """

    kind: OrderKind
    hsa_id: str | None = None
    level: int | None = None
    reason: ReserveReason | None = None
    note: str | None = None
    quantity: int = 1
    delivery: Address | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason against a draft. `field` names the answer to ask for again; None when no answer helps."""

    code: ProblemCode
    field: str | None
    facts: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as its customer may see it. Times are UTC."""

    number: str
    kind: OrderKind
    state: OrderState
    customer_number: str
    hsa_id: str | None
    holder_name: str | None
    level: int | None
    reason: ReserveReason | None
    note: str | None
    quantity: int
    delivery: Address | None
    placed_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def can_be_cancelled(self) -> bool:
        """Whether the customer may still cancel it: nobody has begun to handle it."""
        return self.state is OrderState.RECEIVED


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """The verdict on a draft: `problems` forbid it, `duplicates` only ask for a yes."""

    problems: tuple[Problem, ...]
    duplicates: tuple[Order, ...]
    holder: Holder | None
    delivery: Address | None
    """Where it would be sent; None for what goes to the holder's folkbokföringsadress."""

    @property
    def allowed(self) -> bool:
        """Whether no rule forbids the order."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """A committed order. `created` is False when the same key had placed it before."""

    order: Order
    created: bool


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One line of an order's append-only history."""

    at: datetime
    actor: str
    from_state: OrderState | None
    to_state: OrderState
    remark: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to tell another system: `state` is `pending`, `delivered` or `dead`."""

    id: int
    delivery_id: str
    topic: str
    destination: str
    order_number: str
    state: str
    attempts: int
    next_attempt_at: datetime
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """Everything staff may see of an order, for the console and `show`."""

    order: Order
    customer_name: str
    conversation_id: str | None
    events: tuple[OrderEvent, ...]
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What to list; None means any. `after` is the last number of the previous page."""

    state: OrderState | None = None
    kind: OrderKind | None = None
    customer_number: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 50
