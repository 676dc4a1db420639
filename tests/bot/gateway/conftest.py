"""A gateway on a fresh database, an engine that can be told to fail, and visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.gateway.settings import Settings
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, close_clients
from tests.conftest import _free_port

Gateways = Callable[..., RunningGateway]


@pytest.fixture
def engine() -> Iterator[EngineStandIn]:
    stand_in = EngineStandIn(_free_port())
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def sqlite_url(tmp_path: Any) -> str:
    """For what does not depend on the database."""
    return f"sqlite:///{tmp_path}/support.db"


@pytest.fixture
def start_gateway(engine: EngineStandIn, sqlite_url: str) -> Iterator[Gateways]:
    """Starts gateways with other settings than the usual."""
    started: list[RunningGateway] = []

    def start(**settings: Any) -> RunningGateway:
        values = {"database_url": sqlite_url, "engine_url": engine.url, "log_format": "json", **settings}
        gateway = RunningGateway(Settings(**values), _free_port())
        started.append(gateway)
        gateway.start()
        return gateway

    yield start
    close_clients()
    for gateway in started:
        gateway.stop()


@pytest.fixture
def gateway(start_gateway: Gateways, database_url: str) -> RunningGateway:
    """A gateway with the usual settings, once on each database."""
    return start_gateway(database_url=database_url)


@pytest.fixture
def visitor(gateway: RunningGateway) -> Visitor:
    """A visitor who has been greeted."""
    return Visitor(gateway.url).greeted()


@pytest.fixture(scope="module")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """One gateway for all tests of a module that do not mind each other. Its engine is down."""
    url = f"sqlite:///{tmp_path_factory.mktemp('gateway')}/support.db"
    settings = Settings(database_url=url, engine_url=f"http://127.0.0.1:{_free_port()}", log_format="json")
    gateway = RunningGateway(settings, _free_port())
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def shared_visitor(shared_gateway: RunningGateway) -> Iterator[Visitor]:
    """A new visitor of the shared gateway."""
    yield Visitor(shared_gateway.url).greeted()
    close_clients()
