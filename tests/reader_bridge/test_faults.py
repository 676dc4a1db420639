"""Cards that vanish, hang, are held by others, and a service that goes away."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reader_bridge.diagnosis import Examiner
from tests.reader_bridge.card_engine import CardEngine
from tests.reader_bridge.conftest import Insert, codes, wait_for_presence, wait_until_empty
from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import Act, InsertedCard

HARD_STOP_SECONDS = 5.0
HOLDER = """
import sys
from smartcard import scard
context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
share = scard.SCARD_SHARE_EXCLUSIVE if sys.argv[1] == "exclusive" else scard.SCARD_SHARE_SHARED
_, card, _ = scard.SCardConnect(context, sys.argv[2], share, scard.SCARD_PROTOCOL_T1)
if sys.argv[1] == "transaction":
    scard.SCardBeginTransaction(card)
print("held", flush=True)
sys.stdin.readline()
if sys.argv[1] == "reset":
    scard.SCardDisconnect(card, scard.SCARD_RESET_CARD)
    print("reset", flush=True)
"""


@contextmanager
def another_program(how: str, service: Pcscd) -> Iterator[subprocess.Popen[str]]:
    """A second process that holds the card of reader 0; a line to its stdin ends that."""
    command = [sys.executable, "-c", HOLDER, how, service.reader_names[0]]
    with subprocess.Popen(
        command, env=service.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("command", [1, 5, 12, 25])
def test_card_pulled_out_in_the_middle_of_reading(command: int, insert: Insert, examiner: Examiner) -> None:
    insert("ordinary", on_apdu=lambda count, _: Act.REMOVE if count == command else Act.ANSWER)
    assert codes(examiner.diagnose())[0] in ("CARD_REMOVED", "CARD_NOT_DETECTED")


def test_card_pulled_out_and_put_back_is_read(insert: Insert, service: Pcscd, examiner: Examiner) -> None:
    back: list[InsertedCard] = []

    def pull(count: int, _: bytes) -> Act:
        if count != 8:
            return Act.ANSWER
        threading.Thread(
            target=lambda: back.append(InsertedCard(KINDS["ordinary"](), service.ports[0]))
        ).start()
        return Act.REMOVE

    insert("ordinary", on_apdu=pull)
    try:
        assert codes(examiner.diagnose())[0] != "READ_FAILED"
        wait_for_presence(service.reader_names[0], present=True)
        assert "SITHS_ORDINARY_CARD" in codes(examiner.diagnose())
    finally:
        for card in back:
            card.remove()


def test_a_silent_card_does_not_hold_up_the_report(insert: Insert, examiner: Examiner) -> None:
    card = insert("ordinary", on_apdu=lambda count, _: Act.HANG if count == 6 else Act.ANSWER)
    started = time.monotonic()
    assert codes(examiner.diagnose())[0] == "CARD_NOT_RESPONDING"
    assert time.monotonic() - started < HARD_STOP_SECONDS
    started = time.monotonic()
    assert codes(examiner.diagnose())[0] == "CARD_NOT_RESPONDING"
    assert time.monotonic() - started < 1.0, "a stuck reader must not be waited for twice"
    card.remove()
    _join_lanes()
    insert("ordinary")
    assert "SITHS_ORDINARY_CARD" in codes(examiner.diagnose())


def test_a_silent_card_does_not_hide_a_good_one(insert: Insert, examiner: Examiner) -> None:
    silent = insert("ordinary", on_apdu=lambda *_: Act.HANG)
    insert("reserve", reader=1)
    report = examiner.diagnose()
    assert "SITHS_RESERVE_CARD" in codes(report)
    assert "CARD_NOT_RESPONDING" not in codes(report)
    silent.remove()
    _join_lanes()


def test_a_slow_card_is_still_read(insert: Insert, examiner: Examiner) -> None:
    def slowly(*_: object) -> Act:
        time.sleep(0.02)  # a real card's pace: 20 ms a command
        return Act.ANSWER

    insert("ordinary", on_apdu=slowly)
    report = examiner.diagnose()
    assert "SITHS_ORDINARY_CARD" in codes(report)
    assert report.duration_seconds < 2.0


@pytest.mark.parametrize("how", ["exclusive", "transaction"])
def test_card_held_by_another_program(how: str, insert: Insert, service: Pcscd, examiner: Examiner) -> None:
    insert("ordinary")
    with another_program(how, service):
        started = time.monotonic()
        assert codes(examiner.diagnose())[0] == "CARD_BUSY"
        assert time.monotonic() - started < HARD_STOP_SECONDS
    _join_lanes()
    assert "SITHS_ORDINARY_CARD" in codes(examiner.diagnose())


def test_card_shared_with_another_program_is_read(insert: Insert, service: Pcscd, examiner: Examiner) -> None:
    insert("ordinary")
    with another_program("shared", service):
        assert "SITHS_ORDINARY_CARD" in codes(examiner.diagnose())


def test_card_that_another_program_just_reset_is_read(
    insert: Insert, service: Pcscd, examiner: Examiner
) -> None:
    insert("ordinary")
    with another_program("reset", service) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "reset\n"
        assert "SITHS_ORDINARY_CARD" in codes(examiner.diagnose())


def test_the_card_is_left_powered_for_the_others(insert: Insert, examiner: Examiner) -> None:
    resets: list[int] = []

    class Counting(CardEngine):
        def reset(self) -> None:
            resets.append(1)
            super().reset()

    insert(Counting(KINDS["ordinary"]().system))
    examiner.diagnose()
    first = len(resets)
    examiner.diagnose()
    assert len(resets) == first


def test_service_stopped_and_started_again(service: Pcscd, examiner: Examiner) -> None:
    service.stop()
    assert codes(examiner.diagnose())[0] == "SERVICE_NOT_RUNNING"
    service.configure(readers=False)
    service.start()
    assert codes(examiner.diagnose())[0] == "NO_READER"
    service.stop()
    service.configure(readers=True)
    service.start()
    wait_until_empty(service)
    assert codes(examiner.diagnose())[0] == "CARD_NOT_DETECTED"


def _join_lanes() -> None:
    """Waits for the threads of readers that were stuck until just now."""
    for thread in threading.enumerate():
        if thread.name.startswith("lane"):
            thread.join(timeout=5)
            assert not thread.is_alive()
