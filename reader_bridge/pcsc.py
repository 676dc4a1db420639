"""The one file that knows pyscard: readers, their states, and a shared connection to one card.

The C functions are called directly. pyscard's classes disconnect with a reset by default, disconnect in
`__del__` (which hangs with a silent card) and their monitors end for good when the card service restarts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

if sys.platform == "linux":
    # Without the PC/SC library pyscard writes "Failed to dlopen" to stdout, where a report may be expected.
    _stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        from smartcard import scard
    finally:
        os.dup2(_stdout, 1)
        os.close(_stdout)
else:
    from smartcard import scard

PNP = "\\\\?PnP?\\Notification"
# Windows shows its own key stores and the SIM as readers that always hold a card.
NOT_READERS = ("Windows Hello", "Microsoft UICC", "Microsoft Virtual Smart Card")
BUSY_RETRY_SECONDS = 1.5
RETRY_PAUSE_SECONDS = 0.05
KIND: str = scard.resourceManager


class Fault(Enum):
    """What can go wrong below the card layer; every PC/SC error is one of them."""

    SERVICE_NOT_RUNNING = auto()
    NO_READER = auto()
    NO_CARD = auto()
    CARD_REMOVED = auto()
    CARD_RESET = auto()
    MUTE = auto()
    BUSY = auto()
    NO_ANSWER = auto()
    REFUSED = auto()
    OUT_OF_TIME = auto()
    OTHER = auto()


FAULTS = {
    0x8010001D: Fault.SERVICE_NOT_RUNNING,
    0x8010001E: Fault.SERVICE_NOT_RUNNING,
    0x80100013: Fault.SERVICE_NOT_RUNNING,
    0x80100018: Fault.SERVICE_NOT_RUNNING,
    0x8010002E: Fault.NO_READER,
    0x80100009: Fault.NO_READER,
    0x80100017: Fault.NO_READER,
    0x8010000C: Fault.NO_CARD,
    0x80100069: Fault.CARD_REMOVED,
    0x80100068: Fault.CARD_RESET,
    0x80100016: Fault.NO_ANSWER,
    0x80100066: Fault.MUTE,
    0x80100067: Fault.MUTE,
    0x8010000F: Fault.MUTE,
    0x80100015: Fault.MUTE,
    0x8010000B: Fault.BUSY,
    0x8010006A: Fault.REFUSED,
    0x80100027: Fault.REFUSED,
    0x8010000A: Fault.OUT_OF_TIME,
    0x80100002: Fault.OUT_OF_TIME,
}


class PcscError(Exception):
    """A PC/SC call failed; `code` is its number (0 when the card just gave no answer)."""

    def __init__(self, call: str, fault: Fault, code: int = 0) -> None:
        super().__init__(f"{call}: {fault.name} ({code:08X})")
        self.fault = fault
        self.code = code


class Presence(str, Enum):
    """What a reader's state says, as in the report."""

    CARD = "card"
    EMPTY = "empty"
    MUTE = "mute"
    IN_USE = "in_use"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class ReaderState:
    """One reader now. `changes` counts insertions and removals where the system counts them."""

    name: str
    presence: Presence
    atr: bytes
    shared: bool
    changes: int
    raw: int

    @property
    def has_card(self) -> bool:
        """True when there is something in the reader."""
        return self.presence in (Presence.CARD, Presence.MUTE, Presence.IN_USE)


def _check(call: str, answer: Any) -> list[Any]:
    """The results of a scard call without its return code."""
    code, *results = answer if isinstance(answer, (list, tuple)) else [answer]
    code &= 0xFFFFFFFF
    if code:
        raise PcscError(call, FAULTS.get(code, Fault.OTHER), code)
    return results


