"""What is said about each kind of card, over real PC/SC."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from reader_bridge.diagnosis import Examiner
from reader_bridge.findings import Code, Finding, Severity
from reader_bridge.messages import FINDING_MESSAGES
from tests.reader_bridge.card_engine import CardEngine
from tests.reader_bridge.certificates import CARD_NUMBER, HSA_ID, PERSON_ID, Certificate
from tests.reader_bridge.conftest import Insert, codes
from tests.reader_bridge.file_systems import Layout, pkcs15
from tests.reader_bridge.kinds import KINDS, PERSON
from tests.reader_bridge.pcscd import Pcscd

UNIMPORTANT = {"SEVERAL_READERS", "ENVIRONMENT"}
ORDINARY = {"SITHS_ORDINARY_CARD", "ASSURANCE_LEVEL_3"}
ASKED = {"PIN_STATUS_UNKNOWN"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ordinary", ORDINARY | ASKED),
        ("reserve", {"SITHS_RESERVE_CARD", "ASSURANCE_LEVEL_2"} | ASKED),
        ("expired", {"CERTIFICATE_EXPIRED"} | ORDINARY | ASKED),
        ("expires-soon", {"CERTIFICATE_EXPIRES_SOON"} | ORDINARY | ASKED),
        ("not-yet-valid", {"CERTIFICATE_NOT_YET_VALID"} | ORDINARY | ASKED),
        ("locked", {"PIN_LOCKED"} | ORDINARY),
        ("pin-low", {"PIN_LOW"} | ORDINARY),
        ("foreign", {"NO_SITHS_CERTIFICATE"}),
        ("empty", {"NO_SITHS_CERTIFICATE"}),
        ("unknown", {"UNKNOWN_CARD"}),
        ("person-first", {"WRONG_CERTIFICATE_FIRST"} | ORDINARY | ASKED),
        ("t0", ORDINARY | ASKED),
        ("opensc", ORDINARY | ASKED),
        ("idprime", ORDINARY),
        ("idprime-locked", {"PIN_LOCKED"} | ORDINARY),
        ("compressed", ORDINARY | ASKED),
        ("mute", {"CARD_MUTE"}),
    ],
)
def test_each_kind_of_card_has_its_findings(
    kind: str, expected: set[str], insert: Insert, examiner: Examiner
) -> None:
    insert(kind)
    assert set(codes(examiner.diagnose())) - UNIMPORTANT == expected


def test_no_card_in_the_reader(service: Pcscd, examiner: Examiner) -> None:
    report = examiner.diagnose()
    assert codes(report)[0] == "CARD_NOT_DETECTED"
    assert report.findings[0].data["readers"] == list(service.reader_names)
    assert report.as_json()["card"] is None


def test_report_says_how_the_card_was_read(insert: Insert, examiner: Examiner) -> None:
    insert("idprime")
    card = examiner.diagnose().as_json()["card"]
    assert (card["read_by"], card["protocol"], card["kind"]) == ("idprime", "T=0", "ordinary")
    assert card["pin"] == {"asked": True, "why_not": None, "locked": False, "tries_left": 5}


def test_report_tells_nobody_who_the_holder_is(insert: Insert, examiner: Examiner) -> None:
    insert("ordinary")
    text = json.dumps(examiner.diagnose().as_json(), ensure_ascii=False)
    for secret in (HSA_ID, PERSON_ID, "Exempel", "Anna", CARD_NUMBER):
        assert secret not in text


def test_identity_comes_from_the_certificate_with_hsa_id(insert: Insert, examiner: Examiner) -> None:
    insert("person-first")
    identity = examiner.diagnose().identity()
    assert identity is not None
    assert identity["hsa_id"] == HSA_ID
    assert identity["name"] == "Anna Exempel"
    assert identity["organisation"] == "Vårdcentralen Exempel AB"
    assert identity["card_number"] == CARD_NUMBER
    assert PERSON_ID not in json.dumps(identity)


def test_no_identity_from_a_card_with_personnummer_only(insert: Insert, examiner: Examiner) -> None:
    insert(CardEngine(pkcs15([PERSON])))
    report = examiner.diagnose()
    assert report.identity() is None
    assert "NO_HSA_ID_CERTIFICATE" in codes(report)


def test_a_valid_certificate_outweighs_an_old_one(insert: Insert, examiner: Examiner) -> None:
    old = Certificate(serial_number="SE5560360793-0001", start_days=-2000, end_days=-200)
    insert(CardEngine(pkcs15([old, Certificate()])))
    report = examiner.diagnose()
    assert "CERTIFICATE_EXPIRED" not in codes(report)
    assert (report.identity() or {})["hsa_id"] == HSA_ID


@pytest.mark.parametrize(("days", "code"), [(30.5, None), (29.9, "CERTIFICATE_EXPIRES_SOON")])
def test_a_month_is_the_limit_for_expiring_soon(
    days: float, code: str | None, insert: Insert, examiner: Examiner
) -> None:
    insert(CardEngine(pkcs15([Certificate(end_days=days)])))
    assert ("CERTIFICATE_EXPIRES_SOON" in codes(examiner.diagnose())) == (code is not None)


def test_the_clock_decides_what_is_valid(insert: Insert) -> None:
    insert("ordinary")
    late = Examiner(now=lambda: datetime.now(timezone.utc) + timedelta(days=5000))
    assert codes(late.diagnose())[0] == "CERTIFICATE_EXPIRED"


def test_no_verify_goes_to_a_card_type_that_is_not_tested(insert: Insert, examiner: Examiner) -> None:
    for kind in ("ordinary", "t0", "opensc", "foreign", "unknown"):
        card = insert(kind)
        examiner.diagnose()
        assert card.engine.commands
        assert card.engine.verifies == []
        card.remove()


def test_a_tested_card_gets_one_empty_verify_a_pin(insert: Insert, examiner: Examiner) -> None:
    card = insert("pin-low")
    examiner.diagnose()
    assert card.engine.verifies == [bytes.fromhex("00200001"), bytes.fromhex("00200002")]
    assert card.engine.tries == {1: 1, 2: 3}


def test_two_cards_the_siths_card_is_the_one_reported(insert: Insert, examiner: Examiner) -> None:
    insert("foreign", reader=0)
    insert("ordinary", reader=1)
    report = examiner.diagnose()
    assert "SEVERAL_CARDS" in codes(report)
    assert "NO_SITHS_CERTIFICATE" not in codes(report)
    assert report.as_json()["card"]["reader"] == "Virtual PCD 00 01"


def test_remote_desktop_is_told(service: Pcscd, examiner: Examiner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSIONNAME", "RDP-Tcp#7")
    assert "REMOTE_DESKTOP" in codes(examiner.diagnose())


def test_a_card_that_cannot_be_read_to_the_end_is_no_foreign_card(insert: Insert, examiner: Examiner) -> None:
    system = pkcs15([Certificate()], Layout())
    del system.files["3F00/5015/4331"]
    insert(CardEngine(system))
    assert codes(examiner.diagnose())[0] == "READ_FAILED"


def test_every_finding_has_a_severity_and_a_sentence() -> None:
    assert set(FINDING_MESSAGES) == {code.value for code in Code}
    assert {code.severity for code in Code} == set(Severity)
    data = {
        "valid_to": "2026-01-02T00:00:00Z",
        "valid_from": "2026-01-02T00:00:00Z",
        "days_left": 3,
        "tries_left": 1,
        "readers": ["A", "B"],
        "os": "Linux",
        "pcsc": "pcsclite",
        "middleware": [],
    }
    for code in Code:
        assert "{" not in Finding(code, data).message


def test_all_kinds_are_covered_here() -> None:
    parameters = test_each_kind_of_card_has_its_findings.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {kind for kind, _ in parameters} | {"hung"} == set(KINDS)
