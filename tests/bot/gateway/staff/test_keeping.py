"""What is told, kept, erased and handed out: notices, retention, legal hold, extracts, orders."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from actions.orders import OrderDraft, OrderKind, OrderService, load_settings, new_idempotency_key
from actions.orders.database import Database as OrderDatabase
from actions.orders.schema import migrate as migrate_orders
from actions.orders.seed import seed
from bot.gateway.conversation import now
from bot.gateway.database import create_engine
from bot.gateway.hours import TIME_ZONE
from bot.gateway.staff.accounts import Role
from bot.gateway.staff.retention import seconds_until
from bot.gateway.tables import conversations
from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.staff.conftest import SignIn
from tests.bot.gateway.staff.desk import Desk, make_account
from tests.bot.gateway.visitor import Visitor, eventually, problem


class Hook:
    """A webhook's receiver that can refuse."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if outer.status == 200:
                    outer.got.append(body)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/secret"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    receiver = Hook()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def _change(url: str, statement: Any) -> None:
    engine = create_engine(url, immediate=True)
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


def test_a_new_chat_is_told_once_by_webhook_and_e_mail_also_after_a_restart(
    start_gateway: Gateways, hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORT_STAFF_WEBHOOK_URL", hook.url)
    monkeypatch.setenv("SUPPORT_STAFF_URL", "https://support.example/personal/")
    monkeypatch.setenv("SUPPORT_STAFF_NOTICE_EMAIL", "kundsupport@ombud.example")
    monkeypatch.setenv("SUPPORT_MAIL_URL", f"file:{tmp_path}/outbox")
    gateway = start_gateway()
    hook.status = 500  # down when it happens
    visitor = Visitor(gateway.url).greeted()
    visitor.write("hemlig fråga")
    visitor.post("/handoff")
    gateway.stop()
    hook.status = 200
    gateway.start()
    eventually(lambda: hook.got)
    mail = eventually(lambda: list((tmp_path / "outbox").glob("*.eml")))
    assert "https://support.example/personal/" in hook.got[0]["text"] and "1 i kö" in hook.got[0]["text"]
    assert "hemlig" not in hook.got[0]["text"] + mail[0].read_text()
    Visitor(gateway.url).post("/handoff")
    eventually(lambda: len(hook.got) == 2)
    eventually(lambda: len(list((tmp_path / "outbox").glob("*.eml"))) == 2)


def test_teams_gets_an_adaptive_card(
    start_gateway: Gateways, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPORT_STAFF_WEBHOOK_URL", hook.url)
    monkeypatch.setenv("SUPPORT_STAFF_WEBHOOK_FORMAT", "teams")
    Visitor(start_gateway().url).post("/handoff")
    body = eventually(lambda: hook.got)[0]
    assert body["attachments"][0]["content"]["type"] == "AdaptiveCard"


def test_old_chats_are_erased_held_and_waiting_ones_are_not(start_gateway: Gateways) -> None:
    gateway = start_gateway()
    url = gateway.settings.database_url
    make_account(url, "eva", Role.SUPERVISOR)
    eva = Desk(gateway.url, "eva")
    old, held, waiting, fresh = (Visitor(gateway.url).greeted() for _ in range(4))
    eva.post(f"/conversations/{old.id}/notes", text="en anteckning")
    waiting.post("/handoff")
    answer = eva.call("PUT", f"/conversations/{held.id}/hold", json={"hold": True, "reason": "tvist"})
    assert answer.json()["legal_hold"] is True
    problem(eva.call("DELETE", f"/conversations/{held.id}"), 409, "legal_hold")
    problem(held.call("DELETE"), 409, "legal_hold")
    past = now() - timedelta(days=31)
    aged = sa.update(conversations).where(conversations.c.id != fresh.id).values(updated_at=past)
    _change(url, aged)
    gateway.stop()
    gateway.start()
    eventually(lambda: old.call("GET").status_code == 404)
    assert [visitor.call("GET").status_code for visitor in (held, waiting, fresh)] == [200, 200, 200]
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in ("messages", "staff_notes"):
            query = sa.text(f"SELECT count(*) FROM {table} WHERE conversation_id = :id")  # noqa: S608
            assert connection.execute(query, {"id": old.id}).scalar() == 0
    engine.dispose()
    assert eva.call("DELETE", f"/conversations/{fresh.id}").status_code == 204


def test_the_nightly_hour_is_swedish_also_when_the_clock_changes() -> None:
    assert seconds_until(3, datetime(2026, 6, 1, 2, 0, tzinfo=TIME_ZONE)) == 3600
    assert seconds_until(3, datetime(2026, 6, 1, 3, 0, tzinfo=TIME_ZONE)) == 24 * 3600
    assert seconds_until(3, datetime(2026, 3, 28, 4, 0, tzinfo=TIME_ZONE)) == 22 * 3600  # spring forward


def test_orders_are_seen_moved_and_part_of_the_extract(
    start_gateway: Gateways, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPPORT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SUPPORT_MAIL_URL", f"file:{tmp_path}/outbox")
    gateway = start_gateway()
    database = OrderDatabase(sqlite_url)
    migrate_orders(database)
    seed(database, load_settings(), now())
    database.close()
    visitor = Visitor(gateway.url).greeted()
    service = OrderService.open(load_settings())
    service.accept_portal_customer(visitor.id, "100200", "bestallare@vardcentralen.example")
    draft = OrderDraft(OrderKind.CARD_READER, quantity=2)
    number = service.place_order(visitor.id, draft, idempotency_key=new_idempotency_key()).order.number
    service.close()
    make_account(sqlite_url, "eva", Role.SUPERVISOR)
    eva = Desk(gateway.url, "eva")
    assert [order["number"] for order in eva.get("/orders", params={"customer": "100200"}).json()] == [number]
    moved = eva.post(f"/orders/{number}/state", state="handled", remark="packad").json()
    assert moved["order"]["state"] == "handled" and moved["events"][-1]["actor"] == "staff:eva"
    problem(eva.post(f"/orders/{number}/state", state="received"), 409, "order_state")
    problem(eva.post(f"/orders/{number}/state", state="sent", remark="19121212-1212"), 422, "order_refused")
    problem(eva.get("/orders/finns-inte"), 404, "order_not_found")
    visitor.write("hej")
    verified = Visitor(gateway.url).greeted()  # by a code, without an order
    chat = sa.update(conversations).where(conversations.c.id == verified.id)
    _change(sqlite_url, chat.values(customer_number="100200"))
    extract = eva.get("/customers/100200/export")
    assert "attachment" in extract.headers["content-disposition"]
    body = extract.json()
    assert body["orders"][0]["order"]["number"] == number
    assert [chat["id"] for chat in body["conversations"]] == [visitor.id, verified.id]
    assert "hej" in [message["text"] for message in body["conversations"][0]["messages"]]
    problem(eva.get("/customers/999999/export"), 404, "customer_not_found")


def test_who_was_verified_by_a_code_in_the_chat_is_kept_and_found_as_a_customer(
    visitor: Visitor, sign_in: SignIn, engine: EngineStandIn, gateway: RunningGateway
) -> None:
    eva = sign_in("eva", Role.SUPERVISOR)
    proof = {"directive": "customer_verified", "customer_number": "100200", "name": "Vårdcentralen"}
    engine.script = lambda _: [{"text": "Tack"}, {"custom": proof}]
    visitor.ask("123456")
    customer = {"customer_number": "100200", "name": "Vårdcentralen", "portal": False}
    assert eva.read(visitor.id)["customer"] == customer
    found = eva.get("/conversations", params={"customer": "100200"}).json()
    assert [(chat["id"], chat["customer"]) for chat in found] == [(visitor.id, "100200")]
    # What the portal vouched for goes to the engine with every message; this must not: it runs out.
    visitor.write("hej")
    eventually(lambda: engine.texts()[-1] == "hej")
    assert "customer" not in engine.received[-1]["metadata"]

    url = gateway.settings.database_url
    for days, status in ((31, 200), (366, 404)):
        _change(url, sa.update(conversations).values(updated_at=now() - timedelta(days=days)))
        gateway.stop()
        gateway.start()
        eventually(lambda status=status: visitor.call("GET").status_code == status)
    reader = create_engine(url)
    with reader.begin() as connection:
        left = connection.execute(sa.select(conversations.c.customer_number, conversations.c.topics)).one()
    reader.dispose()
    assert left == (None, None)
