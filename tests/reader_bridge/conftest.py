"""A private PC/SC service with two virtual readers, and bridge processes that use it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest
from hypothesis import settings

from reader_bridge.diagnosis import Diagnosis, Examiner
from reader_bridge.pcsc import Context, PcscError, Presence
from tests.reader_bridge.bridge_process import BridgeProcess
from tests.reader_bridge.card_engine import CardEngine
from tests.reader_bridge.kinds import KINDS, PIN_TESTED_ATR
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import InsertedCard

# A machine that others use too makes no promise about one example's time.
settings.register_profile("reader_bridge", deadline=None)
settings.load_profile("reader_bridge")


@pytest.fixture(scope="session")
def session_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    service = Pcscd(tmp_path_factory.mktemp("pcscd"))
    before = os.environ.get("PCSCLITE_CSOCK_NAME")
    os.environ["PCSCLITE_CSOCK_NAME"] = str(service.link)
    service.start()
    yield service
    service.stop()
    if before is None:
        del os.environ["PCSCLITE_CSOCK_NAME"]


@pytest.fixture
def service(session_service: Pcscd) -> Iterator[Pcscd]:
    """The running PC/SC service with both readers empty."""
    wait_until_empty(session_service)
    yield session_service
    session_service.configure(readers=True)


class Insert(Protocol):
    """Puts a card into reader 0 (or 1) and returns when PC/SC sees it."""

    def __call__(self, card: str | CardEngine, reader: int = 0, **faults: object) -> InsertedCard: ...


@pytest.fixture
def insert(service: Pcscd) -> Iterator[Insert]:
    with ExitStack() as stack:

        def put(card: str | CardEngine, reader: int = 0, **faults: object) -> InsertedCard:
            if isinstance(card, str):
                faults.setdefault("mute", card == "mute")
                card = KINDS[card]()
            inserted = stack.enter_context(
                InsertedCard(card, service.ports[reader], **faults)  # type: ignore[arg-type]
            )
            wait_for_presence(service.reader_names[reader], present=True)
            return inserted

        yield put


@pytest.fixture
def examiner() -> Examiner:
    """Without PKCS#11 modules; the test cards with a tested ATR may be asked about their PIN."""
    return Examiner(pin_safe_atrs=frozenset({PIN_TESTED_ATR}))


@pytest.fixture
def bridge(service: Pcscd) -> Iterator[BridgeProcess]:
    """A running bridge, not yet paired."""
    with BridgeProcess(service.environment) as process:
        yield process


def codes(diagnosis: Diagnosis) -> list[str]:
    return [finding.code.value for finding in diagnosis.findings]


def wait_for_presence(reader: str, present: bool) -> None:
    """Blocks in PC/SC until the reader has a card, or has none."""
    deadline = time.monotonic() + 10
    with Context() as context:
        raw = 0
        while time.monotonic() < deadline:
            try:
                (state,) = context.states({reader: raw}, 5)
            except PcscError:
                continue
            if state.has_card == present and state.presence is not Presence.UNAVAILABLE:
                return
            raw = state.raw
    raise AssertionError(f"{reader}: present={present} never came")


def wait_until_empty(service: Pcscd) -> None:
    for reader in service.reader_names:
        wait_for_presence(reader, present=False)
