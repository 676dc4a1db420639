"""One diagnosis: looks, judges, reports. Always completes, within five seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from reader_bridge import environment
from reader_bridge.assessment import assess, iso, main_card
from reader_bridge.card.certificates import CardCertificate, Kind
from reader_bridge.environment import Module
from reader_bridge.examination import CardExam, Examination, examine
from reader_bridge.findings import Code, Finding
from reader_bridge.lanes import Lanes
from reader_bridge.messages import WHY_NOT
from reader_bridge.middleware import consult
from reader_bridge.siths import judge, login_certificate

MIDDLEWARE_SECONDS = 4.5
logger = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Diagnosis:
    """What one look at the readers gave."""

    examination: Examination
    findings: list[Finding]
    environment: dict[str, Any]
    made_at: datetime
    duration_seconds: float

    @property
    def card(self) -> CardExam | None:
        """The card the report is about."""
        return main_card(self.examination)

    def as_json(self) -> dict[str, Any]:
        """The report of the API; holds nothing that tells who the holder is."""
        card = self.card
        return {
            "findings": [finding.as_json() for finding in self.findings],
            "readers": [
                {"name": state.name, "state": state.presence.value, "atr": state.atr.hex().upper() or None}
                for state in self.examination.readers
            ],
            "card": _card_json(card, self.made_at) if card else None,
            "environment": self.environment,
            "probes": _probes(self.examination, card),
            "made_at": iso(self.made_at),
            "duration_ms": round(self.duration_seconds * 1000),
        }

    def identity(self) -> dict[str, Any] | None:
        """Who the card says its holder is; None when no HSA-id could be read. Ask for consent first."""
        card = self.card
        chosen = login_certificate(card.content.certificates, self.made_at) if card else None
        if card is None or chosen is None or chosen.hsa_id is None:
            return None
        return {
            "hsa_id": chosen.hsa_id,
            "name": chosen.name,
            "organisation": chosen.organisation,
            "issuer": chosen.issuer,
            "assurance_level": chosen.assurance_level,
            "kind": judge(card.content, card.state.atr).kind.value,
            "valid_from": iso(chosen.valid_from),
            "valid_to": iso(chosen.valid_to),
            "status": chosen.status(self.made_at).value,
            "card_number": chosen.card_number,
        }


@dataclass
class Examiner:
    """Makes diagnoses. `modules`: PKCS#11 modules to fall back on; `pin_safe_atrs`: see `read_card`."""

    modules: Sequence[Module] = ()
    pin_safe_atrs: frozenset[bytes] = frozenset()
    now: Callable[[], datetime] = _utc_now
    lanes: Lanes = field(default_factory=Lanes)

    def diagnose(self) -> Diagnosis:
        """Blocks for at most five seconds; never raises for anything a reader or card does."""
        started = time.monotonic()
        environment.pcsc_version()  # remembered; asked first so that nothing slow comes after the last limit
        examination = examine(self.lanes, self.pin_safe_atrs, started)
        consult(examination.cards, self.modules, started + MIDDLEWARE_SECONDS)
        for card in examination.cards:
            for note in card.content.notes:
                logger.info("%s: %s", card.reader, note)
        running = examination.failure is not Code.SERVICE_NOT_RUNNING
        surroundings = environment.describe(running, list(self.modules))
        made_at = self.now()
        findings = assess(examination, surroundings, made_at)
        return Diagnosis(examination, findings, surroundings, made_at, time.monotonic() - started)


def _card_json(exam: CardExam, now: datetime) -> dict[str, Any]:
    content = exam.content
    judgement = judge(content, exam.state.atr)
    chosen = login_certificate(content.certificates, now)
    return {
        "reader": exam.reader,
        "atr": exam.state.atr.hex().upper() or None,
        "protocol": exam.protocol,
        "read_by": content.read_by.value if content.read_by else None,
        "module": exam.module,
        "kind": judgement.kind.value,
        "kind_evidence": judgement.evidence,
        "assurance_level": chosen.assurance_level if chosen else None,
        "certificates": [
            _certificate_json(position, certificate, now)
            for position, certificate in enumerate(content.certificates, start=1)
        ],
        "pin": {
            "asked": content.pin.asked,
            "why_not": WHY_NOT[content.pin.unknown.value] if content.pin.unknown else None,
            "locked": content.pin.locked,
            "tries_left": content.pin.tries_left,
        },
    }


def _certificate_json(position: int, certificate: CardCertificate, now: datetime) -> dict[str, Any]:
    return {
        "position": position,
        "kind": certificate.kind.value,
        "usage": certificate.usage.value,
        "siths": certificate.siths,
        "test": certificate.test,
        "issuer": certificate.issuer if certificate.siths else None,
        "assurance_level": certificate.assurance_level if certificate.kind is not Kind.AUTHORITY else None,
        "valid_from": iso(certificate.valid_from),
        "valid_to": iso(certificate.valid_to),
        "status": certificate.status(now).value,
    }


def _probes(examination: Examination, card: CardExam | None) -> list[dict[str, Any]]:
    """What was tried: each gave data, or says why not."""
    service = None if examination.failure is None else "service"
    readers = service or (None if examination.readers else "no_reader")
    cards = readers or ("no_card" if card is None else "not_read" if card.failure else None)
    unknown = card.content.pin.unknown if card else None
    pin = cards or (unknown.value if unknown else None)
    reasons = {"service": service, "readers": readers, "cards": cards, "pin": pin, "environment": None}
    return [
        {"name": name, "ok": why is None, "why_not": WHY_NOT[why] if why else None}
        for name, why in reasons.items()
    ]
