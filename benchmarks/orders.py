"""Does the order store stay as fast with 100,000 orders as with none? Status, placing, checking, listing.

Run: `python benchmarks/orders.py [--orders N] [--databases EMPTY FULL] [--output FILE]`. Without addresses
two new SQLite files are used. The two are called in turn, so that a busy machine slows both: what counts is
the ratio full/empty, and the bar is 1.5.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import insert, text

from actions.orders import OrderDraft, OrderKind, OrderService, OrderSettings, new_idempotency_key
from actions.orders.database import Database
from actions.orders.models import CustomerRow, IdempotencyRow, OrderEventRow, OrderRow
from actions.orders.numbers import new_order_number
from actions.orders.schema import migrate
from actions.orders.seed import seed

BAR = 1.5
ROUNDS = 200
CONTACT = "bestallare@vardcentralen.example"
READERS = OrderDraft(OrderKind.CARD_READER, quantity=2)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--databases", nargs=2, metavar=("EMPTY", "FULL"))
    parser.add_argument("--output", type=Path, default=Path("results/orders.json"))
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        urls = chosen.databases or [f"sqlite:///{folder}/{name}.db" for name in ("empty", "full")]
        empty, full = (_open(url, folder) for url in urls)
        fill(full.database, chosen.orders)
        times = compare(_operations(empty), _operations(full))
        empty.close()
        full.close()
    report = {"orders": chosen.orders, "database": urls[1].partition(":")[0], "operations": times}
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(report, indent=2) + "\n")
    for name, row in times.items():
        pair = f"empty {row['empty_ms']:6.2f} ms  full {row['full_ms']:6.2f} ms"
        print(f"{name:8} {pair}  ratio {row['ratio']:.2f}")
    worst = max(row["ratio"] for row in times.values())
    print(f"{chosen.orders} orders, {report['database']}: worst ratio {worst:.2f} (bar {BAR})")
    return 0 if worst <= BAR else 1


def _open(url: str, folder: str) -> OrderService:
    settings = OrderSettings(database_url=SecretStr(url), mail_url=SecretStr(f"file:{folder}/outbox"))
    database = Database(settings.database_url.get_secret_value())
    migrate(database)
    seed(database, settings, datetime.now(UTC))
    service = OrderService(database, settings)
    service.accept_portal_customer("benchmark", "100200", CONTACT)
    return service


Operations = dict[str, Callable[[], object]]


def compare(empty: Operations, full: Operations) -> dict[str, dict[str, float]]:
    report = {}
    for name in empty:
        times: dict[str, list[float]] = {"empty": [], "full": []}
        for number in range(ROUNDS + 20):
            for which, operation in (("empty", empty[name]), ("full", full[name])):
                started = time.perf_counter()
                operation()
                if number >= 20:  # Compiled statements and open connections are not what is measured.
                    times[which].append(time.perf_counter() - started)
        slow, fast = statistics.median(times["full"]) * 1000, statistics.median(times["empty"]) * 1000
        report[name] = {"empty_ms": round(fast, 3), "full_ms": round(slow, 3), "ratio": round(slow / fast, 3)}
    return report


def _operations(service: OrderService) -> Operations:
    def place() -> str:
        key = new_idempotency_key()
        return service.place_order(
            "benchmark", READERS, idempotency_key=key, accept_duplicate=True
        ).order.number

    known = place()
    return {
        "status": lambda: service.order_status("benchmark", known),
        "place": place,
        "check": lambda: service.check_order("benchmark", OrderDraft(OrderKind.PUK, "SE5560360793-1003")),
        "list": lambda: service.list_orders("benchmark", limit=10),
    }


def fill(database: Database, count: int) -> None:
    """Old orders of many customers, a tenth of them the measured customer's own."""
    with database.engine.connect() as plain:
        far = time.monotonic() + 3600
        connection = plain.execution_options(orders_write=True, orders_deadline=far)
        with connection.begin():
            own = connection.scalar(text("SELECT id FROM customers WHERE number = '100200'"))
            customers = [{"number": f"7{index:05}", "name": f"Kund {index}"} for index in range(500)]
            connection.execute(insert(CustomerRow), customers)
            query = text("SELECT id FROM customers WHERE number LIKE '7%'")
            others = [row[0] for row in connection.execute(query)]
            first = 1 + (connection.scalar(text("SELECT max(id) FROM orders")) or 0)
            taken = set(connection.scalars(text("SELECT number FROM orders")))
            numbers = list(_numbers(count + len(taken)) - taken)
            for start in range(0, count, 5000):
                ids = range(start, min(start + 5000, count))
                orders = [
                    _order(
                        first + index, numbers[index], own if index % 10 == 0 else others[index % len(others)]
                    )
                    for index in ids
                ]
                connection.execute(insert(OrderRow), orders)
                connection.execute(insert(OrderEventRow), [_event(order) for order in orders])
                connection.execute(insert(IdempotencyRow), [_key(order) for order in orders])
            if not database.is_sqlite:
                sequence = "pg_get_serial_sequence('orders', 'id')"
                connection.execute(text(f"SELECT setval({sequence}, (SELECT max(id) FROM orders))"))  # noqa: S608
            connection.execute(text("ANALYZE"))


def _numbers(count: int) -> set[str]:
    drawn: set[str] = set()
    while len(drawn) < count:
        drawn.add(new_order_number(OrderKind.CARD_READER))
    return drawn


def _order(row_id: int, number: str, customer_id: int) -> dict:
    placed = datetime.now(UTC) - timedelta(days=40, seconds=row_id)
    return {
        "id": row_id,
        "number": number,
        "customer_id": customer_id,
        "kind": "card_reader",
        "state": "sent",
        "quantity": 1,
        "placed_by": CONTACT,
        "created_at": placed,
        "updated_at": placed,
    }


def _event(order: dict) -> dict:
    return {"order_id": order["id"], "at": order["created_at"], "actor": "benchmark", "to_state": "received"}


def _key(order: dict) -> dict:
    return {
        "customer_id": order["customer_id"],
        "key": secrets.token_hex(16),
        "fingerprint": "0" * 64,
        "order_id": order["id"],
        "created_at": order["created_at"],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
