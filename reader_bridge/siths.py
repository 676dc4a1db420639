"""What kind of SITHS card this is, judged by its certificates; ATR and label only hint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from reader_bridge.card.certificates import CardCertificate, Kind, Status, Usage
from reader_bridge.card.reading import CardContent

# pcsc-tools' list of ATRs: "Region Stockholm temporary eService card".
RESERVE_ATRS = frozenset({bytes.fromhex("3B7F96000080318065B0850400111202F0829000")})
# Regions give reservkort certificates for days up to six months; ordinary ones last for years.
RESERVE_VALIDITY = timedelta(days=184)
MAYBE_RESERVE_VALIDITY = timedelta(days=400)


class CardKind(str, Enum):
    """The kinds of the report."""

    ORDINARY = "ordinary"
    RESERVE = "reserve"
    NOT_SITHS = "not_siths"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Judgement:
    """The kind, and what it was judged by (`issuer`, `label`, `atr`, `validity`)."""

    kind: CardKind
    evidence: str | None = None


def judge(content: CardContent, atr: bytes) -> Judgement:
    """Ordinary card or reservkort, or why neither."""
    if content.read_by is None:
        return Judgement(CardKind.UNKNOWN)
    siths = siths_certificates(content.certificates)
    if not siths:
        return Judgement(CardKind.NOT_SITHS)
    evidence = _reserve_evidence(siths, content.label, atr)
    return Judgement(CardKind.RESERVE, evidence) if evidence else Judgement(CardKind.ORDINARY, "issuer")


def _reserve_evidence(siths: list[CardCertificate], label: str | None, atr: bytes) -> str | None:
    """What makes it a reservkort; None for an ordinary card."""
    levels = {certificate.assurance_level for certificate in siths}
    if 2 in levels and 3 not in levels:
        return "issuer"
    if "reserv" in (label or "").lower():
        return "label"
    longest = max(certificate.valid_to - certificate.valid_from for certificate in siths)
    if all(certificate.kind is Kind.HSA_ID for certificate in siths):
        if longest <= RESERVE_VALIDITY:
            return "validity"
        if atr in RESERVE_ATRS and longest <= MAYBE_RESERVE_VALIDITY:
            return "atr"
    return None


def siths_certificates(certificates: Sequence[CardCertificate]) -> list[CardCertificate]:
    """The holder's certificates issued by SITHS."""
    return [certificate for certificate in certificates if certificate.siths]


def login_certificate(certificates: Sequence[CardCertificate], now: datetime) -> CardCertificate | None:
    """The certificate that matters: with HSA-id, for log-in, in time, highest level, longest left."""
    siths = siths_certificates(certificates)
    return max(siths, key=lambda certificate: _worth(certificate, now), default=None)


def _worth(certificate: CardCertificate, now: datetime) -> tuple[bool, bool, bool, int, bool, datetime]:
    status = certificate.status(now)
    return (
        certificate.kind is Kind.HSA_ID,
        certificate.usage is Usage.AUTHENTICATION,
        status in (Status.VALID, Status.EXPIRES_SOON),
        certificate.assurance_level or 0,
        status is Status.NOT_YET_VALID,
        certificate.valid_to,
    )
