"""Orders leave the system: signed, at least once, in order, and visibly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread

import pytest
from pydantic import AnyHttpUrl, SecretStr

from actions.orders import OrderDraft, OrderKind, OrderService, OrderSettings, OrderState, new_idempotency_key
from actions.orders.errors import OrderNotFound
from actions.orders.outbox import LEASE, Leased, retry_pause
from actions.orders.worker import Worker, configured_senders

from .conftest import CONTACT, CUSTOMER, HOLDER, Clock, KeptMail, ServiceMaker

SECRET = "whsec_" + base64.b64encode(b"a key of at least 24 bytes").decode()
READERS = OrderDraft(OrderKind.CARD_READER, quantity=2, note="Ring på.")


@dataclass
class Portal:
    """An ombud's portal on loopback: answers what it is told, keeps what it gets."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        with self.changed:
            self.got.append((headers, body))
            self.changed.notify_all()
            return self.answers.pop(0) if self.answers else 204

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.got) >= count, timeout=30)

    def events(self) -> list[tuple[str, str]]:
        messages = [json.loads(body) for _, body in self.got]
        return [(message["type"], message["data"]["number"]) for message in messages]


@pytest.fixture
def portal() -> Iterator[Portal]:
    kept = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = kept.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            if status == 302:
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        kept.url = f"http://127.0.0.1:{server.server_port}/in"
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def connected(settings: OrderSettings, portal: Portal, tmp_path: Path) -> OrderSettings:
    return settings.model_copy(
        update={
            "order_webhook_url": AnyHttpUrl(portal.url),
            "order_webhook_secret": SecretStr(SECRET),
            "order_email": "order@ombud.example",
            "mail_url": SecretStr(f"file:{tmp_path}/outbox"),
            "order_max_attempts": 3,
        }
    )


@pytest.fixture
def service(make_service: ServiceMaker, connected: OrderSettings) -> OrderService:
    return make_service(connected)


@pytest.fixture
def worker(service: OrderService, connected: OrderSettings) -> Worker:
    return Worker(service.outbox, configured_senders(connected), poll_seconds=0.05)


def _place(service: OrderService, conversation: str, draft: OrderDraft = READERS) -> str:
    key = new_idempotency_key()
    return service.place_order(conversation, draft, idempotency_key=key, accept_duplicate=True).order.number


def _states(service: OrderService, destination: str = "webhook") -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in service.outbox.list() if row.destination == destination]


