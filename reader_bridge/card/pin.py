"""Is the PIN locked? Asked only where asking is known to be safe.

The question is a VERIFY without data (ISO 7816-4 clause 7.5.6). Some cards count it as a failed attempt,
so it goes only to card families that are known to answer it properly, once a reading, and never with data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from reader_bridge.card.apdu import Session, StatusWord

VERIFY = 0x20
IDPRIME_PIN = 0x11
NO_TRIES_LEFT = 0x63C0
# ATRs of the IDPrime family as OpenSC lists them; `?` nibbles differ between its models.
IDPRIME_ATR = "3B7F??000080318065B0????????12????829000"


class PinUnknown(str, Enum):
    """Why nothing is known about the PIN."""

    NOT_SAFE_TO_ASK = "not_safe_to_ask"
    NO_SUCH_PIN = "no_such_pin"
    ALREADY_VERIFIED = "already_verified"
    UNCLEAR_ANSWER = "unclear_answer"
    NOT_READ = "not_read"


@dataclass(frozen=True)
class PinStatus:
    """`locked` is None when it is not known, and then `unknown` says why."""

    asked: bool
    locked: bool | None = None
    tries_left: int | None = None
    unknown: PinUnknown | None = None


NOT_ASKED = PinStatus(asked=False, unknown=PinUnknown.NOT_SAFE_TO_ASK)
NOT_READ = PinStatus(asked=False, unknown=PinUnknown.NOT_READ)


def matches(atr: bytes, pattern: str) -> bool:
    """True when the ATR has the pattern's hex digits, `?` standing for any."""
    digits = atr.hex().upper()
    return len(digits) == len(pattern) and all(
        want in ("?", digit) for digit, want in zip(digits, pattern, strict=True)
    )


def ask(session: Session, reference: int) -> PinStatus:
    """Tries left of one PIN. The caller has made sure that this card type may be asked."""
    _, sw = session.send(VERIFY, 0x00, reference)
    if sw in (StatusWord.AUTHENTICATION_METHOD_BLOCKED, NO_TRIES_LEFT):
        return PinStatus(asked=True, locked=True, tries_left=0)
    if sw & 0xFFF0 == 0x63C0:
        return PinStatus(asked=True, locked=False, tries_left=sw & 0x0F)
    if sw == StatusWord.OK:
        return PinStatus(asked=True, locked=False, unknown=PinUnknown.ALREADY_VERIFIED)
    missing = sw in (StatusWord.REFERENCED_DATA_NOT_FOUND, StatusWord.FILE_NOT_FOUND)
    return PinStatus(asked=True, unknown=PinUnknown.NO_SUCH_PIN if missing else PinUnknown.UNCLEAR_ANSWER)
