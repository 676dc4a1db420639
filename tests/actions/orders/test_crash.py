"""A process that dies at the worst moment loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from actions.orders import OrderDraft, OrderService
from actions.orders.database import Database

from .conftest import CONTACT, CUSTOMER

DIE = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.orm import Session
from actions.orders import OrderDraft, OrderKind, OrderService, load_settings
moment = sys.argv[1]
service = OrderService.open(load_settings())
service.accept_portal_customer("c1", "100200", "bestallare@vardcentralen.example")
if moment == "before_commit":
    event.listen(Session, "before_commit", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
draft = OrderDraft(OrderKind.PUK, hsa_id="SE5560360793-1003")
number = service.place_order("c1", draft, idempotency_key="one-errand").order.number
os.kill(os.getpid(), signal.SIGKILL)
print(number)
"""


@pytest.mark.parametrize(("moment", "kept"), [("before_commit", 0), ("after_commit", 1)])
def test_killed_around_the_commit(  # noqa: PLR0917
    database: Database, database_url: str, service: OrderService, puk: OrderDraft, moment: str, kept: int
) -> None:
    environment = {**os.environ, "SUPPORT_DATABASE_URL": database_url}
    died = subprocess.run(
        [sys.executable, "-c", DIE, moment], env=environment, capture_output=True, text=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert died.stdout == ""
    orders = service.staff.list()
    assert len(orders) == kept

    service.accept_portal_customer("c1", CUSTOMER, CONTACT)
    again = service.place_order("c1", puk, idempotency_key="one-errand")
    assert again.created == (kept == 0)
    assert [order.number for order in service.staff.list()] == [again.order.number]
    if kept:
        assert again.order.number == orders[0].number
    assert len(service.staff.show(again.order.number).events) == 1