def test_the_portal_gets_the_order_and_can_check_who_sent_it(
    service: OrderService, verified: str, worker: Worker, portal: Portal
) -> None:
    number = _place(service, verified)
    assert worker.deliver_one("webhook")
    assert not worker.deliver_one("webhook")
    ((headers, body),) = portal.got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(b"a key of at least 24 bytes", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert headers["content-type"] == "application/json"
    message = json.loads(body)
    assert message["type"] == "order.placed"
    assert message["data"] == {
        "number": number,
        "kind": "card_reader",
        "state": "received",
        "level": None,
        "quantity": 2,
        "customer_number": CUSTOMER,
        "customer_name": "Vårdcentralen Exempel AB",
        "placed_by": CONTACT,
        "hsa_id": None,
        "holder_name": None,
        "reason": None,
        "note": "Ring på.",
        "delivery": {
            "recipient": "Vårdcentralen Exempel AB",
            "street": "Exempelgatan 1",
            "postal_code": "75320",
            "city": "Uppsala",
        },
        "created_at": "2026-03-02T09:00:00+00:00",
    }
    assert _states(service) == [("delivered", 1)]
    assert [row.destination for row in service.staff.show(number).deliveries] == ["webhook", "email"]


def test_an_order_is_mailed_in_plain_swedish(
    service: OrderService, verified: str, worker: Worker, tmp_path: Path
) -> None:
    from email import message_from_bytes, policy

    number = _place(service, verified, OrderDraft(OrderKind.PUK, HOLDER))
    assert worker.deliver_one("email")
    (path,) = (tmp_path / "outbox").glob("*.eml")
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (letter["To"], letter["Subject"]) == ("order@ombud.example", f"Ny beställning {number}: PUK-kod")
    content = letter.get_content()  # type: ignore[attr-defined]
    assert f"HSA-id: {HOLDER}" in content
    assert "Kortanvändare: Kim Exempel" in content
    assert "Antal" not in content


@pytest.mark.parametrize("status", [302, 400, 404, 500, 503])
def test_every_answer_but_a_yes_means_again(  # noqa: PLR0917
    service: OrderService, verified: str, worker: Worker, portal: Portal, clock: Clock, status: int
) -> None:
    _place(service, verified)
    portal.answers = [status]
    assert worker.deliver_one("webhook")
    assert _states(service) == [("pending", 1)]
    assert service.outbox.list()[-1].last_error == f"webhook: HTTP {status}"
    assert not worker.deliver_one("webhook")
    clock.pass_time(seconds=13)
    assert worker.deliver_one("webhook")
    assert _states(service) == [("delivered", 2)]
    first, second = (headers for headers, _ in portal.got)
    assert first["webhook-id"] == second["webhook-id"]


def test_after_the_last_try_staff_must_look(
    service: OrderService, verified: str, worker: Worker, portal: Portal, clock: Clock
) -> None:
    number = _place(service, verified)
    portal.answers = [500] * 3
    for _ in range(3):
        assert worker.deliver_one("webhook")
        clock.pass_time(hours=7)
    assert not worker.deliver_one("webhook")
    assert _states(service) == [("dead", 3)]
    assert service.outbox.counts() == {"pending": 1, "delivered": 0, "dead": 1}
    assert service.outbox.requeue(number) == 2
    assert worker.deliver_one("webhook")
    assert _states(service) == [("delivered", 1)]
    with pytest.raises(OrderNotFound):
        service.outbox.requeue("P-7K4M-2XR")


def test_a_cancellation_never_overtakes_its_order(
    service: OrderService, verified: str, worker: Worker, portal: Portal, clock: Clock
) -> None:
    first, other = _place(service, verified), _place(service, verified)
    service.cancel_order(verified, first)
    portal.answers = [500]
    while worker.deliver_one("webhook"):
        pass
    clock.pass_time(minutes=1)
    while worker.deliver_one("webhook"):
        pass
    expected = [
        ("order.placed", first),
        ("order.placed", other),
        ("order.placed", first),
        ("order.cancelled", first),
    ]
    assert portal.events() == expected


def test_staff_who_cancel_tell_the_portal_too(
    service: OrderService, verified: str, worker: Worker, portal: Portal
) -> None:
    number = _place(service, verified)
    service.staff.move(number, OrderState.CANCELLED, actor="anna")
    while worker.deliver_one("webhook"):
        pass
    assert portal.events() == [("order.placed", number), ("order.cancelled", number)]


def test_a_dead_workers_message_is_taken_by_another(
    service: OrderService, verified: str, clock: Clock
) -> None:
    _place(service, verified)
    lost = service.outbox.lease("webhook")
    assert lost is not None
    assert service.outbox.lease("webhook") is None
    clock.now += LEASE
    clock.pass_time(seconds=1)
    taken = service.outbox.lease("webhook")
    assert taken is not None
    assert (taken.delivery_id, taken.attempt) == (lost.delivery_id, 2)
    assert taken.lease != lost.lease
    service.outbox.failed(lost, "late")
    assert service.outbox.lease("webhook") is None
    service.outbox.delivered(taken)
    assert _states(service) == [("delivered", 2)]


def test_without_a_receiver_nothing_is_queued_but_can_be_later(
    make_service: ServiceMaker, settings: OrderSettings, connected: OrderSettings, mailbox: KeptMail
) -> None:
    alone = make_service(settings)
    alone.accept_portal_customer("c1", CUSTOMER, CONTACT)
    number = _place(alone, "c1")
    assert alone.outbox.counts()["pending"] == 0
    assert make_service(connected).outbox.requeue(number) == 2
    assert alone.outbox.counts()["pending"] == 2


def test_a_message_that_breaks_its_sender_holds_up_nobody(service: OrderService, verified: str) -> None:
    class Broken:
        def send(self, leased: Leased, now: float) -> None:
            raise KeyError(leased.delivery_id)

    _place(service, verified)
    worker = Worker(service.outbox, {"webhook": Broken()})
    assert worker.deliver_one("webhook")
    assert _states(service) == [("pending", 1)]
    assert service.outbox.list()[-1].last_error == "KeyError"


def test_pauses_grow_and_end() -> None:
    pauses = [retry_pause(attempt).total_seconds() for attempt in range(1, 13)]
    for attempt, pause in enumerate(pauses):
        expected = min(6 * 3600, 10 * 3**attempt)
        assert 0.8 * expected <= pause <= 1.2 * expected


def test_the_worker_delivers_to_both_until_it_is_stopped(
    service: OrderService, verified: str, worker: Worker, portal: Portal, tmp_path: Path
) -> None:
    thread = Thread(target=worker.run)
    thread.start()
    try:
        numbers = {_place(service, verified) for _ in range(5)}
        portal.wait_for(5)
    finally:
        worker.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert {number for _, number in portal.events()} == numbers
    assert _states(service) == [("delivered", 1)] * 5


def test_the_worker_process_survives_and_ends_cleanly(
    service: OrderService, verified: str, connected: OrderSettings, portal: Portal
) -> None:
    """After SIGKILL the next one goes on and no order is lost; SIGTERM ends it cleanly."""
    environment = {
        **os.environ,
        "SUPPORT_DATABASE_URL": connected.database_url.get_secret_value(),
        "SUPPORT_ORDER_WEBHOOK_URL": portal.url,
        "SUPPORT_ORDER_WEBHOOK_SECRET": SECRET,
    }

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "actions.orders", "worker"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert "igång" in process.stdout.readline()
        return process

    first = _place(service, verified)
    process = start()
    portal.wait_for(1)
    process.kill()
    process.communicate(timeout=30)
    # The process tidied by the real clock, which is past this test's.
    service.accept_portal_customer(verified, CUSTOMER, CONTACT)
    second = _place(service, verified)
    process = start()
    portal.wait_for(2)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert said.endswith("Leveransen är stoppad.\n")
    assert {first, second} == {number for _, number in portal.events()}
