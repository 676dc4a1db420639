"""Somebody else's software reads the same virtual card, so that the card is not only as our reader wishes."""

from __future__ import annotations

import subprocess

import pytest

from reader_bridge.card.certificates import CertificateFile, describe
from reader_bridge.diagnosis import Examiner
from reader_bridge.environment import Module, installed_modules
from reader_bridge.pkcs11_read import read_through
from tests.reader_bridge.card_engine import CardEngine
from tests.reader_bridge.certificates import HSA_ID, Certificate
from tests.reader_bridge.conftest import Insert, codes
from tests.reader_bridge.file_systems import FileSystem
from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd


@pytest.fixture
def opensc() -> Module:
    module = next((module for module in installed_modules() if module.name == "OpenSC"), None)
    assert module is not None, "OpenSC is not installed; run `make test-deps`"
    return module


def test_pkcs15_tool_reads_the_card(insert: Insert, service: Pcscd) -> None:
    card = insert("opensc")
    dump = subprocess.run(
        ["pkcs15-tool", "--dump"], env=service.environment, capture_output=True, text=True, check=True
    ).stdout
    assert dump.count("X.509 Certificate [") == 4
    assert "PIN [Legitimering]" in dump
    pem = subprocess.run(
        ["pkcs15-tool", "--read-certificate", "45"],
        env=service.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-subject"], input=pem, capture_output=True, text=True, check=True
    ).stdout
    assert HSA_ID in shown
    assert card.engine.verifies == []


def test_both_see_the_same_certificates(insert: Insert, opensc: Module, examiner: Examiner) -> None:
    insert("opensc")
    (token,) = [token for token in read_through(opensc.path, 30) if "Legitimering" in token.label]
    theirs = {describe(CertificateFile(file.der)) for file in token.certificates}
    card = examiner.diagnose().card
    assert card is not None
    assert theirs == set(card.content.certificates)


def test_a_card_only_its_middleware_can_read(
    insert: Insert, opensc: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own reading is blinded; the report then comes through PKCS#11 and says so."""
    insert("opensc")
    monkeypatch.setattr("reader_bridge.card.reading.pkcs15.open_application", lambda session: None)
    report = Examiner([opensc]).diagnose()
    assert "SITHS_ORDINARY_CARD" in codes(report)
    card = report.as_json()["card"]
    assert (card["read_by"], card["module"]) == ("pkcs11", "OpenSC")
    assert (report.identity() or {})["hsa_id"] == HSA_ID


def test_middleware_tells_that_the_pin_is_locked(insert: Insert, opensc: Module) -> None:
    insert("idprime-locked")
    tokens = read_through(opensc.path, 30)
    assert [token.pin.locked for token in tokens] == [True]


def test_a_card_unknown_to_everybody_gets_no_verify(insert: Insert, opensc: Module) -> None:
    card = insert(CardEngine(FileSystem({"3F00/2F05": b"bank"}, {})))
    assert codes(Examiner([opensc]).diagnose())[0] == "UNKNOWN_CARD"
    assert card.engine.verifies == []


@pytest.mark.parametrize("path", ["/nowhere/module.so", "/usr/lib/x86_64-linux-gnu/libc.so.6"])
def test_a_module_that_does_not_work_changes_nothing(path: str, insert: Insert) -> None:
    insert("unknown")
    assert codes(Examiner([Module("Broken", path)]).diagnose())[0] == "UNKNOWN_CARD"


def test_all_engines_certificates_are_well_formed() -> None:
    assert {kind for kind in KINDS if not KINDS[kind]().system.files} == set()
    assert describe(CertificateFile(Certificate().der())).hsa_id == HSA_ID
