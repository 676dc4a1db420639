"""Looks at every reader and card within a time limit, whatever they do."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from reader_bridge.card.reading import CardContent, read_card
from reader_bridge.findings import Code
from reader_bridge.lanes import Lanes, LaneStuckError, wait_for
from reader_bridge.pcsc import Context, Fault, PcscError, Presence, ReaderState

LISTING_SECONDS = 1.0
READING_SECONDS = 3.2
AGAIN_SECONDS = 0.8
PAUSE_SECONDS = 0.1
LISTING_LANE = ""

FAILURES = {
    Fault.SERVICE_NOT_RUNNING: Code.SERVICE_NOT_RUNNING,
    Fault.NO_READER: Code.NO_READER,
    Fault.NO_CARD: Code.CARD_NOT_DETECTED,
    Fault.CARD_REMOVED: Code.CARD_REMOVED,
    Fault.MUTE: Code.CARD_MUTE,
    Fault.BUSY: Code.CARD_BUSY,
    Fault.OUT_OF_TIME: Code.CARD_NOT_RESPONDING,
}


@dataclass
class CardExam:
    """One reader with a card: what was read, or which finding stands for why not."""

    state: ReaderState
    content: CardContent = field(default_factory=CardContent)
    protocol: str | None = None
    module: str | None = None
    failure: Code | None = None
    reason: str | None = None

    @property
    def reader(self) -> str:
        """The reader's name."""
        return self.state.name


@dataclass
class Examination:
    """What all readers gave. `failure` says why they could not even be listed."""

    readers: list[ReaderState] = field(default_factory=list)
    cards: list[CardExam] = field(default_factory=list)
    failure: Code | None = None
    reason: str | None = None


def examine(lanes: Lanes, pin_safe_atrs: frozenset[bytes], started: float) -> Examination:
    """Lists the readers and reads their cards side by side; returns by `started` + 3.2 s (monotonic)."""
    try:
        states = wait_for(lanes.start(LISTING_LANE, _list), LISTING_LANE, LISTING_SECONDS)
    except LaneStuckError:
        return Examination(failure=Code.SERVICE_NOT_RUNNING, reason="no answer")
    except PcscError as error:
        return Examination(failure=FAILURES.get(error.fault, Code.READ_FAILED), reason=str(error))
    found = Examination(states)
    deadline = started + READING_SECONDS
    running = [_start(lanes, state, deadline, pin_safe_atrs) for state in states if state.has_card]
    found.cards = [_finish(exam, future, deadline) for exam, future in running]
    return found


def _list() -> list[ReaderState]:
    with Context() as context:
        names = context.readers()
        return context.states(dict.fromkeys(names, 0))


def _start(
    lanes: Lanes, state: ReaderState, deadline: float, pin_safe_atrs: frozenset[bytes]
) -> tuple[CardExam, Future[tuple[CardContent, str]] | None]:
    exam = CardExam(state)
    if state.presence is Presence.MUTE:
        exam.failure = Code.CARD_MUTE
        return exam, None
    try:
        return exam, lanes.start(state.name, partial(_read, state.name, deadline, pin_safe_atrs))
    except LaneStuckError:
        exam.failure, exam.reason = Code.CARD_NOT_RESPONDING, "still waiting for an earlier answer"
        return exam, None


def _finish(exam: CardExam, future: Future[tuple[CardContent, str]] | None, deadline: float) -> CardExam:
    if future is None:
        return exam
    try:
        exam.content, exam.protocol = wait_for(future, exam.reader, deadline - time.monotonic())
    except LaneStuckError:
        # A transaction of another program and a dead card block alike; "shared" tells that somebody is there.
        exam.failure = Code.CARD_BUSY if exam.state.shared else Code.CARD_NOT_RESPONDING
    except PcscError as error:
        exam.failure, exam.reason = FAILURES.get(error.fault, Code.READ_FAILED), str(error)
    return exam


def _read(reader: str, deadline: float, pin_safe_atrs: frozenset[bytes]) -> tuple[CardContent, str]:
    """Reads one card, once again for a while when it was lost, reset or gave no answer."""
    again_until = None
    while True:
        try:
            with Context() as context, context.connect(reader, deadline) as card:
                return read_card(card, card.atr, pin_safe_atrs), "T=0" if card.t0 else "T=1"
        except PcscError as error:
            if again_until is None:
                if error.fault not in (Fault.NO_ANSWER, Fault.CARD_RESET, Fault.CARD_REMOVED):
                    raise
                again_until = min(time.monotonic() + AGAIN_SECONDS, deadline)
            if error.fault is Fault.NO_CARD:
                raise PcscError("read", Fault.CARD_REMOVED, error.code) from error
            if time.monotonic() + PAUSE_SECONDS >= again_until:
                raise
        time.sleep(PAUSE_SECONDS)
