"""Puts a card engine into a virtual reader: the client's side of vsmartcard's vpcd protocol.

Connecting is inserting, closing is removing. Messages are a two-byte length and a body; one-byte bodies from
the reader are power off (0), power on (1), reset (2) and "what is your ATR" (4); longer ones are APDUs.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from enum import Enum, auto

from tests.reader_bridge.card_engine import CardEngine

QUICKACK = getattr(socket, "TCP_QUICKACK", 12)
MUTE_ATR = bytes(40)


class Act(Enum):
    """What the card does with an APDU."""

    ANSWER = auto()
    HANG = auto()
    REMOVE = auto()


class InsertedCard:
    """A card in a virtual reader until `remove`. `on_apdu(count, apdu)` may break it at any command."""

    def __init__(
        self,
        engine: CardEngine,
        port: int,
        mute: bool = False,
        on_apdu: Callable[[int, bytes], Act] = lambda count, apdu: Act.ANSWER,
    ) -> None:
        self.engine = engine
        self._mute = mute
        self._on_apdu = on_apdu
        self._count = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> InsertedCard:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Pulls the card out."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5)
        self._socket.close()

    def wait(self) -> None:
        """Returns when the reader or `remove` ended the connection."""
        self._thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while (body := self._receive()) is not None:
                if len(body) == 1:
                    self._control(body[0])
                elif not self._apdu(body):
                    return

    def _control(self, code: int) -> None:
        if code == 4:
            self._send(MUTE_ATR if self._mute else self.engine.atr)
        else:
            self.engine.reset()

    def _apdu(self, apdu: bytes) -> bool:
        self._count += 1
        act = self._on_apdu(self._count, apdu)
        if act is Act.REMOVE:
            self._socket.shutdown(socket.SHUT_RDWR)
            return False
        if act is Act.ANSWER:
            self._send(self.engine.answer(apdu))
        return True

    def _send(self, body: bytes) -> None:
        self._socket.sendall(len(body).to_bytes(2, "big") + body)

    def _receive(self) -> bytes | None:
        head = self._exactly(2)
        return None if head is None else self._exactly(int.from_bytes(head, "big"))

    def _exactly(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            self._socket.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)
            more = self._socket.recv(count - len(data))
            if not more:
                return None
            data += more
        return data
