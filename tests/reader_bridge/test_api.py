"""The calls themselves, over HTTP and real PC/SC."""

from __future__ import annotations

from tests.reader_bridge.bridge_process import BridgeProcess
from tests.reader_bridge.certificates import HSA_ID, PERSON_ID
from tests.reader_bridge.conftest import Insert, wait_for_presence, wait_until_empty
from tests.reader_bridge.kinds import KINDS
from tests.reader_bridge.pcscd import Pcscd
from tests.reader_bridge.vpcd import InsertedCard


def test_info_pair_diagnosis_identity(bridge: BridgeProcess, insert: Insert) -> None:
    info = bridge.call("/v1/info")
    assert info.status == 200
    assert info.json | {"version": ""} == {
        "name": "reader-bridge",
        "version": "",
        "api": 1,
        "paired": False,
        "pairing_open": True,
    }
    token = bridge.pair()
    assert bridge.call("/v1/info", token=token).json["paired"] is True
    insert("ordinary")
    report = bridge.call("/v1/diagnosis", {}, token).json
    assert report["card"]["kind"] == "ordinary"
    assert {probe["name"] for probe in report["probes"]} == {
        "service",
        "readers",
        "cards",
        "pin",
        "environment",
    }
    identity = bridge.call("/v1/identity", {"consent": True}, token)
    assert (identity.status, identity.json["hsa_id"]) == (200, HSA_ID)
    assert PERSON_ID not in identity.body.decode()


def test_diagnosis_needs_no_body(bridge: BridgeProcess, service: Pcscd) -> None:
    token = bridge.pair()
    answer = bridge.send("POST", "/v1/diagnosis", [*bridge.headers(token=token), ("Content-Length", "0")])
    assert answer.json["findings"][0]["code"] == "CARD_NOT_DETECTED"


def test_identity_without_a_card_says_what_to_do(bridge: BridgeProcess) -> None:
    answer = bridge.call("/v1/identity", {"consent": True}, bridge.pair())
    assert (answer.status, answer.code) == (404, "card_not_detected")
    assert "Sätt i kortet" in answer.json["message"]


def test_events_tell_of_insertion_and_removal(bridge: BridgeProcess, service: Pcscd) -> None:
    events = bridge.events(bridge.pair())
    name, data = next(events)
    assert name == "readers"
    assert [reader["state"] for reader in data["readers"]] == ["empty", "empty"]
    with InsertedCard(KINDS["ordinary"](), service.ports[0]):
        name, data = next(events)
        assert (name, data["reader"]) == ("insert", service.reader_names[0])
    assert next(events)[0] == "remove"
    events.close()


def test_streams_are_few(bridge: BridgeProcess) -> None:
    token = bridge.pair()
    streams = [bridge.events(token) for _ in range(8)]
    for stream in streams:
        next(stream)
    answer = bridge.call("/v1/events", token=token)
    assert (answer.status, answer.code) == (503, "too_many_streams")
    for stream in streams:
        stream.close()


def test_service_stopped_and_started_while_the_bridge_lives(bridge: BridgeProcess, service: Pcscd) -> None:
    token = bridge.pair()
    events = bridge.events(token)
    next(events)
    service.stop()
    assert next(events)[1]["service"] is False
    assert bridge.call("/v1/diagnosis", {}, token).json["findings"][0]["code"] == "SERVICE_NOT_RUNNING"
    service.start()
    while not next(events)[1].get("readers"):
        pass
    wait_until_empty(service)
    with InsertedCard(KINDS["ordinary"](), service.ports[0]):
        wait_for_presence(service.reader_names[0], present=True)
        assert bridge.call("/v1/diagnosis", {}, token).json["card"]["kind"] == "ordinary"
        assert next(events)[0] == "insert"
    events.close()
