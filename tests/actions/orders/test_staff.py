from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from actions.orders import (
    OrderDraft,
    OrderFilter,
    OrderKind,
    OrderService,
    OrderState,
    ReserveReason,
    new_idempotency_key,
)
from actions.orders.errors import OrderNotFound, OrderRefused, WrongState

from .conftest import CUSTOMER, HOLDER, OTHER_CUSTOMER, Clock

READERS = OrderDraft(OrderKind.CARD_READER, quantity=2)


def _place(service: OrderService, conversation: str, draft: OrderDraft = READERS) -> str:
    key = new_idempotency_key()
    return service.place_order(conversation, draft, idempotency_key=key, accept_duplicate=True).order.number


def test_moving_keeps_who_when_and_why(
    service: OrderService, verified: str, puk: OrderDraft, clock: Clock
) -> None:
    number = _place(service, verified, puk)
    clock.pass_time(minutes=5)
    service.staff.move(number, OrderState.HANDLED, actor="anna", remark="Beställd hos leverantören")
    clock.pass_time(minutes=5)
    assert service.staff.move(number.lower(), OrderState.SENT, actor="bo").state is OrderState.SENT
    detail = service.staff.show(number)
    assert detail.customer_name == "Vårdcentralen Exempel AB"
    assert [(event.actor, str(event.to_state), event.remark) for event in detail.events] == [
        ("customer:bestallare@vardcentralen.example", "received", None),
        ("staff:anna", "handled", "Beställd hos leverantören"),
        ("staff:bo", "sent", None),
    ]
    assert [event.at for event in detail.events] == [
        clock() - timedelta(minutes=10 - 5 * step) for step in range(3)
    ]
    assert service.order_status(verified, number).updated_at == clock()


def test_an_order_does_not_jump_or_return(service: OrderService, verified: str) -> None:
    number = _place(service, verified)
    for wanted in (OrderState.SENT, OrderState.RECEIVED):
        with pytest.raises(WrongState):
            service.staff.move(number, wanted, actor="anna")
    assert len(service.staff.show(number).events) == 1
    with pytest.raises(OrderNotFound):
        service.staff.move("P-7K4M-2XR", OrderState.HANDLED, actor="anna")


@pytest.mark.parametrize("remark", ["Gäller 640823-3234", "x" * 301])
def test_a_remark_has_no_personnummer_and_an_end(service: OrderService, verified: str, remark: str) -> None:
    number = _place(service, verified)
    with pytest.raises(OrderRefused):
        service.staff.move(number, OrderState.HANDLED, actor="anna", remark=remark)
    assert service.order_status(verified, number).state is OrderState.RECEIVED


def test_lists_are_filtered_and_paged(
    service: OrderService, verified: str, stranger: str, clock: Clock
) -> None:
    own = [_place(service, verified) for _ in range(3)]
    clock.pass_time(minutes=10)
    foreign = _place(service, stranger)
    puk = _place(service, verified, OrderDraft(OrderKind.PUK, HOLDER))
    service.staff.move(own[0], OrderState.HANDLED, actor="anna")

    def found(**wanted: object) -> list[str]:
        return [order.number for order in service.staff.list(replace(OrderFilter(), **wanted))]  # type: ignore[arg-type]

    assert found() == [puk, foreign, *own[::-1]]
    assert found(customer_number=OTHER_CUSTOMER) == [foreign]
    assert found(customer_number="999") == []
    assert found(kind=OrderKind.PUK) == [puk]
    assert found(state=OrderState.HANDLED) == [own[0]]
    assert found(since=clock()) == [puk, foreign]
    assert found(until=clock(), customer_number=CUSTOMER) == own[::-1]
    assert found(limit=2) == [puk, foreign]
    assert found(limit=2, after=foreign) == [own[2], own[1]]
    assert [order.number for order in service.staff.all()] == found()
    with pytest.raises(OrderNotFound):
        found(after="P-7K4M-2XR")


def test_an_export_opens_in_a_spreadsheet_and_runs_nothing(service: OrderService, verified: str) -> None:
    note = '=HYPERLINK("http://x");\n"citat" åäö'
    number = _place(service, verified, replace(READERS, note=note))
    other = _place(
        service, verified, OrderDraft(OrderKind.RESERVE_CARD, HOLDER, level=2, reason=ReserveReason.LOST_CARD)
    )
    target = io.StringIO(newline="")
    assert service.staff.export_csv(target) == 2
    target.seek(0)
    second, first = csv.DictReader(target, delimiter=";")
    assert (first["number"], first["note"], first["quantity"]) == (number, "'" + note, "2")
    assert first["delivery"] == "Vårdcentralen Exempel AB, Exempelgatan 1, 753 20 Uppsala"
    assert first["created_at"] == "2026-03-02T09:00:00+00:00"
    assert (second["number"], second["level"], second["reason"]) == (other, "2", "lost_card")
