"""Any sequence of what customers and staff can do leaves every order where the rules say."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from pydantic import SecretStr

from actions.orders import OrderDraft, OrderKind, OrderService, OrderSettings, OrderState
from actions.orders.database import Database
from actions.orders.errors import WrongState
from actions.orders.schema import migrate
from actions.orders.seed import seed

from .conftest import CONTACT, CUSTOMER, KeptMail

ALLOWED = {
    ("received", "handled"),
    ("received", "cancelled"),
    ("handled", "sent"),
    ("handled", "cancelled"),
}


class Orders(RuleBasedStateMachine):
    numbers: Bundle[str] = Bundle("numbers")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="orders-"))
        self.database = Database(f"sqlite:///{self.folder}/support.db")
        self.model: dict[str, list[str]] = {}

    @initialize()
    def open_store(self) -> None:
        migrate(self.database)
        options = OrderSettings(database_url=SecretStr(str(self.database.engine.url)))
        seed(self.database, options, datetime.now(UTC))
        self.service = OrderService(self.database, options, mailer=KeptMail())
        self.service.accept_portal_customer("c", CUSTOMER, CONTACT)

    @rule(target=numbers, key=st.integers(10_000_000, 10_000_003), quantity=st.integers(1, 2))
    def place(self, key: int, quantity: int) -> str:
        draft = OrderDraft(OrderKind.CARD_READER, quantity=quantity)
        placed = self.service.place_order(
            "c", draft, idempotency_key=f"{key}-{quantity}", accept_duplicate=True
        )
        assert placed.created == (placed.order.number not in self.model)
        self.model.setdefault(placed.order.number, ["received"])
        return placed.order.number

    @rule(number=numbers, wanted=st.sampled_from(OrderState))
    def staff_moves(self, number: str, wanted: OrderState) -> None:
        before = self.model[number][-1]
        try:
            assert self.service.staff.move(number, wanted, actor="anna").state is wanted
        except WrongState as error:
            assert (before, wanted) not in ALLOWED
            assert error.state == before
        else:
            assert (before, str(wanted)) in ALLOWED
            self.model[number].append(str(wanted))

    @rule(number=numbers)
    def customer_cancels(self, number: str) -> None:
        before = self.model[number][-1]
        try:
            self.service.cancel_order("c", number)
        except WrongState:
            assert before in {"handled", "sent"}
        else:
            assert before in {"received", "cancelled"}
            if before == "received":
                self.model[number].append("cancelled")

    @invariant()
    def store_and_model_agree(self) -> None:
        for number, states in self.model.items():
            detail = self.service.staff.show(number)
            assert [str(event.to_state) for event in detail.events] == states
            assert detail.order.state == states[-1]

    def teardown(self) -> None:
        if hasattr(self, "service"):
            self.service.close()
        self.database.close()
        shutil.rmtree(self.folder)


TestOrders = Orders.TestCase
TestOrders.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
