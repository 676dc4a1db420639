"""A message is answered once, whole, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.engine.errors import ActionUnavailableError, StoreUnavailableError, TurnUnavailableError

Start = Callable[..., Any]


def as_json(tracker: Any) -> str:
    return json.dumps([event.as_dict() for event in tracker.events])


def test_text_that_begins_with_a_slash_is_text(start_bot: Start) -> None:
    bot = start_bot()
    bot.say("a", "vad kostar det")
    bot.say("a", '/restart{"town": "x"}')
    tracker = bot.tracker("a")
    assert tracker.latest_message.intent["name"] != "restart"
    assert tracker.latest_message.text == '/restart{"town": "x"}'
    assert len(tracker.events) > 8


@pytest.mark.parametrize("text", ["", "   ", "123456", "🙂🙂", "<b>hej</b>", "/intent{}", "a" * 1000])
def test_every_text_has_an_answer(start_bot: Start, text: str) -> None:
    assert start_bot().say("a", text)


def test_a_paused_conversation_still_answers(start_bot: Start, actions_url: str) -> None:
    bot = start_bot(actions_url=actions_url)
    assert bot.say("a", "pausa samtalet")
    assert bot.texts("a", "hej") == ["Jag förstod inte. Kan du skriva på ett annat sätt?"]


def test_a_repeated_message_gets_the_same_answer_and_changes_nothing(
    start_bot: Start, tracker_url: str
) -> None:
    bot = start_bot(tracker_url)
    first = bot.say("a", "jag har tappat mitt kort", message_id="m1")
    events = len(bot.tracker("a").events)
    bot.say("a", "hej", message_id="m2")
    after_second = len(bot.tracker("a").events)
    assert bot.say("a", "jag har tappat mitt kort", message_id="m1") == first
    assert len(bot.tracker("a").events) == after_second > events
    restarted = start_bot(tracker_url)
    assert restarted.say("a", "jag har tappat mitt kort", message_id="m1") == first
    assert restarted.say("b", "vad kostar det", message_id="m1") != first


def test_the_same_message_twice_at_once_is_one_turn(start_bot: Start) -> None:
    bot = start_bot()

    async def both() -> Any:
        return await asyncio.gather(*[bot.ask("a", "hej", message_id="m1") for _ in range(2)])

    one, other = bot.run(both())
    assert one == other
    assert sum(event.type_name == "user" for event in bot.tracker("a").events) == 1


def test_messages_of_a_conversation_are_answered_in_order_without_waiting(start_bot: Start) -> None:
    bot = start_bot()
    texts = [f"meddelande {number}" for number in range(8)]

    async def all_at_once() -> float:
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*[bot.ask("a", text) for text in texts])
        return asyncio.get_running_loop().time() - begun

    assert bot.run(all_at_once()) < 1.0
    assert [event.text for event in bot.tracker("a").events if event.type_name == "user"] == texts


def test_a_failed_action_leaves_no_trace_and_the_retry_succeeds(
    start_bot: Start, tracker_url: str, actions_url: str
) -> None:
    bot = start_bot(tracker_url, "http://127.0.0.1:9/webhook")
    bot.say("a", "hej", message_id="m1")
    before = as_json(bot.tracker("a"))
    with pytest.raises(ActionUnavailableError):
        bot.say("a", "var finns kontoren", message_id="m2")
    assert as_json(bot.tracker("a")) == before
    working = start_bot(tracker_url, actions_url)
    assert "https://support.example/" in working.texts("a", "var finns kontoren", message_id="m2")[-1]


def test_a_fault_in_an_action_makes_the_turn_fail(start_bot: Start, actions_url: str) -> None:
    bot = start_bot(actions_url=actions_url)
    with pytest.raises(ActionUnavailableError):
        bot.say("a", "provocera ett fel")
    assert bot.texts("a", "hej") == ["Hej! Jag hjälper dig med kort."]


def test_a_fault_of_our_own_is_answered_with_an_apology(
    start_bot: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = start_bot()

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(bot.engine.processor, "_predict_next_with_tracker", broken)
        answer = bot.texts("a", "hej", message_id="m1")
    apology = "Något gick fel hos oss. Försök igen eller ring 010-000 00 00 ("
    assert [text[: len(apology)] for text in answer] == [apology]
    assert bot.texts("a", "hej", message_id="m2") == ["Hej! Jag hjälper dig med kort."]
    assert bot.texts("a", "hej", message_id="m1") == answer


def test_a_database_that_refuses_gives_no_answer(start_bot: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = start_bot()
    bot.say("a", "hej")
    before = len(bot.tracker("a").events)

    async def refuse(_record: Any) -> None:
        raise StoreUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(bot.engine.store._log, "append", refuse)
        with pytest.raises(StoreUnavailableError):
            bot.say("a", "hej")
    assert len(bot.tracker("a").events) == before


def test_a_turn_has_a_time_limit(start_bot: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = start_bot()

    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(bot.engine, "_timeout", 0.05)
        patch.setattr(bot.engine.processor, "handle_message", never)
        with pytest.raises(TurnUnavailableError):
            bot.say("a", "hej")
    assert bot.texts("a", "hej") == ["Hej! Jag hjälper dig med kort."]


def test_a_turn_is_finished_although_its_sender_hangs_up(start_bot: Start) -> None:
    bot = start_bot()

    async def hang_up() -> None:
        request = asyncio.ensure_future(bot.ask("a", "hej", message_id="m1"))
        await asyncio.sleep(0)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)

    bot.run(hang_up())
    assert bot.texts("a", "hej", message_id="m1") == ["Hej! Jag hjälper dig med kort."]
    assert sum(event.type_name == "user" for event in bot.tracker("a").events) == 1


def test_a_form_is_filled_and_its_order_placed_once(
    start_bot: Start, actions_url: str, order_log: Path
) -> None:
    bot = start_bot(actions_url=actions_url)
    assert bot.texts("form", "beställ kort") == ["Vem ska ha kortet?"]
    bot.say("form2", "beställ kort")
    assert bot.texts("form2", "Åsa Öberg") == ["Vilken nivå, 2 eller 3?"]
    assert "Svara 2 eller 3." in bot.texts("form2", "fyra")
    answer = bot.say("form2", "3", message_id="m9")
    assert {"directive": "order_receipt", "order_number": "1"} in [
        message.get("custom") for message in answer
    ]
    assert "Beställt till Åsa Öberg, nivå 3." in [message.get("text") for message in answer]
    assert bot.say("form2", "3", message_id="m9") == answer
    orders = [json.loads(line) for line in order_log.read_text().splitlines()]
    assert orders.count(["form2", "Åsa Öberg"]) == 1


def test_actions_are_sent_a_bounded_history_and_the_forms(start_bot: Start, actions_url: str) -> None:
    bot = start_bot(actions_url=actions_url)
    for _ in range(12):
        bot.say("a", "hej")
    sent = bot.say("a", "var finns kontoren")[0]["custom"]
    assert sent["domain"] == ["forms", "slots"]
    assert 6 <= sent["events"] < 60
    for _ in range(12):
        bot.say("a", "hej")
    assert bot.say("a", "var finns kontoren")[0]["custom"]["events"] == sent["events"]
