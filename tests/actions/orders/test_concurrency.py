"""Fifty "ja" at the same moment, from threads and from processes: one order, one number."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pydantic import SecretStr

from actions.orders import OrderDraft, OrderKind, OrderService, OrderSettings, new_idempotency_key
from actions.orders.errors import DuplicateOrder, TooManyCodes

from .conftest import CONTACT, CUSTOMER, Clock, ServiceMaker

READERS = OrderDraft(OrderKind.CARD_READER, quantity=2)
WITH_WEBHOOK = {
    "order_webhook_url": "http://127.0.0.1:9/in",
    "order_webhook_secret": SecretStr("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
}


def test_fifty_threads_with_one_key_place_one_order(
    make_service: ServiceMaker, settings: OrderSettings, puk: OrderDraft
) -> None:
    service = make_service(settings.model_copy(update=WITH_WEBHOOK))
    service.accept_portal_customer("c1", CUSTOMER, CONTACT)
    together = Barrier(50)

    def say_yes(_: int) -> tuple[str, bool]:
        together.wait()
        placed = service.place_order("c1", puk, idempotency_key="one-errand")
        return placed.order.number, placed.created

    with ThreadPoolExecutor(50) as threads:
        answers = Counter(threads.map(say_yes, range(50)))
    assert len({number for number, _ in answers}) == 1
    assert sum(count for (_, created), count in answers.items() if created) == 1
    assert len(service.list_orders("c1")) == 1
    assert service.outbox.counts()["pending"] == 1


def test_two_tabs_with_different_keys_are_seen_as_duplicates(service: OrderService, verified: str) -> None:
    together = Barrier(10)

    def say_yes(_: int) -> str:
        together.wait()
        try:
            return service.place_order(verified, READERS, idempotency_key=new_idempotency_key()).order.number
        except DuplicateOrder as error:
            return error.existing[0].number

    with ThreadPoolExecutor(10) as threads:
        assert len(set(threads.map(say_yes, range(10)))) == 1
    assert len(service.list_orders(verified)) == 1


def test_different_errands_at_once_all_get_through(
    service: OrderService, verified: str, stranger: str
) -> None:
    def place(index: int) -> str:
        who = (verified, stranger)[index % 2]
        draft = OrderDraft(OrderKind.CARD_READER, quantity=1 + index)
        key = new_idempotency_key()
        return service.place_order(who, draft, idempotency_key=key, accept_duplicate=True).order.number

    with ThreadPoolExecutor(20) as threads:
        assert len(set(threads.map(place, range(40)))) == 40


def test_the_limit_holds_for_codes_asked_for_at_once(service: OrderService) -> None:
    together = Barrier(12)

    def ask(index: int) -> bool:
        together.wait()
        try:
            service.start_code(f"c{index}", CUSTOMER, CONTACT)
        except TooManyCodes:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(ask, range(12))) == 5


PLACE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from actions.orders import OrderDraft, OrderKind, OrderService, load_settings
service = OrderService.open(load_settings())
service.accept_portal_customer("c1", "100200", "bestallare@vardcentralen.example")
print("ready", flush=True)
sys.stdin.readline()
draft = OrderDraft(OrderKind.PUK, hsa_id="SE5560360793-1003")
def place(_):
    return service.place_order("c1", draft, idempotency_key="one-errand").order.number
with ThreadPoolExecutor(15) as threads:
    print(*threads.map(place, range(15)))
service.close()
"""


def test_processes_with_one_key_place_one_order(
    service: OrderService, database_url: str, clock: Clock
) -> None:
    environment = {**os.environ, "SUPPORT_DATABASE_URL": database_url}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PLACE],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert [len(numbers) for numbers in said] == [15, 15]
    assert len({number for numbers in said for number in numbers}) == 1
    assert len(service.staff.list()) == 1
