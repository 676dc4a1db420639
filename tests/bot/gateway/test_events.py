"""The event stream: nothing lost, nothing doubled, in order."""

from __future__ import annotations

import threading

import httpx
import pytest

from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, eventually, problem


def seqs(events: list[tuple[str, int | None, dict[str, object]]]) -> list[int]:
    return [number for name, number, _ in events if name == "message" and number is not None]


def test_missed_messages_come_first_then_the_state_then_the_live_ones(visitor: Visitor) -> None:
    visitor.ask("före")
    with visitor.events() as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        begin = stream.until(lambda name, _: name == "state")
        assert [name for name, _, _ in begin] == ["message"] * 3 + ["state"]
        assert begin[-1][2] == {
            "state": "bot", "pending": False, "queue": None, "staff_name": None, "contact_given": False,
        }  # fmt: skip
        assert begin[-1][1] is None
        visitor.write("efter")
        live = stream.until(lambda name, data: name == "message" and data["author"] == "bot")
    assert seqs(begin + live) == [1, 2, 3, 4, 5]
    assert live[-1][2] == visitor.log()[-1]


def test_a_stream_resumes_after_the_last_event_id(visitor: Visitor) -> None:
    visitor.ask("ett")
    visitor.ask("två")
    with visitor.events(last_id=3) as stream:
        assert seqs(stream.until(lambda name, _: name == "state")) == [4, 5]
    with visitor.events(last_id=5) as stream:
        assert seqs(stream.until(lambda name, _: name == "state")) == []


def test_typing_is_told_while_the_bot_answers(visitor: Visitor) -> None:
    with visitor.events(last_id=1) as stream:
        stream.until(lambda name, _: name == "state")
        visitor.write("hej")
        seen = stream.until(lambda name, data: name == "typing" and not data["active"])
    typing = [data for name, _, data in seen if name == "typing"]
    assert typing[-1] == {"author": "bot", "name": "Supportboten", "active": False}
    assert seqs(seen) == [2, 3]


def test_two_tabs_see_the_same(visitor: Visitor) -> None:
    with visitor.events() as left, visitor.events() as right:
        for tab in (left, right):
            tab.until(lambda name, _: name == "state")
        for number in range(3):
            visitor.write(f"nummer {number}")
        visitor.wait_until_answered()
        last = visitor.log()[-1]["seq"]
        seen = [
            seqs(tab.until(lambda name, data: name == "message" and data["seq"] == last))
            for tab in (left, right)
        ]
    assert seen[0] == seen[1] == list(range(2, last + 1))


def test_nothing_is_lost_or_doubled_when_the_stream_breaks_again_and_again(visitor: Visitor) -> None:
    writer = threading.Thread(target=lambda: [visitor.write(f"text {number}") for number in range(25)])
    writer.start()
    seen: list[int] = []
    while len(seen) < 51:
        with visitor.events(last_id=seen[-1] if seen else 0) as stream:
            for name, number, _ in stream:
                if name == "message" and number is not None:
                    seen.append(number)
                if name == "message" and len(seen) % 7 == 0:
                    break
                if len(seen) == 51:
                    break
    writer.join()
    assert seen == list(range(1, 52))
    assert [message["seq"] for message in visitor.log()] == seen


def test_messages_are_answered_in_order_and_one_at_a_time(visitor: Visitor, engine: EngineStandIn) -> None:
    for number in range(10):
        assert visitor.write(f"text {number}").status_code == 202
    visitor.wait_until_answered()
    assert engine.texts() == [f"text {number}" for number in range(10)]
    assert visitor.said("bot")[1:] == [f"svar: text {number}" for number in range(10)]
    assert engine.most_at_once == 1


def test_an_erased_conversation_ends_its_streams(visitor: Visitor) -> None:
    with visitor.events() as stream:
        stream.until(lambda name, _: name == "state")
        visitor.call("DELETE")
        assert list(stream) == []


def test_a_heartbeat_keeps_the_connection(start_gateway: Gateways) -> None:
    visitor = Visitor(start_gateway(heartbeat_seconds=0.05).url).greeted()
    with visitor.events(last_id=1) as stream:
        lines = stream.response.iter_lines()
        assert sum(1 for _, line in zip(range(40), lines, strict=False) if line.startswith(":")) > 3


def test_open_streams_are_limited_and_closed_ones_make_room(start_gateway: Gateways) -> None:
    visitor = Visitor(start_gateway(streams_per_conversation=2).url).greeted()
    first, second = visitor.events(), visitor.events()
    refused = visitor.call("GET", "/events")
    problem(refused, 429, "too_many_streams")
    assert int(refused.headers["retry-after"]) >= 1
    first.close()

    def again() -> bool:
        stream = visitor.events()
        stream.close()
        return stream.response.status_code == 200

    eventually(again)
    second.close()


@pytest.mark.parametrize("limit", [{"streams_total": 1}, {"streams_per_address": 1, "mode": "production"}])
def test_streams_are_limited_in_all_and_by_address(start_gateway: Gateways, limit: dict[str, object]) -> None:
    gateway = start_gateway(secret_key="x" * 32, **limit)
    first, second = Visitor(gateway.url), Visitor(gateway.url)
    with first.events() as stream:
        stream.until(lambda name, _: name == "state")
        problem(second.call("GET", "/events"), 429, "too_many_streams")


def test_a_strange_last_event_id_is_ignored(visitor: Visitor) -> None:
    for strange in ("abc", "²", "-1", "9" * 30):
        headers = {**visitor.headers, "Last-Event-ID": strange.encode()}
        with httpx.stream("GET", f"{visitor.http.base_url}{visitor.path}/events", headers=headers) as answer:
            assert answer.status_code == 200


def test_stopping_the_gateway_ends_streams_at_once(gateway: RunningGateway, visitor: Visitor) -> None:
    with visitor.events() as stream:
        stream.until(lambda name, _: name == "state")
        gateway.stop()
        assert list(stream) == []
