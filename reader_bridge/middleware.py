"""Fills in what the card itself did not tell from the PKCS#11 modules on this computer."""

from __future__ import annotations

import time
from collections.abc import Sequence

from reader_bridge.card.pin import PinUnknown
from reader_bridge.card.reading import CardContent, ReadBy, describe_all
from reader_bridge.environment import Module
from reader_bridge.examination import CardExam
from reader_bridge.findings import Code
from reader_bridge.pkcs11_read import ModuleToken, read_through
from reader_bridge.siths import siths_certificates

READABLE_FAILURES = (None, Code.READ_FAILED)
GENERIC_MODULE = "OpenSC"


def consult(cards: list[CardExam], modules: Sequence[Module], deadline: float) -> None:
    """Asks module after module (until `deadline`, monotonic) while a card has something left to tell."""
    for module in modules:
        left = deadline - time.monotonic()
        if left < 0.3 or not any(_wants(exam, module) for exam in cards):
            continue
        tokens = read_through(module.path, left)
        for exam in cards:
            if _wants(exam, module):
                _take(exam, module, [token for token in tokens if _same_reader(token, exam, len(cards))])


def _wants(exam: CardExam, module: Module) -> bool:
    if exam.failure not in READABLE_FAILURES:
        return False
    if not exam.content.certificates:
        return True
    # Only the card's own middleware is asked about a PIN: a generic module may try what the card counts.
    unknown = exam.content.pin.unknown in (PinUnknown.NOT_SAFE_TO_ASK, PinUnknown.NOT_READ)
    return unknown and module.name != GENERIC_MODULE and bool(siths_certificates(exam.content.certificates))


def _same_reader(token: ModuleToken, exam: CardExam, cards: int) -> bool:
    """Modules cut the reader's name at 64 characters; with one card there is nothing to mix up."""
    return cards == 1 or token.reader[:60].strip() == exam.reader[:60].strip()


def _take(exam: CardExam, module: Module, tokens: list[ModuleToken]) -> None:
    pins = [token.pin for token in tokens if token.pin.tries_left is not None]
    if not exam.content.certificates:
        files = [file for token in tokens for file in token.certificates]
        notes: list[str] = []
        certificates = describe_all(files, notes)
        if not certificates:
            return
        label = tokens[0].label
        exam.content = CardContent(ReadBy.PKCS11, label, certificates, exam.content.pin, notes)
        exam.module, exam.failure = module.name, None
    if pins and exam.content.pin.locked is None:
        exam.content.pin = min(pins, key=lambda pin: pin.tries_left or 0)
