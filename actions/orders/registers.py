"""Customers, behöriga beställare and card holders: kept by the ombud elsewhere, taken in from CSV files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.orders.addresses import parse_address
from actions.orders.database import Database
from actions.orders.errors import ImportRefused, InvalidIdentifier
from actions.orders.hsa_ids import hsa_id_key, parse_hsa_id
from actions.orders.mapping import from_address
from actions.orders.models import ContactRow, CustomerRow, HolderRow
from actions.orders.sensitive import contains_personnummer
from actions.orders.values import CardKind

Register = Literal["customers", "contacts", "holders"]
Record = Mapping[str, str]
COLUMNS: Final[dict[Register, tuple[str, ...]]] = {
    "customers": ("number", "name", "delivery", "closed"),
    "contacts": ("customer_number", "name", "email", "active"),
    "holders": ("customer_number", "hsa_id", "name", "in_hsa", "has_swedish_address", "card_kind"),
}
_YES: Final = frozenset({"ja", "j", "1", "true", "yes"})
_NO: Final = frozenset({"nej", "n", "0", "false", "no", ""})


def import_csv(database: Database, register: Register, source: TextIO, now: datetime) -> int:
    """Add or update every line of a CSV file (column names first; `;` or `,`); gives the number of lines.

    All lines or none. Raises `ImportRefused` with the first bad line, `StoreUnavailable`.
    """
    head = source.readline().lstrip("\ufeff")
    delimiter = ";" if ";" in head else ","
    names = [name.strip() for name in head.strip().split(delimiter)]
    if set(names) != set(COLUMNS[register]):
        raise ImportRefused(1, f"columns must be {delimiter.join(COLUMNS[register])}")
    records = csv.DictReader(source, fieldnames=names, delimiter=delimiter, strict=True)
    count = 0
    with database.write() as session:
        for count, record in enumerate(records, start=1):
            try:
                upsert(session, register, record, now)
            except (ValueError, InvalidIdentifier) as error:
                raise ImportRefused(count + 1, str(error)) from error
    return count


def upsert(session: Session, register: Register, record: Record, now: datetime) -> None:
    """Add or update one record; raises `ValueError` or `InvalidIdentifier`."""
    values = {name: (record.get(name) or "").strip() for name in COLUMNS[register]}
    if any(contains_personnummer(value) for value in values.values()):
        raise ValueError("holds a personnummer")
    if not values["name"]:
        raise ValueError("name is empty")
    writers: dict[Register, Callable[[Session, Record, datetime], None]] = {
        "customers": _customer,
        "contacts": _contact,
        "holders": _holder,
    }
    writers[register](session, values, now)
    session.flush()


def _customer(session: Session, values: Record, now: datetime) -> None:
    if not values["number"]:
        raise ValueError("number is empty")
    row = session.scalar(select(CustomerRow).where(CustomerRow.number == values["number"]))
    if row is None:
        row = CustomerRow(number=values["number"], closed_at=None)
        session.add(row)
    row.name = values["name"]
    row.delivery = (
        from_address(parse_address(values["delivery"], values["name"])) if values["delivery"] else None
    )
    row.closed_at = (row.closed_at or now) if _yes(values["closed"]) else None


def _contact(session: Session, values: Record, _now: datetime) -> None:
    customer, email = _owner(session, values), values["email"].lower()
    if email.count("@") != 1 or " " in email:
        raise ValueError("email is not an address")
    same = select(ContactRow).where(ContactRow.customer_id == customer.id, ContactRow.email == email)
    row = session.scalar(same)
    if row is None:
        row = ContactRow(customer_id=customer.id, email=email)
        session.add(row)
    row.name, row.active = values["name"], _yes(values["active"])


def _holder(session: Session, values: Record, _now: datetime) -> None:
    customer, reading = _owner(session, values), parse_hsa_id(values["hsa_id"])
    key = hsa_id_key(reading.value)
    row = session.scalar(select(HolderRow).where(HolderRow.hsa_key == key))
    if row is None:
        row = HolderRow(customer_id=customer.id, hsa_key=key)
        session.add(row)
    if row.customer_id != customer.id:
        raise ValueError("hsa_id belongs to another customer")
    row.hsa_id, row.name = reading.value, values["name"]
    row.in_hsa, row.has_swedish_address = _yes(values["in_hsa"]), _yes(values["has_swedish_address"])
    row.card_kind = CardKind(values["card_kind"] or CardKind.UNKNOWN)


def _owner(session: Session, values: Record) -> CustomerRow:
    row = session.scalar(select(CustomerRow).where(CustomerRow.number == values["customer_number"]))
    if row is None:
        raise ValueError(f"no customer {values['customer_number']}")
    return row


def _yes(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(f"{text!r} is neither ja nor nej")
