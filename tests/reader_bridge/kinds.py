"""The virtual cards by name, for tests and for `virtual_card.py`."""

from __future__ import annotations

from collections.abc import Callable

from tests.reader_bridge.card_engine import CardEngine, atr_with_check
from tests.reader_bridge.certificates import (
    HSA_ISSUER_2,
    PERSON_ID,
    PERSON_ISSUER_3,
    Certificate,
)
from tests.reader_bridge.file_systems import FileSystem, Layout, idprime, pkcs15

NIDEL_ATR = bytes.fromhex("3B9F94801FC30068104405014649534531C807900018")
STOCKHOLM_RESERVE_ATR = bytes.fromhex("3B7F96000080318065B0850400111202F0829000")
IDPRIME_940_ATR = bytes.fromhex("3B7F96000080318065B0855956FB120FFE829000")
PIN_TESTED_ATR = atr_with_check(bytes.fromhex("3B8B01") + b"SITHS-pins!" + b"\0")
AUTH, SIGN = Certificate(), Certificate(signature=True)
PERSON = Certificate(issuer=PERSON_ISSUER_3, serial_number=PERSON_ID)
STRANGER = Certificate(issuer="Telia e-legitimation CA v3", serial_number=PERSON_ID)


def ordinary_certificates(**changes: float) -> list[Certificate]:
    """The four certificates of an ordinary card, with other validity if wanted."""
    return [
        Certificate(**changes),  # type: ignore[arg-type]
        Certificate(signature=True, **changes),  # type: ignore[arg-type]
        Certificate(issuer=PERSON_ISSUER_3, serial_number=PERSON_ID, **changes),  # type: ignore[arg-type]
        Certificate(issuer=PERSON_ISSUER_3, serial_number=PERSON_ID, signature=True, **changes),  # type: ignore[arg-type]
    ]


def _reserve() -> list[Certificate]:
    return [
        Certificate(issuer=HSA_ISSUER_2, start_days=-2, end_days=90),
        Certificate(issuer=HSA_ISSUER_2, start_days=-2, end_days=90, signature=True),
    ]


KINDS: dict[str, Callable[[], CardEngine]] = {
    "ordinary": lambda: CardEngine(pkcs15(ordinary_certificates()), tries={1: 3, 2: 3}),
    "reserve": lambda: CardEngine(pkcs15(_reserve()), tries={1: 3, 2: 3}),
    "expired": lambda: CardEngine(pkcs15(ordinary_certificates(start_days=-1900, end_days=-3))),
    "expires-soon": lambda: CardEngine(pkcs15(ordinary_certificates(start_days=-1800, end_days=12.5))),
    "not-yet-valid": lambda: CardEngine(pkcs15(ordinary_certificates(start_days=5, end_days=1800))),
    "locked": lambda: CardEngine(pkcs15(ordinary_certificates()), atr=PIN_TESTED_ATR, tries={1: 0, 2: 3}),
    "pin-low": lambda: CardEngine(pkcs15(ordinary_certificates()), atr=PIN_TESTED_ATR, tries={1: 1, 2: 3}),
    "foreign": lambda: CardEngine(pkcs15([STRANGER], label="e-legitimation")),
    "unknown": lambda: CardEngine(FileSystem({"3F00/2F05": b"bank"}, {})),
    "empty": lambda: CardEngine(pkcs15([])),
    "person-first": lambda: CardEngine(pkcs15([PERSON, AUTH, SIGN])),
    "t0": lambda: CardEngine(pkcs15(ordinary_certificates()), atr=STOCKHOLM_RESERVE_ATR, t0=True),
    "opensc": lambda: CardEngine(pkcs15(ordinary_certificates()), atr=NIDEL_ATR, t0=True, tries={1: 3, 2: 3}),
    "idprime": lambda: CardEngine(idprime([AUTH, SIGN]), atr=IDPRIME_940_ATR, t0=True, tries={0x11: 5}),
    "idprime-locked": lambda: CardEngine(
        idprime([AUTH, SIGN]), atr=IDPRIME_940_ATR, t0=True, tries={0x11: 0}
    ),
    "compressed": lambda: CardEngine(pkcs15([AUTH, SIGN], Layout(compressed=True, padding=0))),
    "mute": lambda: CardEngine(pkcs15([AUTH])),
    "hung": lambda: CardEngine(pkcs15([AUTH])),
}
