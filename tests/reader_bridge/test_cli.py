"""The command line, as somebody at the computer uses it."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.reader_bridge.bridge_process import BridgeProcess
from tests.reader_bridge.conftest import Insert
from tests.reader_bridge.kinds import KINDS, PIN_TESTED_ATR
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import InsertedCard


def run(service: Pcscd, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reader_bridge", *arguments],
        env=service.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_diagnose_prints_the_report(service: Pcscd, insert: Insert) -> None:
    insert("expired")
    answer = run(service, "diagnose", "--json")
    report = json.loads(answer.stdout)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert report["findings"][0]["code"] == "CERTIFICATE_EXPIRED"
    assert set(report) >= {"findings", "readers", "card", "environment"}


def test_diagnose_in_words(service: Pcscd, insert: Insert) -> None:
    insert("reserve")
    assert "· Det här är ett SITHS-reservkort." in run(service, "diagnose").stdout.splitlines()


def test_operator_names_a_tested_card_type(service: Pcscd, insert: Insert) -> None:
    insert("locked")
    asked = run(service, "diagnose", "--json", "--pin-safe-atr", PIN_TESTED_ATR.hex())
    assert json.loads(asked.stdout)["findings"][0]["code"] == "PIN_LOCKED"
    not_asked = run(service, "diagnose", "--json")
    assert "PIN_LOCKED" not in not_asked.stdout


def test_readers_are_listed(service: Pcscd, insert: Insert) -> None:
    insert("ordinary", reader=1)
    assert run(service, "readers").stdout.splitlines() == [
        "Virtual PCD 00 00: inget kort",
        "Virtual PCD 00 01: kort i läsaren",
    ]


def test_without_a_service(service: Pcscd) -> None:
    service.stop()
    try:
        listing, diagnosis = run(service, "readers"), run(service, "diagnose", "--json")
    finally:
        service.start()
    assert (listing.returncode, listing.stderr) == (1, "Datorns tjänst för smarta kort är inte igång.\n")
    assert json.loads(diagnosis.stdout)["findings"][0]["code"] == "SERVICE_NOT_RUNNING"


def test_watch_tells_of_cards(service: Pcscd) -> None:
    command = [sys.executable, "-m", "reader_bridge", "watch"]
    with subprocess.Popen(command, env=service.environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert [next(lines) for _ in range(3)][-1].startswith("Väntar på kort")
        with InsertedCard(KINDS["ordinary"](), service.ports[0]):
            assert next(lines) == "Kort isatt i Virtual PCD 00 00\n"
        assert next(lines) == "Kort urtaget ur Virtual PCD 00 00\n"
        process.terminate()


def test_serve_stops_at_once_with_open_event_streams(service: Pcscd) -> None:
    with BridgeProcess(service.environment) as bridge:
        events = bridge.events(bridge.pair())
        assert next(events)[0] == "readers"
        bridge.process.terminate()
        assert list(events) == []
        assert bridge.process.wait(timeout=5) is not None


def test_the_code_stands_alone_on_its_line(service: Pcscd) -> None:
    with BridgeProcess(service.environment) as bridge:
        assert len(bridge.code) == 6
        assert bridge.code.isdigit()
