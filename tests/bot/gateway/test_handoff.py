"""From bot to a person, as the visitor sees it."""

from __future__ import annotations

import itertools
import threading
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.gateway.handoff import states
from bot.gateway.handoff.requests import Leaving, leaves_queue
from bot.gateway.hours import TIME_ZONE
from bot.gateway.schemas import State
from tests.bot.gateway.conftest import Gateways
from tests.bot.gateway.engine_stand_in import EngineStandIn, echo
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, eventually, problem


def handoff_rows(gateway: RunningGateway) -> list[Any]:
    engine = sa.create_engine(gateway.settings.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT * FROM handoffs ORDER BY id")).mappings())


def test_a_person_can_be_asked_for_first_of_all_and_with_the_engine_down(
    gateway: RunningGateway, engine: EngineStandIn
) -> None:
    engine.stop()
    visitor = Visitor(gateway.url)
    status = visitor.post("/handoff").json()
    assert status["state"] == "waiting"
    assert status["queue"] == {"position": 1, "waiting": 1, "open_now": None, "opening_text": None}
    assert any("Nu står du i kö" in text for text in visitor.said("system"))


def test_asking_twice_queues_once(visitor: Visitor, gateway: RunningGateway) -> None:
    for _ in range(3):
        assert visitor.post("/handoff").json()["state"] == "waiting"
    assert len(handoff_rows(gateway)) == 1


def test_the_bot_is_silent_while_a_person_is_waited_for(visitor: Visitor, engine: EngineStandIn) -> None:
    visitor.post("/handoff")
    visitor.write("Är någon där?")
    visitor.press("1-0")
    visitor.post("/card-report", failed="declined")
    assert visitor.read()["pending"] is False
    assert engine.texts() == []
    assert visitor.said("visitor") == ["Är någon där?", "Kortet kunde inte kontrolleras."]


def test_an_answer_on_its_way_when_a_person_is_asked_for_is_dropped_but_a_receipt_is_kept(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    asked, go = threading.Event(), threading.Event()
    receipt = {
        "directive": "order_receipt",
        "order_number": "P-7K4M-2XR",
        "kind": "puk",
        "lines": [],
        "next_step": None,
    }

    def script(_body: dict[str, Any]) -> Any:
        asked.set()
        go.wait(10)
        return [{"text": "boten pratar"}, {"custom": receipt}]

    engine.script = script
    visitor.write("ja, beställ")
    assert asked.wait(5)
    visitor.post("/handoff")
    go.set()
    card = {
        "type": "order_receipt",
        "order_number": "P-7K4M-2XR",
        "kind": "puk",
        "lines": [],
        "next_step": None,
    }
    eventually(lambda: visitor.log()[-1]["card"] == card)
    assert "boten pratar" not in visitor.said("bot")


def test_the_bot_hands_over_with_a_summary(
    visitor: Visitor, engine: EngineStandIn, gateway: RunningGateway
) -> None:
    summary = {"errand": "order_puk", "slots": {}, "tried": ["guide"], "last_text": "det går inte"}
    engine.script = lambda body: [
        {"custom": {"directive": "handoff", "reason": "guide_failed", "summary": summary}},
        {"text": "Jag kopplar dig till en person."},
    ]
    answer = visitor.ask("det går inte")
    assert [line["author"] for line in answer] == ["bot", "system"]
    assert visitor.read()["state"] == "waiting"
    [row] = handoff_rows(gateway)
    assert row["reason"] == "guide_failed"
    assert "order_puk" in str(row["summary"])


def test_messages_behind_the_one_that_was_handed_over_are_left_to_the_person(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    go = threading.Event()

    def script(_body: dict[str, Any]) -> Any:
        go.wait(10)
        return [{"custom": {"directive": "handoff", "reason": "visitor_asked", "summary": None}}]

    engine.script = script
    visitor.write("människa tack")
    visitor.write("och en sak till")
    go.set()
    eventually(lambda: visitor.read()["state"] == "waiting")
    assert visitor.read()["pending"] is False
    assert engine.texts() == ["människa tack"]


def test_places_in_the_queue_move_up_and_are_told(gateway: RunningGateway) -> None:
    visitors = [Visitor(gateway.url).greeted() for _ in range(3)]
    for visitor in visitors:
        visitor.post("/handoff")
    assert [visitor.status()["queue"]["position"] for visitor in visitors] == [1, 2, 3]
    with visitors[2].events() as stream:
        stream.until(lambda name, data: name == "state" and data["queue"]["position"] == 3)
        visitors[0].post("/close")
        stream.until(lambda name, data: name == "state" and data["queue"]["position"] == 2)
        visitors[1].call("DELETE", "/handoff")
        stream.until(lambda name, data: name == "state" and data["queue"]["position"] == 1)


def test_who_stops_waiting_talks_to_the_bot_again(visitor: Visitor, engine: EngineStandIn) -> None:
    problem(visitor.call("DELETE", "/handoff"), 409, "not_waiting")
    visitor.post("/handoff")
    assert visitor.call("DELETE", "/handoff").json()["state"] == "bot"
    assert visitor.ask("hej igen")[-1]["text"] == "svar: hej igen"


@pytest.mark.parametrize(
    ("text", "leaving"),
    [
        ("sluta vänta", Leaving.YES),
        ("nej jag vill inte köa mer", Leaving.YES),
        ("Kan jag få tillbaka boten?", Leaving.YES),
        ("jag tar hellre boten, tack", Leaving.YES),
        ("oj ångrade mig", Leaving.YES),
        ("avbryt", Leaving.YES),
        ("behöver ingen hjälp längre", Leaving.YES),
        ("ångrar mig, kan du svara på hur man byter pin", Leaving.PERHAPS),
        ("vill inte vänta mer, när är det min tur?", Leaving.PERHAPS),
        ("orkar inte vänta, jag har patienter", Leaving.PERHAPS),
        ("avbryt beställningen av läsarna", Leaving.PERHAPS),
        ("jag vill inte lämna kön", Leaving.NO),
        ("inte boten igen", Leaving.NO),
        ("avbryt inte", Leaving.NO),
        ("nej vänta", Leaving.NO),
        ("hur lång är kön?", Leaving.NO),
        ("boten kunde inte svara på det här", Leaving.NO),
        ("kortet behöver inte bytas", Leaving.NO),
    ],
)
def test_only_who_says_nothing_else_leaves_the_queue(text: str, leaving: Leaving) -> None:
    assert leaves_queue(text) is leaving


def test_a_visitor_can_write_that_it_waits_no_longer(
    visitor: Visitor, engine: EngineStandIn, gateway: RunningGateway
) -> None:
    visitor.post("/handoff")
    assert "sluta vänta" in visitor.said("system")[-1]
    visitor.write("jag vill inte stå i kö längre")
    visitor.wait_until_answered()
    assert visitor.read()["state"] == "bot"
    [row] = handoff_rows(gateway)
    assert row["outcome"] == "stopped_waiting"
    assert [body["metadata"].get("event") for body in engine.received][-1] == "handed_back"
    assert "jag vill inte stå i kö längre" not in engine.texts()
    assert visitor.ask("hej igen")[-1]["text"] == "svar: hej igen"


def test_who_says_more_than_that_stays_in_the_queue_and_is_told_how_to_leave_it(visitor: Visitor) -> None:
    visitor.post("/handoff")
    visitor.write("ångrar mig, kan man byta pin på distans")
    assert visitor.read()["state"] == "waiting"
    assert visitor.said("system")[-1].startswith("Du står kvar i kön.")


def test_contact_details_make_a_call_back_task_when_the_visitor_leaves(
    visitor: Visitor, gateway: RunningGateway
) -> None:
    problem(visitor.post("/contact", email="anna@example.se"), 409, "not_waiting")
    visitor.post("/handoff")
    assert visitor.post("/contact", name="Anna", phone="018-12 34 56").json()["contact_given"] is True
    assert any("018-12 34 56" in text for text in visitor.said("system"))
    visitor.post("/close")
    [row] = handoff_rows(gateway)
    assert (bool(row["callback"]), row["ended_at"], row["contact_phone"]) == (True, None, "018-12 34 56")


@pytest.mark.parametrize(
    ("written", "phone", "email"),
    [
        ("ring mig på 070-174 06 05 tack", "070-174 06 05", None),
        ("jag nås på Eva.Berg@kliniken.example.", None, "Eva.Berg@kliniken.example"),
        ("mejla eva@kliniken.example el ring +46 8 465 004 17", "+46 8 465 004 17", "eva@kliniken.example"),
        ("jag ringde 018-481 19 00 men ingen svarade", None, None),
        ("det gäller kund 100234 och SE5560360793-1003, 12 kort", None, None),
    ],
)
def test_how_to_be_reached_may_be_written_while_waiting(
    visitor: Visitor, gateway: RunningGateway, written: str, phone: str | None, email: str | None
) -> None:
    visitor.write(written)
    assert not visitor.status()["contact_given"]
    visitor.post("/handoff")
    visitor.write(written)
    [row] = handoff_rows(gateway)
    assert (row["contact_phone"], row["contact_email"]) == (phone, email)
    assert visitor.status()["contact_given"] is bool(phone or email)
    assert visitor.said("system")[-1].startswith("Tack! Vi hör av oss") is bool(phone or email)


def test_an_address_written_after_a_number_leaves_the_number(
    visitor: Visitor, gateway: RunningGateway
) -> None:
    visitor.post("/handoff")
    visitor.write("070-174 06 05")
    visitor.write("annars eva@kliniken.example")
    [row] = handoff_rows(gateway)
    assert (row["contact_phone"], row["contact_email"]) == ("070-174 06 05", "eva@kliniken.example")


def test_a_call_back_task_takes_no_place_in_the_queue(gateway: RunningGateway) -> None:
    first, second = Visitor(gateway.url).greeted(), Visitor(gateway.url).greeted()
    first.post("/handoff")
    first.post("/contact", email="anna@example.se")
    first.post("/close")
    assert second.post("/handoff").json()["queue"]["position"] == 1


def test_closing_without_contact_details_ends_the_wait(visitor: Visitor, gateway: RunningGateway) -> None:
    visitor.post("/handoff")
    visitor.post("/close")
    [row] = handoff_rows(gateway)
    assert row["outcome"] == "visitor_closed"


def test_outside_opening_hours_the_visitor_is_told_the_hours(start_gateway: Gateways) -> None:
    minute = "23:58-23:59" if datetime.now(TIME_ZONE).hour < 12 else "00:00-00:01"
    visitor = Visitor(start_gateway(opening_hours=f"mån-sön {minute}").url).greeted()
    queue = visitor.post("/handoff").json()["queue"]
    assert queue["open_now"] is False
    told = visitor.said("system")[-1]
    assert "stängt" in told
    assert queue["opening_text"] in told


def test_the_hand_off_survives_a_restart(visitor: Visitor, gateway: RunningGateway) -> None:
    visitor.post("/handoff")
    gateway.stop()
    gateway.start()
    assert visitor.status()["queue"]["position"] == 1


@pytest.mark.parametrize(("old", "new"), list(itertools.product(State, State)))
def test_only_the_drawn_ways_are_open(old: State, new: State) -> None:
    drawn = {
        ("bot", "waiting"), ("bot", "staff"), ("bot", "closed"),
        ("waiting", "bot"), ("waiting", "staff"), ("waiting", "closed"),
        ("staff", "bot"), ("staff", "waiting"), ("staff", "staff"), ("staff", "closed"),
    }  # fmt: skip
    if (old.value, new.value) in drawn:
        states.check(old, new)
    else:
        with pytest.raises(states.NotAllowed):
            states.check(old, new)


def test_many_asking_at_once_get_different_places(gateway: RunningGateway, engine: EngineStandIn) -> None:
    engine.script = echo
    visitors = [Visitor(gateway.url) for _ in range(8)]
    threads = [threading.Thread(target=visitor.post, args=("/handoff",)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(visitor.status()["queue"]["position"] for visitor in visitors) == list(range(1, 9))
