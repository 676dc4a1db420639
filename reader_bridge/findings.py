"""What a diagnosis can find: a closed list, in the order in which to help."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from reader_bridge.messages import FINDING_MESSAGES


class Severity(str, Enum):
    """How bad a finding is for somebody who wants to use the card."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OK = "ok"


class Code(str, Enum):
    """Every finding there is, worst first."""

    SERVICE_NOT_RUNNING = "SERVICE_NOT_RUNNING"
    NO_READER = "NO_READER"
    CARD_NOT_DETECTED = "CARD_NOT_DETECTED"
    CARD_MUTE = "CARD_MUTE"
    CARD_BUSY = "CARD_BUSY"
    CARD_NOT_RESPONDING = "CARD_NOT_RESPONDING"
    CARD_REMOVED = "CARD_REMOVED"
    READ_FAILED = "READ_FAILED"
    UNKNOWN_CARD = "UNKNOWN_CARD"
    NO_SITHS_CERTIFICATE = "NO_SITHS_CERTIFICATE"
    CERTIFICATE_EXPIRED = "CERTIFICATE_EXPIRED"
    PIN_LOCKED = "PIN_LOCKED"
    CERTIFICATE_NOT_YET_VALID = "CERTIFICATE_NOT_YET_VALID"
    NO_HSA_ID_CERTIFICATE = "NO_HSA_ID_CERTIFICATE"
    PIN_LOW = "PIN_LOW"
    CERTIFICATE_EXPIRES_SOON = "CERTIFICATE_EXPIRES_SOON"
    WRONG_CERTIFICATE_FIRST = "WRONG_CERTIFICATE_FIRST"
    REMOTE_DESKTOP = "REMOTE_DESKTOP"
    SEVERAL_CARDS = "SEVERAL_CARDS"
    SEVERAL_READERS = "SEVERAL_READERS"
    PIN_STATUS_UNKNOWN = "PIN_STATUS_UNKNOWN"
    SITHS_RESERVE_CARD = "SITHS_RESERVE_CARD"
    ASSURANCE_LEVEL_2 = "ASSURANCE_LEVEL_2"
    ASSURANCE_LEVEL_3 = "ASSURANCE_LEVEL_3"
    ENVIRONMENT = "ENVIRONMENT"
    SITHS_ORDINARY_CARD = "SITHS_ORDINARY_CARD"

    @property
    def severity(self) -> Severity:
        """Fixed for each code."""
        return _SEVERITIES[self]


_ORDER = list(Code)
_WARNINGS = {
    Code.NO_HSA_ID_CERTIFICATE,
    Code.PIN_LOW,
    Code.CERTIFICATE_EXPIRES_SOON,
    Code.WRONG_CERTIFICATE_FIRST,
    Code.REMOTE_DESKTOP,
    Code.SEVERAL_CARDS,
}
_INFOS = {
    Code.SEVERAL_READERS,
    Code.PIN_STATUS_UNKNOWN,
    Code.SITHS_RESERVE_CARD,
    Code.ASSURANCE_LEVEL_2,
    Code.ASSURANCE_LEVEL_3,
    Code.ENVIRONMENT,
}


def _severity(code: Code) -> Severity:
    if code in _WARNINGS:
        return Severity.WARNING
    if code in _INFOS:
        return Severity.INFO
    return Severity.OK if code is Code.SITHS_ORDINARY_CARD else Severity.ERROR


_SEVERITIES = {code: _severity(code) for code in Code}


@dataclass(frozen=True)
class Finding:
    """One finding with what its sentence needs."""

    code: Code
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What it means and what to do, in Swedish."""
        return FINDING_MESSAGES[self.code.value].format(**_shown(self.data))

    def as_json(self) -> dict[str, Any]:
        """As in the report."""
        return {
            "code": self.code.value,
            "severity": self.code.severity.value,
            "message": self.message,
            "data": self.data,
        }


def _shown(data: dict[str, Any]) -> dict[str, str]:
    """The data as a person reads it: times as dates, lists with commas."""
    shown = {}
    for key, value in data.items():
        if key.startswith("valid_"):
            shown[key] = str(value)[:10]
        elif isinstance(value, list):
            shown[key] = ", ".join(str(item) for item in value) or "-"
        else:
            shown[key] = str(value)
    return shown


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Sorted by the order in which to help."""
    return sorted(findings, key=lambda finding: _ORDER.index(finding.code))