class Context:
    """A connection to the card service; use as a context manager."""

    def __init__(self) -> None:
        (self._handle,) = _check("SCardEstablishContext", scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *_: object) -> None:
        scard.SCardReleaseContext(self._handle)

    def readers(self) -> list[str]:
        """The real readers' names; an empty list when there is none."""
        try:
            (names,) = _check("SCardListReaders", scard.SCardListReaders(self._handle, []))
        except PcscError as error:
            if error.fault is Fault.NO_READER:
                return []
            raise
        return [name for name in names if not name.startswith(NOT_READERS)]

    def states(self, known: dict[str, int], timeout_seconds: float = 0.0) -> list[ReaderState]:
        """The readers' states once one differs from `known` (name → raw state, 0: not known yet).

        `PNP` among the names waits for readers to come and go. `PcscError` OUT_OF_TIME when nothing changed.
        """
        if not known:
            return []
        milliseconds = int(timeout_seconds * 1000)
        (answer,) = _check(
            "SCardGetStatusChange",
            scard.SCardGetStatusChange(self._handle, milliseconds, list(known.items())),
        )
        return [_state(name, raw, bytes(atr)) for name, raw, atr in answer]

    def cancel(self) -> None:
        """Ends a waiting `states` of another thread at once."""
        scard.SCardCancel(self._handle)

    @contextmanager
    def connect(self, reader: str, deadline: float) -> Iterator[Card]:
        """The card, shared with other programs and in one transaction; left powered and as it is.

        `deadline` is a `time.monotonic()`. A card that another program holds alone, or that is just being
        powered, is tried again for 1.5 s.
        """
        handle, protocol = self._open(reader, min(deadline, time.monotonic() + BUSY_RETRY_SECONDS))
        try:
            _check("SCardBeginTransaction", scard.SCardBeginTransaction(handle))
            try:
                _, _, _, atr = _check("SCardStatus", scard.SCardStatus(handle))
                yield Card(handle, protocol, bytes(atr), deadline)
            finally:
                scard.SCardEndTransaction(handle, scard.SCARD_LEAVE_CARD)
        finally:
            scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD)

    def _open(self, reader: str, until: float) -> tuple[Any, int]:
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        while True:
            try:
                handle, protocol = _check(
                    "SCardConnect",
                    scard.SCardConnect(self._handle, reader, scard.SCARD_SHARE_SHARED, protocols),
                )
            except PcscError as error:
                if error.fault not in (Fault.BUSY, Fault.MUTE) or time.monotonic() >= until:
                    raise
                time.sleep(RETRY_PAUSE_SECONDS)
            else:
                return handle, protocol


class Card:
    """A connected card: the transport of the card layer."""

    def __init__(self, handle: Any, protocol: int, atr: bytes, deadline: float) -> None:
        self._handle = handle
        self._deadline = deadline
        self.atr = atr
        self.t0 = protocol == scard.SCARD_PROTOCOL_T0

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        """One exchange; `PcscError` when there is no card, no answer or no time left."""
        if time.monotonic() >= self._deadline:
            raise PcscError("SCardTransmit", Fault.OUT_OF_TIME)
        header = scard.SCARD_PCI_T0 if self.t0 else scard.SCARD_PCI_T1
        (answer,) = _check("SCardTransmit", scard.SCardTransmit(self._handle, header, list(apdu)))
        if len(answer) < 2:
            raise PcscError("SCardTransmit", Fault.NO_ANSWER)
        return bytes(answer[:-2]), answer[-2] << 8 | answer[-1]


def _state(name: str, raw: int, atr: bytes) -> ReaderState:
    if raw & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE):
        presence = Presence.UNAVAILABLE
    elif not raw & scard.SCARD_STATE_PRESENT:
        presence = Presence.EMPTY
    elif raw & scard.SCARD_STATE_MUTE:
        presence = Presence.MUTE
    elif raw & scard.SCARD_STATE_EXCLUSIVE:
        presence = Presence.IN_USE
    else:
        presence = Presence.CARD
    shared = bool(raw & scard.SCARD_STATE_INUSE)
    return ReaderState(name, presence, atr, shared, raw >> 16, raw & ~scard.SCARD_STATE_CHANGED)
