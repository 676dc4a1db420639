"""Pairing: a code shown on this computer, typed into the page, gives the page's origin a token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

ATTEMPTS = 3
TOKEN_SECONDS = 12 * 3600


class WrongCodeError(Exception):
    """The code is wrong; `attempts_left` more may be tried."""

    def __init__(self, attempts_left: int) -> None:
        super().__init__("wrong pairing code")
        self.attempts_left = attempts_left


class PairingEndedError(Exception):
    """Three wrong codes: only somebody at this computer can open pairing again."""


@dataclass(frozen=True)
class Token:
    """A secret for one origin; `expires_at` is a Unix time."""

    value: str
    expires_at: float


class Pairing:
    """Holds the code and, hashed, one token an origin. `announce` is told a new code, or None at the end."""

    def __init__(
        self,
        announce: Callable[[str | None], None] = lambda code: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._announce = announce
        self._clock = clock
        self._lock = threading.Lock()
        self._code = _new_code()
        self._attempts = ATTEMPTS
        self._tokens: dict[str, tuple[bytes, float]] = {}

    @property
    def code(self) -> str | None:
        """The code to show; None when pairing has ended."""
        return self._code if self._attempts else None

    def renew(self) -> None:
        """Opens pairing with a new code; for somebody at this computer, never for a page."""
        with self._lock:
            self._code, self._attempts = _new_code(), ATTEMPTS
        self._announce(self.code)

    def pair(self, code: str, origin: str) -> Token:
        """A new token for the origin (an older one of it ends); `WrongCodeError`, `PairingEndedError`."""
        with self._lock:
            if not self._attempts:
                raise PairingEndedError
            if hmac.compare_digest(code.encode(), self._code.encode()):
                self._attempts = ATTEMPTS
                token = Token(secrets.token_urlsafe(32), self._clock() + TOKEN_SECONDS)
                self._tokens[origin] = (_digest(token.value), token.expires_at)
                return token
            self._attempts -= 1
            left = self._attempts
        if left:
            raise WrongCodeError(left)
        self._announce(None)
        raise PairingEndedError

    def accepts(self, token: str, origin: str) -> bool:
        """True when this is the origin's token and its time is not over."""
        known, expires_at = self._tokens.get(origin, (bytes(32), 0.0))
        return hmac.compare_digest(_digest(token), known) and self._clock() < expires_at


def _new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
