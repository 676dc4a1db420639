from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text

from actions.orders import (
    Address,
    CardKind,
    OrderDraft,
    OrderKind,
    OrderService,
    OrderState,
    ProblemCode,
    ReserveReason,
    new_idempotency_key,
    parse_address,
)
from actions.orders.database import Database
from actions.orders.errors import (
    DuplicateOrder,
    HolderNotFound,
    IdempotencyConflict,
    InvalidHsaId,
    InvalidOrderNumber,
    NotVerified,
    OrderNotFound,
    OrderRefused,
    WrongState,
)
from actions.orders.models import OrderRow

from .conftest import CONTACT, HOLDER, Clock

NO_ADDRESS, NOT_IN_HSA, RESERVE_HOLDER, NEW_EMPLOYEE, FOREIGN = (
    "SE5560360793-1004",
    "SE5560360793-1005",
    "SE5560360793-1006",
    "SE5560360793-1007",
    "SE2321000016-TEST1",
)
RESERVE = OrderDraft(OrderKind.RESERVE_CARD, HOLDER, level=3, reason=ReserveReason.LOST_CARD)
READERS = OrderDraft(OrderKind.CARD_READER, quantity=3)


def _place(service: OrderService, conversation: str, draft: OrderDraft, **options: Any) -> str:
    return service.place_order(
        conversation, draft, idempotency_key=new_idempotency_key(), **options
    ).order.number


def _codes(service: OrderService, conversation: str, draft: OrderDraft) -> list[ProblemCode]:
    return [problem.code for problem in service.check_order(conversation, draft).problems]


def test_a_puk_order_says_what_was_ordered_for_whom(
    service: OrderService, verified: str, puk: OrderDraft, clock: Clock
) -> None:
    placed = service.place_order(verified, puk, idempotency_key=new_idempotency_key())
    order = placed.order
    assert placed.created
    assert order.number.startswith("P-")
    assert (order.kind, order.state, order.hsa_id) == (OrderKind.PUK, OrderState.RECEIVED, HOLDER)
    assert (order.holder_name, order.placed_by, order.created_at) == ("Kim Exempel", CONTACT, clock())
    assert order.delivery is None
    assert service.order_status(verified, order.number.lower().replace("-", " ")) == order


def test_every_kind_can_be_ordered(service: OrderService, verified: str) -> None:
    reserve = replace(RESERVE, hsa_id=NO_ADDRESS, level=2, reason=ReserveReason.NO_PERSONNUMMER)
    ordinary = OrderDraft(OrderKind.ORDINARY_CARD, NEW_EMPLOYEE)
    elsewhere = replace(
        READERS, delivery=parse_address("Filialen, Lillgatan 2, 753 21 Uppsala"), note="Ring på."
    )
    numbers = [_place(service, verified, draft) for draft in (reserve, ordinary, elsewhere)]
    readers, card, temporary = service.list_orders(verified)
    assert [order.number for order in (temporary, card, readers)] == numbers
    assert (temporary.level, temporary.reason) == (2, ReserveReason.NO_PERSONNUMMER)
    assert temporary.delivery == Address("Vårdcentralen Exempel AB", "Exempelgatan 1", "75320", "Uppsala")
    assert (card.hsa_id, card.delivery) == (NEW_EMPLOYEE, None)
    assert (readers.quantity, readers.note, readers.delivery) == (3, "Ring på.", elsewhere.delivery)


RULES = [
    (OrderDraft(OrderKind.PUK), [ProblemCode.HOLDER_MISSING]),
    (OrderDraft(OrderKind.PUK, "SE5560360793-9999"), [ProblemCode.HOLDER_NOT_FOUND]),
    (OrderDraft(OrderKind.PUK, FOREIGN), [ProblemCode.HOLDER_NOT_FOUND]),
    (OrderDraft(OrderKind.PUK, RESERVE_HOLDER), [ProblemCode.PUK_FOR_RESERVE_CARD]),
    (OrderDraft(OrderKind.PUK, NO_ADDRESS), [ProblemCode.NO_SWEDISH_ADDRESS, ProblemCode.NO_CARD]),
    (OrderDraft(OrderKind.ORDINARY_CARD, NO_ADDRESS), [ProblemCode.NO_SWEDISH_ADDRESS]),
    (OrderDraft(OrderKind.ORDINARY_CARD, NEW_EMPLOYEE), []),
    (replace(RESERVE, hsa_id=NOT_IN_HSA), [ProblemCode.HOLDER_NOT_IN_HSA]),
    (replace(RESERVE, hsa_id=NO_ADDRESS), []),
    (replace(RESERVE, level=None, reason=None), [ProblemCode.LEVEL_MISSING, ProblemCode.REASON_MISSING]),
    (replace(RESERVE, level=4), [ProblemCode.LEVEL_INVALID]),
    (replace(RESERVE, reason=ReserveReason.OTHER), [ProblemCode.REASON_MISSING]),
    (replace(RESERVE, reason=ReserveReason.OTHER, note="  "), [ProblemCode.REASON_MISSING]),
    (replace(RESERVE, reason=ReserveReason.OTHER, note="Mässa"), []),
    (replace(RESERVE, note="x" * 301), [ProblemCode.NOTE_TOO_LONG]),
    (replace(RESERVE, note="Till 640823-3234"), [ProblemCode.PERSONNUMMER_IN_TEXT]),
    (replace(READERS, quantity=0), [ProblemCode.QUANTITY_OUT_OF_RANGE]),
    (replace(READERS, quantity=51), [ProblemCode.QUANTITY_OUT_OF_RANGE]),
    (replace(READERS, quantity=50), []),
    (replace(READERS, delivery=Address("", "Gatan", "123", "Ort")), [ProblemCode.DELIVERY_INVALID]),
    (
        replace(READERS, delivery=Address("Kim 640823-3234", "Gatan 1", "12345", "Ort")),
        [ProblemCode.PERSONNUMMER_IN_TEXT],
    ),
]


