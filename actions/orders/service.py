"""The one door to the order store, for the dialogue, the gateway and the command line.

Plain Python, synchronous, safe to share between threads; several processes may use one database. Every call
answers or raises within three seconds. After `StoreUnavailable` make the same call again: never half is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actions.orders.database import Database
from actions.orders.errors import HolderNotFound, OrderStoreError
from actions.orders.hsa_ids import parse_hsa_id
from actions.orders.mail import Mailer, Postman, open_mailer
from actions.orders.mapping import to_holder, to_order, to_verified
from actions.orders.models import OrderRow, VerificationRow
from actions.orders.numbers import parse_order_number
from actions.orders.ordering import Ordering, find_order, holder_row
from actions.orders.outbox import Destination, Outbox
from actions.orders.portal import PortalIdentity, PortalTokens
from actions.orders.schema import check_schema
from actions.orders.settings import OrderSettings
from actions.orders.staff import StaffDesk
from actions.orders.values import (
    CodeRequest,
    DraftCheck,
    Holder,
    Order,
    OrderDraft,
    PlacedOrder,
    VerifiedCustomer,
)
from actions.orders.verification import Verifications

_LIST_MAX = 50
_CONVERSATION_ID_MAX = 100
_KEY_MAX = 64


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


def new_idempotency_key() -> str:
    """A key for one errand: make it with the summary, keep it until the order is placed or dropped."""
    return secrets.token_hex(16)


class OrderService:
    """Everything that can be done with orders. `staff` and `outbox` are the staff's side of it."""

    def __init__(
        self,
        database: Database,
        settings: OrderSettings,
        *,
        mailer: Mailer | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database = database
        self._portal = PortalTokens(settings.portal_public_key)
        self._postman = Postman(mailer or open_mailer(settings.mail_url.get_secret_value()))
        key = settings.secret_key.get_secret_value().encode()
        self._verifications = Verifications(
            database, key, self._postman, settings.mail_from, clock, codes_per_address=settings.code_limit
        )
        self.outbox = Outbox(database, _destinations(settings), settings.order_max_attempts, clock)
        self._ordering = Ordering(self.outbox, clock)
        self.staff = StaffDesk(database, self._ordering)

    @classmethod
    def open(cls, settings: OrderSettings, *, clock: Callable[[], datetime] = utc_now) -> Self:
        """The service on the configured database; raises `StoreUnavailable` or `SchemaOutOfDate`."""
        database = Database(settings.database_url.get_secret_value())
        try:
            check_schema(database)
            return cls(database, settings, clock=clock)
        except OrderStoreError:
            database.close()
            raise

    def close(self) -> None:
        """Send what is still to be mailed and close the connections."""
        self._postman.close()
        self.database.close()

    def start_code(self, conversation_id: str, customer_number: str, email: str) -> CodeRequest:
        """Mail a six-digit code to the customer's behörig beställare, if that is who it is.

        The answer never tells. Raises `TooManyCodes` (per conversation and per address, matching or not).
        """
        return self._verifications.start_code(_conversation(conversation_id), customer_number, email)

    def confirm_code(self, conversation_id: str, code: str) -> VerifiedCustomer:
        """Verify the conversation for 30 minutes with the newest code sent for it.

        Raises `NoCodePending`, `CodeExpired` or `CodeRejected`.
        """
        return self._verifications.confirm_code(_conversation(conversation_id), code)

    def verify_portal_token(self, conversation_id: str, token: str) -> VerifiedCustomer:
        """Verify the conversation for 30 minutes with the portal's token; raises `PortalTokenInvalid`."""
        identity = self._portal.decode(token)
        return self._verifications.accept(_conversation(conversation_id), identity, renew=True)

    def accept_portal_customer(
        self, conversation_id: str, customer_number: str, contact_email: str
    ) -> VerifiedCustomer:
        """Verify with what a trusted part has read from a valid token (the gateway's `metadata.customer`).

        The first call in a conversation starts the 30 minutes, later ones do not prolong them.
        Raises `VerificationExpired` after that, `PortalTokenInvalid` for an unknown customer.
        """
        identity = PortalIdentity(customer_number, contact_email.strip().lower(), "")
        return self._verifications.accept(_conversation(conversation_id), identity, renew=False)

    def verified_customer(self, conversation_id: str) -> VerifiedCustomer | None:
        """Who the conversation acts for now, or None."""
        with self.database.read() as session:
            row = self._verifications.find(session, conversation_id)
            return None if row is None else to_verified(row)

    def find_holder(self, conversation_id: str, hsa_id: str) -> Holder:
        """The customer's card holder with this HSA-id, however it is typed.

        Raises `InvalidHsaId`, `HolderNotFound`, `NotVerified`.
        """
        wanted = parse_hsa_id(hsa_id).value
        with self._verified(conversation_id) as (session, verification):
            row = holder_row(session, verification.customer_id, wanted)
            if row is None:
                raise HolderNotFound(wanted)
            return to_holder(row)

    def check_order(self, conversation_id: str, draft: OrderDraft) -> DraftCheck:
        """What speaks against a draft, finished or not: broken rules, and the same thing ordered lately."""
        with self._verified(conversation_id) as (session, verification):
            return self._ordering.check(session, verification.customer, draft)

    def place_order(
        self, conversation_id: str, draft: OrderDraft, *, idempotency_key: str, accept_duplicate: bool = False
    ) -> PlacedOrder:
        """Place an order; it is committed when this returns.

        The same key and draft again give the same order with `created=False`. Raises `OrderRefused`,
        `DuplicateOrder` (unless accepted), `IdempotencyConflict`, `NotVerified`.
        """
        if not 8 <= len(idempotency_key) <= _KEY_MAX:
            raise ValueError("an idempotency key has 8 to 64 characters")
        try:
            return self._place(conversation_id, draft, idempotency_key, accept_duplicate)
        except IntegrityError:
            # Two customers drew the same order number at the same moment: draw again.
            return self._place(conversation_id, draft, idempotency_key, accept_duplicate)

    def order_status(self, conversation_id: str, number: str) -> Order:
        """The customer's own order. Raises `InvalidOrderNumber`, `OrderNotFound`, `NotVerified`."""
        wanted = parse_order_number(number)
        with self._verified(conversation_id) as (session, verification):
            return to_order(find_order(session, wanted, verification.customer_id))

    def list_orders(self, conversation_id: str, limit: int = 10) -> tuple[Order, ...]:
        """The customer's own orders, newest first."""
        with self._verified(conversation_id) as (session, verification):
            own = select(OrderRow).where(OrderRow.customer_id == verification.customer_id)
            newest = own.order_by(OrderRow.id.desc()).limit(max(1, min(limit, _LIST_MAX)))
            return tuple(to_order(row) for row in session.scalars(newest))

    def cancel_order(self, conversation_id: str, number: str) -> Order:
        """Cancel the customer's own order while nobody has begun to handle it; again gives the same answer.

        Raises `WrongState`, `InvalidOrderNumber`, `OrderNotFound`, `NotVerified`.
        """
        wanted = parse_order_number(number)
        with self.database.write() as session:
            verification = self._verifications.require(session, conversation_id)
            row = find_order(session, wanted, verification.customer_id, lock=True)
            self._ordering.cancel_by_customer(session, row, verification.contact_email)
            return to_order(row)

    def forget_conversation(self, conversation_id: str) -> None:
        """Erase codes and verification of a conversation; its orders stay, but no longer name it."""
        with self.database.write() as session:
            self._verifications.forget(session, conversation_id)
            named = update(OrderRow).where(OrderRow.conversation_id == conversation_id)
            session.execute(named.values(conversation_id=None))

    def _place(
        self, conversation_id: str, draft: OrderDraft, key: str, accept_duplicate: bool
    ) -> PlacedOrder:
        with self.database.write() as session:
            verification = self._verifications.require(session, conversation_id)
            # One at a time for each customer: two equal drafts with different keys must see each other.
            self.database.serialise(session, f"customer:{verification.customer_id}")
            return self._ordering.place(session, verification, draft, key, accept_duplicate=accept_duplicate)

    @contextmanager
    def _verified(self, conversation_id: str) -> Iterator[tuple[Session, VerificationRow]]:
        with self.database.read() as session:
            yield session, self._verifications.require(session, conversation_id)


def _conversation(conversation_id: str) -> str:
    if not 0 < len(conversation_id) <= _CONVERSATION_ID_MAX:
        raise ValueError("a conversation id has 1 to 100 characters")
    return conversation_id


def _destinations(settings: OrderSettings) -> tuple[Destination, ...]:
    webhook: tuple[Destination, ...] = ("webhook",) if settings.order_webhook_url else ()
    email: tuple[Destination, ...] = ("email",) if settings.order_email else ()
    return webhook + email
