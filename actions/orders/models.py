"""The tables. No column can hold a personnummer; every time is UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from actions.orders.values import CardKind, OrderKind, OrderState

_NAMES: Final = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases; SQLite keeps none by itself."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would be read back as another moment."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Base(DeclarativeBase):
    """Base of the order store's tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(none_as_null=True)}  # noqa: RUF012 - SQLAlchemy's own form


class CustomerRow(Base):
    """An organisation that is a customer of the ombud."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    delivery: Mapped[dict[str, Any] | None]
    closed_at: Mapped[datetime | None]


class ContactRow(Base):
    """A behörig beställare: may order for its customer. `email` is kept in lower case."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("customer_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    active: Mapped[bool] = mapped_column(default=True)


class HolderRow(Base):
    """A card holder. `hsa_key` is the HSA-id in upper case, by which it is found."""

    __tablename__ = "card_holders"
    __table_args__ = (
        UniqueConstraint("hsa_key"),
        Index("ix_card_holders_customer_id", "customer_id"),
        CheckConstraint(_one_of("card_kind", *CardKind), name="card_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    hsa_id: Mapped[str] = mapped_column(String(31))
    hsa_key: Mapped[str] = mapped_column(String(31))
    name: Mapped[str] = mapped_column(String(200))
    in_hsa: Mapped[bool]
    has_swedish_address: Mapped[bool]
    card_kind: Mapped[str] = mapped_column(String(20))


class OrderRow(Base):
    """An order. HSA-id and name are copied, so that an order stays readable when the register changes."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(_one_of("kind", *OrderKind), name="kind"),
        CheckConstraint(_one_of("state", *OrderState), name="state"),
        CheckConstraint("quantity BETWEEN 1 AND 50", name="quantity"),
        CheckConstraint("level IS NULL OR level IN (2, 3)", name="level"),
        Index("ix_orders_customer_id_id", "customer_id", "id"),
        Index("ix_orders_duplicates", "customer_id", "kind", "holder_id", "created_at"),
        Index("ix_orders_state_id", "state", "id"),
        Index("ix_orders_conversation_id", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("card_holders.id"))
    hsa_id: Mapped[str | None] = mapped_column(String(31))
    holder_name: Mapped[str | None] = mapped_column(String(200))
    level: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str | None] = mapped_column(String(300))
    quantity: Mapped[int]
    delivery: Mapped[dict[str, Any] | None]
    placed_by: Mapped[str] = mapped_column(String(254))
    conversation_id: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    customer: Mapped[CustomerRow] = relationship(lazy="joined", innerjoin=True)


class OrderEventRow(Base):
    """History of an order; triggers refuse to change or delete a row."""

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(270))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    remark: Mapped[str | None] = mapped_column(String(300))


class IdempotencyRow(Base):
    """Which order a caller's key has placed, and a fingerprint of what was asked."""

    __tablename__ = "idempotency_keys"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[datetime] = mapped_column(index=True)


class ChallengeRow(Base):
    """A one-time code that was asked for. Without a contact nobody got it, and no code is right."""

    __tablename__ = "code_challenges"
    __table_args__ = (
        Index("ix_code_challenges_conversation_id_id", "conversation_id", "id"),
        Index("ix_code_challenges_address_created", "address_hash", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(100))
    address_hash: Mapped[str] = mapped_column(String(64))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    salt: Mapped[str] = mapped_column(String(32))
    code_hash: Mapped[str] = mapped_column(String(64))
    attempts_left: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class VerificationRow(Base):
    """The customer that a conversation acts for, until `expires_at`."""

    __tablename__ = "verifications"

    conversation_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    contact_email: Mapped[str] = mapped_column(String(254))
    method: Mapped[str] = mapped_column(String(10))
    verified_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    customer: Mapped[CustomerRow] = relationship(lazy="joined", innerjoin=True)


class OutboxRow(Base):
    """Something another system must be told, written in the same transaction as what it tells."""

    __tablename__ = "order_outbox"
    __table_args__ = (
        CheckConstraint(_one_of("state", "pending", "delivered", "dead"), name="state"),
        Index("ix_order_outbox_due", "state", "destination", "next_attempt_at"),
        Index("ix_order_outbox_order", "order_id", "destination", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(String(40), unique=True)
    topic: Mapped[str] = mapped_column(String(40))
    destination: Mapped[str] = mapped_column(String(20))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

    order: Mapped[OrderRow] = relationship(lazy="joined", innerjoin=True)
