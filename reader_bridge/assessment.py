"""From what was seen to findings. Pure: no reader, no clock of its own."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from reader_bridge.card.certificates import Kind, Status
from reader_bridge.card.pin import PinUnknown
from reader_bridge.examination import CardExam, Examination
from reader_bridge.findings import Code, Finding, worst_first
from reader_bridge.pcsc import Presence
from reader_bridge.siths import CardKind, judge, login_certificate, siths_certificates

FEW_TRIES = 2


def iso(moment: datetime) -> str:
    """UTC with a Z, to the second, as everywhere in the API."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def main_card(examination: Examination) -> CardExam | None:
    """The card the report is about: a SITHS card before any other, a readable one before a silent one."""

    def worth(exam: CardExam) -> tuple[bool, bool, bool]:
        content = exam.content
        return bool(siths_certificates(content.certificates)), exam.failure is None, bool(content.read_by)

    return max(examination.cards, key=worth, default=None)


def assess(examination: Examination, environment: dict[str, Any], now: datetime) -> list[Finding]:
    """Every finding, worst first; never empty."""
    remote = bool(environment["remote_session"])
    findings = [_environment(environment)]
    if remote:
        findings.append(Finding(Code.REMOTE_DESKTOP))
    exam = main_card(examination)
    if examination.failure is not None:
        findings.append(_failure(examination, environment))
    elif not examination.readers:
        findings.append(Finding(Code.NO_READER, {"remote_session": remote}))
    elif exam is None:
        findings.append(_no_card(examination))
    else:
        findings += _card(exam, now)
    names = [state.name for state in examination.readers]
    if len(names) > 1:
        findings.append(Finding(Code.SEVERAL_READERS, {"readers": names}))
    if len(examination.cards) > 1:
        findings.append(Finding(Code.SEVERAL_CARDS, {"readers": [card.reader for card in examination.cards]}))
    return worst_first(findings)


def _environment(environment: dict[str, Any]) -> Finding:
    service = environment["pcsc"]
    return Finding(
        Code.ENVIRONMENT,
        {
            "os": f"{environment['os']} {environment['os_version']}",
            "pcsc": " ".join(part for part in (service["kind"], service["version"]) if part),
            "middleware": [module["name"] for module in environment["middleware"]],
        },
    )


def _failure(examination: Examination, environment: dict[str, Any]) -> Finding:
    if examination.failure is Code.SERVICE_NOT_RUNNING:
        return Finding(Code.SERVICE_NOT_RUNNING, {"os": environment["os"]})
    return Finding(Code.READ_FAILED, {"reader": None, "reason": examination.reason})


def _no_card(examination: Examination) -> Finding:
    names = [state.name for state in examination.readers if state.presence is Presence.EMPTY]
    return Finding(Code.CARD_NOT_DETECTED, {"readers": names})


def _card(exam: CardExam, now: datetime) -> list[Finding]:
    if exam.failure is not None:
        return [_unread(exam, exam.failure)]
    reader, content = {"reader": exam.reader}, exam.content
    if not content.certificates and content.notes:
        return [Finding(Code.READ_FAILED, {**reader, "reason": content.notes[0]})]
    judgement = judge(content, exam.state.atr)
    if judgement.kind is CardKind.UNKNOWN:
        return [Finding(Code.UNKNOWN_CARD, {**reader, "atr": exam.state.atr.hex().upper()})]
    if judgement.kind is CardKind.NOT_SITHS:
        return [Finding(Code.NO_SITHS_CERTIFICATE, {**reader, "certificates": len(content.certificates)})]
    reserve = judgement.kind is CardKind.RESERVE
    code = Code.SITHS_RESERVE_CARD if reserve else Code.SITHS_ORDINARY_CARD
    kind = Finding(code, {**reader, "evidence": judgement.evidence})
    return [kind, *_pin(exam), *_certificates(exam, now)]


def _unread(exam: CardExam, failure: Code) -> Finding:
    if failure is Code.CARD_NOT_DETECTED:
        return Finding(failure, {"readers": [exam.reader]})
    if failure is Code.READ_FAILED:
        return Finding(failure, {"reader": exam.reader, "reason": exam.reason})
    if failure is Code.NO_READER:
        return Finding(failure, {"remote_session": False})
    return Finding(failure, {"reader": exam.reader})


def _pin(exam: CardExam) -> list[Finding]:
    pin, reader = exam.content.pin, {"reader": exam.reader}
    if pin.locked:
        return [Finding(Code.PIN_LOCKED, reader)]
    if pin.tries_left is not None and pin.tries_left <= FEW_TRIES:
        return [Finding(Code.PIN_LOW, {**reader, "tries_left": pin.tries_left})]
    if pin.locked is None or pin.unknown is PinUnknown.UNCLEAR_ANSWER:
        return [Finding(Code.PIN_STATUS_UNKNOWN, reader)]
    return []


def _certificates(exam: CardExam, now: datetime) -> list[Finding]:
    """Validity, level and order of a SITHS card's certificates."""
    reader: dict[str, Any] = {"reader": exam.reader}
    certificates = exam.content.certificates
    chosen = login_certificate(certificates, now)
    if chosen is None:
        return []
    findings = []
    status = chosen.status(now)
    valid_to = {**reader, "valid_to": iso(chosen.valid_to)}
    if status is Status.EXPIRED:
        findings.append(Finding(Code.CERTIFICATE_EXPIRED, valid_to))
    elif status is Status.NOT_YET_VALID:
        starts = {**reader, "valid_from": iso(chosen.valid_from)}
        findings.append(Finding(Code.CERTIFICATE_NOT_YET_VALID, starts))
    elif status is Status.EXPIRES_SOON:
        days = (chosen.valid_to - now).days
        findings.append(Finding(Code.CERTIFICATE_EXPIRES_SOON, {**valid_to, "days_left": days}))
    if chosen.kind is not Kind.HSA_ID:
        findings.append(Finding(Code.NO_HSA_ID_CERTIFICATE, reader))
    if chosen.assurance_level in (2, 3):
        level = Code.ASSURANCE_LEVEL_2 if chosen.assurance_level == 2 else Code.ASSURANCE_LEVEL_3
        findings.append(Finding(level, reader))
    first = next(item for item in certificates if item.kind is not Kind.AUTHORITY)
    if first.kind is not Kind.HSA_ID and chosen.kind is Kind.HSA_ID:
        findings.append(Finding(Code.WRONG_CERTIFICATE_FIRST, {**reader, "first": first.kind.value}))
    return findings
