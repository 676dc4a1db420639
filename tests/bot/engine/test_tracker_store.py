"""Nothing said is lost, and a long conversation costs no more than a short one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.engine.errors import StaleConversationError
from bot.engine.window import LIMIT

Start = Callable[..., Any]


def dump(tracker: Any) -> Any:
    import json

    events = [event.as_dict() for event in tracker.events]
    return json.loads(json.dumps([events, tracker.current_slot_values(), tracker.latest_action]))


def test_a_restart_changes_nothing(start_bot: Start, tracker_url: str, actions_url: str) -> None:
    bot = start_bot(tracker_url, actions_url)
    for text in ["hej", "beställ kort", "Åsa Öberg"]:
        bot.say("a", text)
    restarted = start_bot(tracker_url, actions_url)
    assert dump(restarted.tracker("a")) == dump(bot.tracker("a"))
    assert restarted.tracker("a").active_loop_name == "order_form"
    assert "Beställt till Åsa Öberg, nivå 2." in restarted.texts("a", "2")


def test_a_long_conversation_is_read_back_from_its_window(start_bot: Start, tracker_url: str) -> None:
    bot = start_bot(tracker_url)
    for number in range(60):
        bot.say("a", f"hej {number}", message_id=f"m{number}")
    live = bot.tracker("a")
    assert len(live.events) <= LIMIT
    restarted = start_bot(tracker_url)
    assert dump(restarted.tracker("a")) == dump(live)
    whole = restarted.run(restarted.engine.store.retrieve_full_tracker("a"))
    assert [event.text for event in whole.events if event.type_name == "user"] == [
        f"hej {n}" for n in range(60)
    ]
    assert restarted.say("a", "hej 59", message_id="m59") == bot.say("a", "hej 59", message_id="m59")


def test_conversations_that_no_longer_fit_in_memory_are_read_back(start_bot: Start) -> None:
    bot = start_bot()
    bot.engine.store._most_live = 3
    for number in range(10):
        bot.say(f"c{number}", f"hej {number}")
    assert len(bot.engine.store._live) == 3
    assert bot.tracker("c0").latest_message.text == "hej 0"
    assert sorted(bot.run(bot.engine.store.keys())) == sorted(f"c{number}" for number in range(10))


def test_an_erased_conversation_is_gone(start_bot: Start, tracker_url: str) -> None:
    bot = start_bot(tracker_url)
    bot.say("a", "hej", message_id="m1")
    bot.say("b", "hej", message_id="m1")
    bot.run(bot.engine.erase("a"))
    assert bot.tracker("a") is None
    restarted = start_bot(tracker_url)
    assert restarted.tracker("a") is None
    assert restarted.tracker("b") is not None


def test_an_engine_that_was_overtaken_writes_nothing(start_bot: Start, tracker_url: str) -> None:
    one, other = start_bot(tracker_url), start_bot(tracker_url)
    one.say("a", "hej")
    other.say("a", "vad kostar det")
    with pytest.raises(StaleConversationError):
        one.say("a", "jag har tappat mitt kort")
    one.say("a", "jag har tappat mitt kort")
    said = [event.text for event in one.tracker("a").events if event.type_name == "user"]
    assert said == ["hej", "vad kostar det", "jag har tappat mitt kort"]


def test_one_bad_turn_does_not_spoil_those_committed_with_it(start_bot: Start, tracker_url: str) -> None:
    from bot.engine.event_log import TurnRecord

    bot = start_bot(tracker_url)
    log = bot.engine.store._log
    event = {"event": "action", "timestamp": 1.0, "name": "action_listen"}

    async def write() -> list[Any]:
        records = [TurnRecord("a", 0, [event]), TurnRecord("a", 0, [event]), TurnRecord("b", 0, [event])]
        return await asyncio.gather(*map(log.append, records), return_exceptions=True)

    outcomes = bot.run(write())
    assert [type(outcome) for outcome in outcomes] == [type(None), StaleConversationError, type(None)]


def test_saving_leaves_the_event_loop_free(start_bot: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from bot.engine import event_log

    bot = start_bot()
    bot.say("a", "hej")
    release = threading.Event()
    original = event_log._append

    def slow(*arguments: Any) -> None:
        release.wait(10)
        original(*arguments)

    async def scenario() -> bool:
        turn = asyncio.ensure_future(bot.ask("a", "hej"))
        for _ in range(50):
            await asyncio.sleep(0.01)
        waiting = not turn.done()
        release.set()
        await turn
        return waiting

    with monkeypatch.context() as patch:
        patch.setattr(event_log, "_append", slow)
        assert bot.run(scenario())


def test_the_history_stays_bounded_at_turn_400(start_bot: Start) -> None:
    bot = start_bot()
    sizes = []
    for number in range(400):
        bot.say("a", ["hej", "vad kostar det", "ja"][number % 3])
        sizes.append(len(bot.tracker("a").events))
    assert max(sizes) <= LIMIT
    assert len(bot.tracker("a").unsaved) == 0


def test_a_copy_is_independent_and_equal(start_bot: Start, actions_url: str) -> None:
    from rasa.shared.core.events import SlotSet

    bot = start_bot(actions_url=actions_url)
    bot.say("a", "beställ kort")
    tracker = bot.tracker("a")
    before = dump(tracker)
    copy = tracker.copy()
    assert dump(copy) == before
    copy.update(SlotSet("holder", "X"))
    copy.active_loop.rejected = True
    assert dump(tracker) == before
    assert not tracker.active_loop.rejected
    assert tracker.unsaved == []


def test_applied_events_are_rasas_after_every_event(start_bot: Start, actions_url: str) -> None:
    from rasa.shared.core.events import ActionReverted, Restarted, UserUtteranceReverted
    from rasa.shared.core.trackers import DialogueStateTracker

    bot = start_bot(actions_url=actions_url)
    for text in [
        "hej",
        "beställ kort",
        "vad kostar det",
        "Åsa",
        "fyra",
        "avbryt",
        "beställ kort",
        "Bo",
        "2",
        "ja",
    ]:
        bot.say("a", text)
    stored = list(bot.tracker("a").events)
    reverts = [
        UserUtteranceReverted(),
        *stored[-9:],
        ActionReverted(),
        *stored[8:30],
        Restarted(),
        *stored[3:12],
    ]
    tracker = bot.engine.store.init_tracker("b")
    for event in [*stored, *reverts]:
        tracker.applied_events()
        tracker.update(event)
        assert tracker.applied_events() == DialogueStateTracker.applied_events(tracker)