def test_the_rules(service: OrderService, verified: str) -> None:
    for draft, expected in RULES:
        assert _codes(service, verified, draft) == expected, draft
        before = service.list_orders(verified, limit=50)
        if expected:
            with pytest.raises(OrderRefused) as refused:
                _place(service, verified, draft, accept_duplicate=True)
            assert [problem.code for problem in refused.value.problems] == expected
            assert service.list_orders(verified, limit=50) == before
        else:
            assert _place(service, verified, draft, accept_duplicate=True)


def test_a_problem_names_the_answer_to_ask_for_again(service: OrderService, verified: str) -> None:
    fields = [
        problem.field for problem in service.check_order(verified, replace(RESERVE, level=None)).problems
    ]
    assert fields == ["level"]
    (problem,) = service.check_order(verified, OrderDraft(OrderKind.ORDINARY_CARD, NO_ADDRESS)).problems
    assert problem.field is None
    assert problem.facts["name"] == "Robin Utan-Adress"


def test_a_customer_without_address_must_give_one(
    service: OrderService, verified: str, database: Database
) -> None:
    with database.write() as session:
        session.execute(text("UPDATE customers SET delivery = NULL"))
    assert _codes(service, verified, READERS) == [ProblemCode.DELIVERY_MISSING]
    assert _codes(service, verified, replace(READERS, delivery=parse_address("Gatan 1, 123 45 Ort"))) == []


def test_a_closed_customer_sees_orders_but_places_none(service: OrderService) -> None:
    customer = service.accept_portal_customer("closed", "100400", "bestallare@hemtjansten.example")
    assert customer.closed
    assert _codes(service, "closed", OrderDraft(OrderKind.PUK, "SE5560360793-4001")) == [
        ProblemCode.CUSTOMER_CLOSED
    ]
    assert service.list_orders("closed") == ()


def test_holders_are_found_however_the_id_is_typed_but_only_ones_own(
    service: OrderService, verified: str, stranger: str
) -> None:
    holder = service.find_holder(verified, "se 5560360793 1003")
    assert (holder.hsa_id, holder.name, holder.card_kind) == (HOLDER, "Kim Exempel", CardKind.ORDINARY)
    assert service.find_holder(stranger, "SE2321000016-test1").hsa_id == FOREIGN
    for missing in (FOREIGN, "SE5560360793-9999"):
        with pytest.raises(HolderNotFound):
            service.find_holder(verified, missing)
    with pytest.raises(InvalidHsaId):
        service.find_holder(verified, "kim")


@pytest.mark.parametrize(
    ("draft", "days"),
    [
        (OrderDraft(OrderKind.PUK, HOLDER), 14),
        (RESERVE, 14),
        (OrderDraft(OrderKind.ORDINARY_CARD, HOLDER), 30),
        (READERS, 1),
    ],
)
def test_the_same_thing_again_is_asked_about(
    service: OrderService, verified: str, clock: Clock, draft: OrderDraft, days: int
) -> None:
    first = _place(service, verified, draft)
    clock.pass_time(hours=days * 24 - 1)
    service.accept_portal_customer(verified + "later", "100200", CONTACT)
    later = verified + "later"
    assert [order.number for order in service.check_order(later, draft).duplicates] == [first]
    with pytest.raises(DuplicateOrder) as asked:
        _place(service, later, draft)
    assert [order.number for order in asked.value.existing] == [first]
    second = _place(service, later, draft, accept_duplicate=True)
    assert second != first
    for number in (first, second):
        service.cancel_order(later, number)
    assert service.check_order(later, draft).duplicates == ()


