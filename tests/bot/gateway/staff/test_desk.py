"""From the queue to a person and back: what staff do with a chat."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from bot.gateway.staff.accounts import Role
from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.staff.conftest import SignIn
from tests.bot.gateway.visitor import Visitor, eventually, problem


def test_a_chat_goes_from_the_queue_to_a_person_and_back_to_the_bot(
    visitor: Visitor, sign_in: SignIn, engine: EngineStandIn
) -> None:
    anna = sign_in("anna", name="Anna")
    visitor.ask("mitt kort är låst")
    visitor.post("/handoff")
    assert visitor.status()["queue"]["position"] == 1
    assert anna.read(visitor.id)["summary"]["errand"] == "mitt kort är låst"
    assert anna.take(visitor.id).json() == {"new": True}
    assert visitor.status()["staff_name"] == "Anna"
    assert anna.write(visitor.id, "Hej, jag hjälper dig.").status_code == 202
    visitor.write("tack")
    assert [line["text"] for line in visitor.log() if line["author"] == "staff"] == ["Hej, jag hjälper dig."]
    assert "tack" not in engine.texts()  # the bot is silent
    assert anna.post(f"/conversations/{visitor.id}/hand-back", remark="Kortet är upplåst").status_code == 200
    event = eventually(lambda: [b for b in engine.received if b["metadata"].get("event") == "handed_back"])[0]
    assert event["metadata"]["remark"] == "Kortet är upplåst"
    assert visitor.status()["state"] == "bot"
    assert visitor.ask("hej igen")[-1]["text"] == "svar: hej igen"
    detail = anna.read(visitor.id)
    assert [note["text"] for note in detail["notes"]] == ["Kortet är upplåst"]
    assert detail["handoffs"][0]["outcome"] == "handed_back"


def test_of_many_who_take_a_chat_at_once_one_gets_it(visitor: Visitor, sign_in: SignIn) -> None:
    desks = [sign_in(f"kollega{number}") for number in range(6)]
    visitor.post("/handoff")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda desk: desk.take(visitor.id), desks))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "already_taken")
    winner = next(desk for desk, answer in zip(desks, answers, strict=True) if answer.status_code == 200)
    assert visitor.status()["staff_name"] == winner.me["name"]
    assert len([text for text in visitor.said("system") if "är här nu" in text]) == 1
    assert winner.take(visitor.id).json() == {"new": False}
    loser = next(desk for desk in desks if desk is not winner)
    problem(loser.write(visitor.id, "hej"), 409, "not_yours")
    problem(loser.post(f"/conversations/{visitor.id}/close", reason="solved"), 409, "not_yours")


def test_the_same_answer_twice_is_written_once(visitor: Visitor, sign_in: SignIn) -> None:
    anna = sign_in("anna")
    visitor.post("/handoff")
    anna.take(visitor.id)
    message_id = str(uuid.uuid4())
    first, second = (anna.write(visitor.id, "Hej", message_id) for _ in range(2))
    assert first.json() == second.json()
    assert visitor.said("staff") == ["Hej"]


def test_staff_take_a_chat_from_the_bot(visitor: Visitor, sign_in: SignIn, engine: EngineStandIn) -> None:
    anna = sign_in("anna")
    visitor.ask("hur gör jag")
    assert anna.take(visitor.id).json() == {"new": True}
    visitor.write("är du en människa?")
    assert visitor.read()["pending"] is False
    assert "är du en människa?" not in engine.texts()


def test_forward_to_a_colleague_and_to_the_queue(visitor: Visitor, sign_in: SignIn) -> None:
    anna, bo = sign_in("anna", name="Anna"), sign_in("bo", name="Bo")
    visitor.post("/handoff")
    visitor.post("/contact", email="v@example.se")
    anna.take(visitor.id)
    path = f"/conversations/{visitor.id}/forward"
    assert anna.post(path, to=bo.me["id"], remark="Du kan det här").status_code == 200
    assert visitor.status()["staff_name"] == "Bo"
    assert bo.write(visitor.id, "Hej").status_code == 202
    problem(anna.write(visitor.id, "Hej"), 409, "not_yours")
    problem(bo.post(path, to=str(uuid.uuid4())), 404, "colleague_not_found")
    assert bo.post(path, to=None).status_code == 200
    assert visitor.status()["queue"]["position"] == 1
    assert anna.read(visitor.id)["handoffs"][-1]["contact_email"] == "v@example.se"


def test_a_supervisor_can_move_what_a_colleague_left(visitor: Visitor, sign_in: SignIn) -> None:
    anna, eva = sign_in("anna"), sign_in("eva", Role.SUPERVISOR)
    visitor.post("/handoff")
    anna.take(visitor.id)
    assert eva.post(f"/conversations/{visitor.id}/forward", to=None).status_code == 200
    assert visitor.status()["state"] == "waiting"


def test_close_with_a_reason(visitor: Visitor, sign_in: SignIn) -> None:
    anna = sign_in("anna")
    visitor.post("/handoff")
    path = f"/conversations/{visitor.id}/close"
    problem(anna.post(path, reason="solved"), 409, "state_conflict")
    anna.take(visitor.id)
    problem(anna.post(path, reason="trött"), 422, "validation_error")
    assert anna.post(path, reason="solved").status_code == 200
    assert visitor.status()["state"] == "closed"
    assert anna.read(visitor.id)["handoffs"][-1]["outcome"] == "staff_solved"
    problem(anna.take(visitor.id), 409, "state_conflict")


def test_a_visitor_who_left_becomes_a_call_back_task(visitor: Visitor, sign_in: SignIn) -> None:
    anna, bo = sign_in("anna"), sign_in("bo")
    visitor.post("/handoff")
    visitor.post("/contact", phone="018-481 19 00")
    visitor.post("/close")
    assert eventually(lambda: anna.lists().get("callback")) == [visitor.id]
    assert anna.take(visitor.id).status_code == 200
    problem(bo.take(visitor.id), 409, "already_taken")
    assert anna.post(f"/conversations/{visitor.id}/close", reason="solved").status_code == 200
    assert anna.read(visitor.id)["handoffs"][-1]["outcome"] == "called_back"
    assert eventually(lambda: "callback" not in anna.lists())


def test_what_staff_write_is_masked_too(visitor: Visitor, sign_in: SignIn) -> None:
    anna = sign_in("anna")
    visitor.post("/handoff")
    anna.take(visitor.id)
    anna.write(visitor.id, "Du heter 19121212-1212 hos oss")
    anna.post(f"/conversations/{visitor.id}/notes", text="Personnummer 19121212-1212")
    assert "1212" not in visitor.said("staff")[0]
    assert "1212" not in anna.read(visitor.id)["notes"][0]["text"]
