"""Reads a card: PKCS#15 first, then IDPrime. The ATR never decides what a card is, only hints."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from reader_bridge.card import idprime, pin, pkcs15
from reader_bridge.card.apdu import Session, Transport
from reader_bridge.card.certificates import CardCertificate, CertificateFile, describe
from reader_bridge.card.errors import BadData, CardError
from reader_bridge.card.pin import PinStatus


class ReadBy(str, Enum):
    """The way the certificates were found."""

    PKCS15 = "pkcs15"
    IDPRIME = "idprime"
    PKCS11 = "pkcs11"


@dataclass
class CardContent:
    """What was found; `read_by` is None when the card has no application we know."""

    read_by: ReadBy | None = None
    label: str | None = None
    certificates: list[CardCertificate] = field(default_factory=list)
    pin: PinStatus = pin.NOT_ASKED
    notes: list[str] = field(default_factory=list)


def read_card(transport: Transport, atr: bytes, pin_safe_atrs: frozenset[bytes] = frozenset()) -> CardContent:
    """Everything the card tells without a PIN. `pin_safe_atrs`: card types tested with an empty VERIFY.

    Errors of the transport (card pulled out, time over) go through; a card that answers oddly never raises.
    """
    session = Session(transport)
    content = _read_pkcs15(session, atr in pin_safe_atrs)
    if content.certificates:
        return content
    other = _read_idprime(session, atr)
    return other if other.read_by and (other.certificates or not content.read_by) else content


def _read_pkcs15(session: Session, may_ask: bool) -> CardContent:
    content = CardContent()
    try:
        application = pkcs15.open_application(session)
        if application is None:
            return content
        found = pkcs15.read_content(application)
        content.read_by, content.label, content.notes = ReadBy.PKCS15, found.label, found.notes
        content.certificates = describe_all(found.certificates, content.notes)
        if may_ask:
            content.pin = _worst([pin.ask(session, item.reference) for item in found.pins])
    except CardError as error:
        content.notes.append(f"pkcs15: {error}")
    return content


def _read_idprime(session: Session, atr: bytes) -> CardContent:
    content = CardContent()
    try:
        application = idprime.open_application(session)
        if application is None:
            return content
        files = idprime.read_certificates(application, content.notes)
        content.read_by = ReadBy.IDPRIME
        content.certificates = describe_all(files, content.notes)
        if pin.matches(atr, pin.IDPRIME_ATR):
            content.pin = pin.ask(session, pin.IDPRIME_PIN)
    except CardError as error:
        content.notes.append(f"idprime: {error}")
    return content


def describe_all(files: list[CertificateFile], notes: list[str]) -> list[CardCertificate]:
    """The certificates that parse, each once, in the card's order."""
    found: list[CardCertificate] = []
    for der in dict.fromkeys(files):
        try:
            found.append(describe(der))
        except BadData as error:
            notes.append(str(error))
    return found


def _worst(answers: list[PinStatus]) -> PinStatus:
    """The PIN that needs help most: locked, then fewest tries, then unknown."""
    known = [answer for answer in answers if answer.tries_left is not None]
    if known:
        return min(known, key=lambda answer: answer.tries_left or 0)
    return answers[0] if answers else pin.NOT_ASKED
