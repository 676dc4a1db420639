"""The conversations API: what each route does, and what it refuses."""

from __future__ import annotations

import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from tests.bot.gateway.engine_stand_in import EngineStandIn
from tests.bot.gateway.running import RunningGateway
from tests.bot.gateway.visitor import Visitor, eventually, problem


def test_a_conversation_is_opened_and_greeted_by_the_engine(
    gateway: RunningGateway, engine: EngineStandIn
) -> None:
    visitor = Visitor(gateway.url).greeted()
    assert visitor.opened == {"id": visitor.id, "token": visitor.token, "state": "bot"}
    [greeting] = visitor.log()
    assert (greeting["seq"], greeting["author"], greeting["text"]) == (1, "bot", "Hej från motorn")
    assert engine.received[0]["sender"] == visitor.id
    assert engine.received[0]["metadata"]["event"] == "session_start"


def test_a_message_is_acknowledged_in_the_log_and_answered(visitor: Visitor) -> None:
    message_id = str(uuid.uuid4())
    answer = visitor.write("Hej på dig", message_id)
    assert (answer.status_code, answer.json()) == (202, {"seq": 2})
    own = visitor.read(after=1)["messages"][0]
    assert (own["author"], own["text"], own["client_message_id"]) == ("visitor", "Hej på dig", message_id)
    visitor.wait_until_answered()
    assert [message["text"] for message in visitor.read(after=2)["messages"]] == ["svar: Hej på dig"]


