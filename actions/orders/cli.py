"""The staff's command line: `python -m actions.orders …`."""

from __future__ import annotations

import argparse
import getpass
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from actions.orders.database import Database
from actions.orders.errors import OrderStoreError, WrongState
from actions.orders.numbers import parse_order_number
from actions.orders.registers import COLUMNS, import_csv
from actions.orders.schema import check_schema, migrate
from actions.orders.seed import seed
from actions.orders.service import OrderService, utc_now
from actions.orders.settings import OrderSettings, load_settings
from actions.orders.texts import (
    CLI_ERRORS,
    CLI_HELP,
    CLI_TEXTS,
    KIND_NAMES,
    ORDER_LABELS,
    REASON_NAMES,
    STATE_NAMES,
)
from actions.orders.values import Delivery, Order, OrderFilter, OrderKind, OrderState
from actions.orders.worker import Worker, configured_senders

_SWEDEN = ZoneInfo("Europe/Stockholm")


def main(arguments: list[str]) -> int:
    """Run one command; gives the exit code (0, or 1 with one line on stderr)."""
    chosen = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace, OrderSettings], None] = chosen.run
        run(chosen, load_settings())
    except OrderStoreError as error:
        print(_error_line(error), file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m actions.orders", description=CLI_HELP["program"])
    commands = parser.add_subparsers(required=True, metavar="")

    def command(
        name: str, run: Callable[[argparse.Namespace, OrderSettings], None]
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=CLI_HELP[name], description=CLI_HELP[name])
        added.set_defaults(run=run)
        return added

    listing = command("list", _list)
    listing.add_argument("--limit", type=int, default=50, help=CLI_HELP["limit"])
    exporting = command("export", _export)
    exporting.add_argument("--output", type=Path, help=CLI_HELP["output"])
    for filtered in (listing, exporting):
        _add_filter(filtered)
    command("show", _show).add_argument("number", help=CLI_HELP["number"])
    moving = command("move", _move)
    moving.add_argument("number", help=CLI_HELP["number"])
    moving.add_argument("state", choices=[str(state) for state in OrderState], help=CLI_HELP["state"])
    moving.add_argument("--by", default=getpass.getuser(), help=CLI_HELP["by"])
    moving.add_argument("--remark", help=CLI_HELP["remark"])
    queue = command("queue", _queue)
    queue.add_argument("--state", choices=["pending", "delivered", "dead"], help=CLI_HELP["queue_state"])
    queue.add_argument("--requeue", metavar="NUMBER", help=CLI_HELP["requeue"])
    importing = command("import", _import)
    importing.add_argument("register", choices=list(COLUMNS), help=CLI_HELP["register"])
    importing.add_argument("file", type=Path, help=CLI_HELP["file"])
    command("migrate", _migrate)
    command("seed", _seed)
    command("worker", _worker)
    return parser


def _add_filter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", choices=[str(state) for state in OrderState], help=CLI_HELP["state"])
    parser.add_argument("--kind", choices=[str(kind) for kind in OrderKind], help=CLI_HELP["kind"])
    parser.add_argument("--customer", help=CLI_HELP["customer"])
    parser.add_argument("--since", type=_day, help=CLI_HELP["since"])
    parser.add_argument("--until", type=_day, help=CLI_HELP["until"])


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=_SWEDEN)


def _filter(chosen: argparse.Namespace) -> OrderFilter:
    return OrderFilter(
        state=OrderState(chosen.state) if chosen.state else None,
        kind=OrderKind(chosen.kind) if chosen.kind else None,
        customer_number=chosen.customer,
        since=chosen.since,
        until=chosen.until + timedelta(days=1) if chosen.until else None,
        limit=getattr(chosen, "limit", 50),
    )


