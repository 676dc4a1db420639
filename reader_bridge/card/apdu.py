"""Commands and status words (ISO 7816-4 clauses 5.1 and 7); the T=0 answers 61xx and 6Cxx stay in here."""

from __future__ import annotations

import logging
from enum import IntEnum
from typing import Protocol

from reader_bridge.card.errors import BadData, StatusError

TRAFFIC = 5
"""Log level below DEBUG: what goes to and from the card (never holds a code: none is ever sent)."""

MAX_ROUNDS = 200

logger = logging.getLogger(__name__)


class StatusWord(IntEnum):
    """Status words with the standard's meaning (ISO 7816-4 table 6)."""

    OK = 0x9000
    END_OF_FILE = 0x6282
    NO_INFORMATION = 0x6300
    WRONG_LENGTH = 0x6700
    COMMAND_INCOMPATIBLE_WITH_FILE = 0x6981
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    AUTHENTICATION_METHOD_BLOCKED = 0x6983
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    INCORRECT_P1_P2 = 0x6A86
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    OFFSET_OUTSIDE_FILE = 0x6B00


class Transport(Protocol):
    """The seam below this layer: a reader with a card in it, or a fake of five lines."""

    @property
    def t0(self) -> bool:
        """True when the card speaks T=0, which cannot carry data both ways in one command."""

    def send_and_receive(self, apdu: bytes) -> tuple[bytes, int]:
        """The card's answer: data, status word."""


class Session:
    """Sends commands and gives whole answers."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.t0 = transport.t0

    def send(self, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> tuple[bytes, int]:
        """Data and status word; 61xx and 6Cxx never reach the caller. `le` 0 means 256."""
        command = bytes([0x00, ins, p1, p2])
        if data:
            command += bytes([len(data)]) + data
        whole = command if le is None or (data and self.t0) else command + bytes([le & 0xFF])
        answer, sw = self._exchange(whole)
        if sw >> 8 == 0x6C:
            answer, sw = self._exchange(command + bytes([sw & 0xFF]))
        for _ in range(MAX_ROUNDS):
            if sw >> 8 != 0x61:
                return answer, sw
            more, sw = self._get_response(sw & 0xFF)
            answer += more
        raise BadData("the card never came to an end of its answer")

    def require(self, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None) -> bytes:
        """Like `send`, but `StatusError` unless the status is 9000 (or 6282 with what there was)."""
        answer, sw = self.send(ins, p1, p2, data, le)
        if sw not in (StatusWord.OK, StatusWord.END_OF_FILE):
            raise StatusError(sw, bytes([0, ins, p1, p2]))
        return answer

    def _get_response(self, length: int) -> tuple[bytes, int]:
        command = bytes([0x00, 0xC0, 0x00, 0x00])
        answer, sw = self._exchange(command + bytes([length]))
        if sw >> 8 == 0x6C:
            answer, sw = self._exchange(command + bytes([sw & 0xFF]))
        return answer, sw

    def _exchange(self, command: bytes) -> tuple[bytes, int]:
        answer, sw = self._transport.send_and_receive(command)
        logger.log(TRAFFIC, "> %s < %s %04X", command.hex(), answer.hex(), sw)
        return answer, sw