def test_pending_lasts_from_the_acknowledgement_to_the_answer(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    go = threading.Event()
    engine.script = lambda body: [{"text": "klart"}] if go.wait(10) else 500
    assert visitor.read()["pending"] is False
    visitor.write("vänta")
    for _ in range(5):
        assert visitor.read()["pending"] is True
    go.set()
    visitor.wait_until_answered()
    assert visitor.said("bot")[-1] == "klart"


def test_the_same_client_message_id_does_nothing_twice(visitor: Visitor, engine: EngineStandIn) -> None:
    message_id = str(uuid.uuid4())
    first = visitor.write("en gång", message_id)
    again = visitor.write("en gång", message_id)
    visitor.wait_until_answered()
    late = visitor.write("en gång", message_id)
    assert [first.status_code, again.status_code, late.status_code] == [202, 200, 200]
    assert first.json() == again.json() == late.json()
    assert visitor.said("visitor") == ["en gång"]
    assert engine.texts() == ["en gång"]


def test_the_same_message_sent_at_once_by_many_is_taken_once(visitor: Visitor, engine: EngineStandIn) -> None:
    message_id = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: visitor.write("samtidigt", message_id), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [202]
    visitor.wait_until_answered()
    assert engine.texts() == ["samtidigt"]


def test_text_that_begins_with_a_slash_never_reaches_the_engine_as_a_command(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    for text in ("/restart", "  //order_puk{}", "/", "/ /"):
        visitor.ask(text)
    assert visitor.said("visitor") == ["/restart", "//order_puk{}", "/", "/ /"]
    assert engine.texts() == ["restart", "order_puk{}", "?", "?"]


def test_letters_are_composed_and_invisible_characters_removed(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    visitor.ask(
        "a\u030angra\u200b mig\x00\x07 \ud83d\udc4d".encode("utf-16", "surrogatepass").decode("utf-16")
    )
    assert engine.texts() == ["ångra mig   👍"]


def test_a_pressed_button_sends_what_the_bot_offered(visitor: Visitor, engine: EngineStandIn) -> None:
    engine.script = lambda body: [
        {
            "text": "Vad?",
            "buttons": [
                {"title": "PUK", "payload": "jag vill beställa puk"},
                {"title": "Annat", "payload": "annat"},
            ],
        }
    ]
    [offer] = visitor.ask("hej")
    assert [button["title"] for button in offer["buttons"]] == ["PUK", "Annat"]
    assert "payload" not in str(offer)
    assert visitor.press(offer["buttons"][0]["id"]).status_code == 202
    visitor.wait_until_answered()
    assert engine.texts()[-1] == "jag vill beställa puk"
    assert visitor.said("visitor")[-1] == "PUK"


def test_a_button_of_another_conversation_is_refused(visitor: Visitor, engine: EngineStandIn) -> None:
    engine.script = lambda body: [{"text": "Vad?", "buttons": [{"title": "Hemligt", "payload": "hemligt"}]}]
    [offer] = visitor.ask("hej")
    other = Visitor(str(visitor.http.base_url))
    eventually(other.log)
    problem(other.press(offer["buttons"][0]["id"]), 422, "unknown_button")


def test_a_closed_conversation_can_be_read_but_not_written(visitor: Visitor) -> None:
    assert visitor.post("/close").json()["state"] == "closed"
    assert visitor.post("/close").status_code == 200
    problem(visitor.write("hallå"), 409, "conversation_closed")
    problem(visitor.post("/handoff"), 409, "conversation_closed")
    problem(visitor.post("/card-report", failed="declined"), 409, "conversation_closed")
    assert visitor.read()["state"] == "closed"
    assert visitor.said("system") == ["Chatten är avslutad."]
    assert visitor.post("/rating", score=4).status_code == 200


def test_a_message_taken_before_closing_is_still_acknowledged_when_repeated(visitor: Visitor) -> None:
    message_id = str(uuid.uuid4())
    seq = visitor.write("sista", message_id).json()["seq"]
    visitor.post("/close")
    again = visitor.write("sista", message_id)
    assert (again.status_code, again.json()["seq"]) == (200, seq)


def test_a_rating_is_kept_and_can_be_changed(visitor: Visitor, gateway: RunningGateway) -> None:
    assert visitor.post("/rating", score=2).json() == {"score": 2, "comment": None}
    later = visitor.post("/rating", score=5, comment="Bra! Min pin är 123456")
    assert later.json() == {"score": 5, "comment": "Bra! Min pin är ••••••"}
    [(score, comment)] = rows(gateway, "SELECT rating_score, rating_comment FROM conversations")
    assert (score, comment) == (5, "Bra! Min pin är ••••••")


def test_a_card_report_goes_to_the_engine_and_shows_as_a_card(
    visitor: Visitor, engine: EngineStandIn
) -> None:
    report = {
        "findings": [
            {"code": "CARD_EXPIRED", "severity": "error", "message": "Kortet har gått ut.", "data": {"n": 1}}
        ],
        "readers": [{"name": "Läsare"}],
        "card": {"present": True},
        "environment": {"os": "Windows"},
    }
    message_id = str(uuid.uuid4())
    answer = visitor.post("/card-report", client_message_id=message_id, **report)
    assert answer.status_code == 202
    assert visitor.post("/card-report", client_message_id=message_id, **report).status_code == 200
    visitor.wait_until_answered()
    sent = engine.received[-1]
    assert sent["metadata"]["event"] == "card_report"
    assert sent["metadata"]["report"] == report
    shown = visitor.read(after=answer.json()["seq"] - 1)["messages"][0]
    assert shown["card"] == {"type": "card_report", "findings": report["findings"]}


def test_an_identity_and_a_failed_check_go_to_the_engine(visitor: Visitor, engine: EngineStandIn) -> None:
    visitor.post("/card-report", identity={"hsa_id": "SE5560360793-1003", "name": "Anna 196408233234"})
    visitor.wait_until_answered()
    assert engine.received[-1]["metadata"]["report"] == {
        "identity": {"hsa_id": "SE5560360793-1003", "name": "Anna ••••••••••••"}
    }
    visitor.post("/card-report", failed="no_bridge")
    visitor.wait_until_answered()
    assert engine.received[-1]["metadata"]["event"] == "card_check_failed"
    assert engine.received[-1]["metadata"]["reason"] == "no_bridge"


def test_the_transcript_is_a_swedish_text_file(visitor: Visitor, engine: EngineStandIn) -> None:
    engine.script = lambda body: [
        {"text": "Så här ser den ut:"},
        {
            "custom": {
                "directive": "order_receipt",
                "order_number": "P-7K4M-2XR",
                "kind": "puk",
                "lines": [{"label": "Kort", "value": "Åsa Öst"}],
                "next_step": "Brevet kommer inom några dagar.",
            }
        },
    ]
    visitor.ask("Beställ åt mig")
    answer = visitor.call("GET", "/transcript")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="chatt-[\d-]+\.txt"', answer.headers["content-disposition"])
    for part in ("Du:\nBeställ åt mig", "Beställning: P-7K4M-2XR", "Kort: Åsa Öst", "Brevet kommer"):
        assert part in answer.text


def test_an_erased_conversation_is_gone_everywhere(
    visitor: Visitor, engine: EngineStandIn, gateway: RunningGateway
) -> None:
    visitor.ask("något privat")
    visitor.post("/rating", score=1, comment="privat omdöme")
    visitor.post("/handoff")
    assert visitor.call("DELETE").status_code == 204
    for method, path in (
        ("GET", "/messages"),
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/events"),
        ("GET", "/transcript"),
    ):
        problem(visitor.call(method, path), 404, "conversation_not_found")
    problem(visitor.write("hej"), 404, "conversation_not_found")
    eventually(lambda: engine.forgotten == [visitor.id])
    assert rows(gateway, "SELECT count(*) FROM messages") == [(0,)]
    assert rows(gateway, "SELECT count(*) FROM handoffs") == [(0,)]
    assert rows(gateway, "SELECT rating_comment, customer FROM conversations") == [(None, None)]
    eventually(lambda: rows(gateway, "SELECT count(*) FROM jobs") == [(0,)])


def test_erasing_while_the_engine_answers_leaves_nothing_behind(
    visitor: Visitor, engine: EngineStandIn, gateway: RunningGateway
) -> None:
    asked, go = threading.Event(), threading.Event()

    def slow(_body: dict[str, object]) -> list[dict[str, str]]:
        asked.set()
        go.wait(10)
        return [{"text": "för sent"}]

    engine.script = slow
    visitor.write("privat")
    assert asked.wait(5)
    assert visitor.call("DELETE").status_code == 204
    go.set()
    eventually(lambda: engine.forgotten == [visitor.id])
    assert rows(gateway, "SELECT count(*) FROM messages") == [(0,)]


def test_tokens_are_kept_as_hashes_only(visitor: Visitor, gateway: RunningGateway) -> None:
    [(stored,)] = rows(gateway, "SELECT token_hash FROM conversations")
    assert stored != visitor.token
    assert len(stored) == 64


def rows(gateway: RunningGateway, query: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(gateway.settings.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]