def _list(chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(OrderService.open(settings)) as service:
        orders = service.staff.list(_filter(chosen))
    for order in orders:
        print(_row(order))
    if not orders:
        print(CLI_TEXTS["no_orders"])


def _show(chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(OrderService.open(settings)) as service:
        detail = service.staff.show(chosen.number)
    for label, value in _facts(detail.order, detail.customer_name):
        print(f"{label + ':':22}{value}")
    print(f"\n{CLI_TEXTS['history']}:")
    for event in detail.events:
        print(
            "  ".join(filter(None, [_time(event.at), STATE_NAMES[event.to_state], event.actor, event.remark]))
        )
    if detail.deliveries:
        print(f"\n{CLI_TEXTS['deliveries']}:")
        for delivery in detail.deliveries:
            print(_delivery_row(delivery))


def _move(chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(OrderService.open(settings)) as service:
        order = service.staff.move(
            chosen.number, OrderState(chosen.state), actor=chosen.by, remark=chosen.remark
        )
    print(CLI_TEXTS["moved"].format(number=order.number, state=STATE_NAMES[order.state]))


def _export(chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(OrderService.open(settings)) as service:
        if chosen.output is None:
            service.staff.export_csv(sys.stdout, _filter(chosen))
            return
        # The byte order mark tells Excel that this is UTF-8.
        with chosen.output.open("w", encoding="utf-8-sig", newline="") as target:
            count = service.staff.export_csv(target, _filter(chosen))
    print(CLI_TEXTS["exported"].format(count=count, file=chosen.output))


def _queue(chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(OrderService.open(settings)) as service:
        if chosen.requeue:
            print(
                CLI_TEXTS["requeued"].format(count=service.outbox.requeue(parse_order_number(chosen.requeue)))
            )
            return
        for delivery in service.outbox.list(chosen.state):
            print(_delivery_row(delivery))
        print(CLI_TEXTS["queue"].format(**service.outbox.counts()))


def _import(chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with (
        closing(Database(settings.database_url.get_secret_value())) as database,
        chosen.file.open(encoding="utf-8", newline="") as source,
    ):
        check_schema(database)
        print(CLI_TEXTS["imported"].format(count=import_csv(database, chosen.register, source, utc_now())))


def _migrate(_chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(Database(settings.database_url.get_secret_value())) as database:
        print(CLI_TEXTS["migrated"].format(revision=migrate(database)))


def _seed(_chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(Database(settings.database_url.get_secret_value())) as database:
        check_schema(database)
        seed(database, settings, utc_now())
    print(CLI_TEXTS["seeded"])


def _worker(_chosen: argparse.Namespace, settings: OrderSettings) -> None:
    with closing(OrderService.open(settings)) as service:
        senders = configured_senders(settings)
        worker = Worker(service.outbox, senders)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        ready = CLI_TEXTS["worker_ready"].format(destinations=", ".join(senders))
        print(ready if senders else CLI_TEXTS["worker_idle"], flush=True)
        worker.run()
    print(CLI_TEXTS["worker_stopped"], flush=True)


def _row(order: Order) -> str:
    who = order.hsa_id or f"{order.quantity} st"
    columns = (_time(order.created_at), order.number, STATE_NAMES[order.state], KIND_NAMES[order.kind])
    return f"{columns[0]}  {columns[1]}  {columns[2]:17}{columns[3]:16}{order.customer_number:10}{who}"


def _delivery_row(delivery: Delivery) -> str:
    moment = delivery.delivered_at or delivery.next_attempt_at
    parts = [_time(moment), delivery.order_number, delivery.topic, delivery.destination, delivery.state]
    return "  ".join([*parts, f"{delivery.attempts}", delivery.last_error or ""]).rstrip()


def _facts(order: Order, customer_name: str) -> list[tuple[str, str]]:
    shown = {
        "number": order.number,
        "kind": KIND_NAMES[order.kind],
        "level": order.level,
        "quantity": order.quantity if order.kind is OrderKind.CARD_READER else None,
        "customer_number": order.customer_number,
        "customer_name": customer_name,
        "placed_by": order.placed_by,
        "hsa_id": order.hsa_id,
        "holder_name": order.holder_name,
        "reason": REASON_NAMES[order.reason] if order.reason else None,
        "note": order.note,
        "delivery": order.delivery.line if order.delivery else None,
        "created_at": _time(order.created_at),
    }
    facts = [(ORDER_LABELS[name], str(value)) for name, value in shown.items() if value is not None]
    return [
        *facts,
        (CLI_TEXTS["updated"], _time(order.updated_at)),
        (CLI_TEXTS["state"], STATE_NAMES[order.state]),
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(_SWEDEN).strftime("%Y-%m-%d %H:%M")


def _error_line(error: OrderStoreError) -> str:
    text = CLI_ERRORS.get(error.code)
    if text is None:
        return str(error)
    facts = dict(vars(error))
    if isinstance(error, WrongState):
        facts |= {"state": STATE_NAMES[error.state], "wanted": STATE_NAMES[error.wanted]}
    return text.format(error=error, **facts)