def test_old_orders_and_other_people_are_no_duplicates(
    service: OrderService, verified: str, puk: OrderDraft, clock: Clock
) -> None:
    _place(service, verified, puk)
    assert service.check_order(verified, OrderDraft(OrderKind.ORDINARY_CARD, HOLDER)).duplicates == ()
    assert service.check_order(verified, replace(RESERVE, hsa_id=NO_ADDRESS)).duplicates == ()
    clock.pass_time(days=14)
    service.accept_portal_customer("later", "100200", CONTACT)
    assert service.check_order("later", puk).duplicates == ()


def test_the_same_key_gives_the_same_order(service: OrderService, verified: str, puk: OrderDraft) -> None:
    first = service.place_order(verified, puk, idempotency_key="errand-1")
    again = service.place_order(verified, replace(puk, hsa_id=HOLDER.lower()), idempotency_key="errand-1")
    assert (again.order, again.created) == (first.order, False)
    assert len(service.list_orders(verified)) == 1
    assert len(service.staff.show(first.order.number).events) == 1
    with pytest.raises(IdempotencyConflict) as refused:
        service.place_order(verified, READERS, idempotency_key="errand-1")
    assert refused.value.number == first.order.number


def test_a_key_is_the_customers_own(service: OrderService, verified: str, stranger: str) -> None:
    first = service.place_order(verified, READERS, idempotency_key="errand-1")
    second = service.place_order(stranger, READERS, idempotency_key="errand-1")
    assert second.created
    assert second.order.number != first.order.number


def test_nobody_sees_or_touches_anothers_orders(service: OrderService, verified: str, stranger: str) -> None:
    number = _place(service, verified, READERS)
    assert service.list_orders(stranger) == ()
    for call in (service.order_status, service.cancel_order):
        with pytest.raises(OrderNotFound):
            call(stranger, number)
    assert service.order_status(verified, number).state is OrderState.RECEIVED


def test_without_verification_nothing_can_be_done(
    service: OrderService, verified: str, puk: OrderDraft, clock: Clock
) -> None:
    number = _place(service, verified, puk)
    calls = [
        lambda who: service.find_holder(who, HOLDER),
        lambda who: service.check_order(who, puk),
        lambda who: service.place_order(who, puk, idempotency_key="errand-1"),
        lambda who: service.order_status(who, number),
        service.list_orders,
        lambda who: service.cancel_order(who, number),
    ]
    for call in calls:
        with pytest.raises(NotVerified) as refused:
            call("somebody else")
        assert refused.value.code == "not_verified"
    clock.pass_time(minutes=31)
    for call in calls:
        with pytest.raises(NotVerified) as refused:
            call(verified)
        assert refused.value.code == "verification_expired"


def test_cancelling_until_somebody_handles_it(service: OrderService, verified: str, puk: OrderDraft) -> None:
    first = _place(service, verified, puk)
    assert service.cancel_order(verified, first).state is OrderState.CANCELLED
    assert service.cancel_order(verified, first).state is OrderState.CANCELLED
    assert len(service.staff.show(first).events) == 2
    second = _place(service, verified, puk)
    service.staff.move(second, OrderState.HANDLED, actor="anna")
    with pytest.raises(WrongState) as refused:
        service.cancel_order(verified, second)
    assert refused.value.state is OrderState.HANDLED
    assert not service.order_status(verified, second).can_be_cancelled


def test_a_mistyped_number_is_told_apart_from_a_missing_order(service: OrderService, verified: str) -> None:
    with pytest.raises(InvalidOrderNumber):
        service.order_status(verified, "P-7K4M-2XX")
    with pytest.raises(OrderNotFound):
        service.order_status(verified, "P-7K4M-2XR")


def test_the_list_is_bounded(service: OrderService, verified: str) -> None:
    numbers = [_place(service, verified, READERS, accept_duplicate=True) for _ in range(4)]
    assert [order.number for order in service.list_orders(verified, limit=2)] == numbers[:1:-1]
    assert len(service.list_orders(verified, limit=0)) == 1


def test_a_forgotten_conversation_keeps_its_orders(
    service: OrderService, verified: str, puk: OrderDraft, database: Database
) -> None:
    number = _place(service, verified, puk)
    assert service.staff.show(number).conversation_id == verified
    service.forget_conversation(verified)
    assert service.staff.show(number).conversation_id is None


def test_a_number_that_is_taken_is_drawn_again(
    service: OrderService, verified: str, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    first = _place(service, verified, READERS)
    drawn = iter([first, first, "L-7K4M-2X2"])
    monkeypatch.setattr("actions.orders.ordering.new_order_number", lambda _kind: next(drawn))
    assert _place(service, verified, READERS, accept_duplicate=True) == "L-7K4M-2X2"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(OrderRow)) == 2


@pytest.mark.parametrize("bad", ["", "x" * 101])
def test_ids_out_of_bounds_are_a_programming_error(service: OrderService, bad: str, puk: OrderDraft) -> None:
    with pytest.raises(ValueError, match="conversation id"):
        service.start_code(bad, "1", "a@b.example")
    with pytest.raises(ValueError, match="idempotency key"):
        service.place_order("c", puk, idempotency_key=bad)
