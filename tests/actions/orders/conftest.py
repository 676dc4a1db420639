"""Fixtures: a migrated, seeded store on each database, a clock that stands still, a mailer that keeps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from pydantic import SecretStr

from actions.orders import OrderDraft, OrderKind, OrderService, OrderSettings
from actions.orders.database import Database
from actions.orders.schema import migrate
from actions.orders.seed import seed

CUSTOMER, CONTACT = "100200", "bestallare@vardcentralen.example"
OTHER_CUSTOMER, OTHER_CONTACT = "100300", "bestallare@tandvarden.example"
HOLDER = "SE5560360793-1003"


@dataclass
class Clock:
    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class KeptMail:
    """A real mailer that keeps what it is given."""

    letters: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        self.letters.append(message)

    def code(self) -> str:
        found = re.search(r"\b\d{6}\b", self.letters[-1].get_content())
        assert found is not None
        return found.group()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailbox() -> KeptMail:
    return KeptMail()


@pytest.fixture
def settings(database_url: str) -> OrderSettings:
    return OrderSettings(database_url=SecretStr(database_url), codes_per_hour=5)


@pytest.fixture
def database(settings: OrderSettings, clock: Clock) -> Iterator[Database]:
    database = Database(settings.database_url.get_secret_value())
    migrate(database)
    seed(database, settings, clock())
    yield database
    database.close()


ServiceMaker = Callable[[OrderSettings], OrderService]


@pytest.fixture
def make_service(database: Database, clock: Clock, mailbox: KeptMail) -> Iterator[ServiceMaker]:
    made: list[OrderService] = []

    def make(settings: OrderSettings) -> OrderService:
        made.append(OrderService(database, settings, mailer=mailbox, clock=clock))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(make_service: ServiceMaker, settings: OrderSettings) -> OrderService:
    return make_service(settings)


@pytest.fixture
def verified(service: OrderService) -> str:
    """A conversation that acts for the demo customer."""
    service.accept_portal_customer("conversation-1", CUSTOMER, CONTACT)
    return "conversation-1"


@pytest.fixture
def stranger(service: OrderService) -> str:
    """A conversation that acts for another customer."""
    service.accept_portal_customer("conversation-2", OTHER_CUSTOMER, OTHER_CONTACT)
    return "conversation-2"


@pytest.fixture
def puk() -> OrderDraft:
    return OrderDraft(OrderKind.PUK, hsa_id=HOLDER)
