"""Our rule policy decides as Rasa's does, and a shortened history changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from bot.engine import window

Start = Callable[..., Any]
TEXTS = [
    "hej", "vad kostar det", "jag har tappat mitt kort", "ja", "nej tack", "beställ kort", "avbryt",
    "Åsa Öberg", "3", "fyra", "qwxz zzz", "tack för hjälpen", "var finns kontoren", "", "restart",
]  # fmt: skip


def stock_policy(bot: Any) -> Any:
    """Rasa's own RulePolicy with the rules that the bot was trained with."""
    from rasa.core.policies.rule_policy import RulePolicy

    ours = our_policy(bot)
    return RulePolicy(
        dict(ours.config), ours._model_storage, ours._resource, bot.engine.processor.graph_runner._context,
        featurizer=ours.featurizer, lookup=ours.lookup,
    )  # fmt: skip


def our_policy(bot: Any) -> Any:
    from bot.engine.policy import AnsweringRulePolicy

    nodes = bot.engine.processor.graph_runner._nodes.values()
    return next(node._component for node in nodes if isinstance(node._component, AnsweringRulePolicy))


@pytest.fixture
def talked(start_bot: Start, actions_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Talks at random; gives the bot and, for every prediction, the tracker it was made for."""
    bot = start_bot(actions_url=actions_url)
    seen: list[Any] = []
    policy = our_policy(bot)
    original = type(policy)._predict

    def remember(self: Any, tracker: Any, domain: Any) -> Any:
        prediction = original(self, tracker, domain)
        seen.append((tracker.copy(), prediction))
        return prediction

    monkeypatch.setattr(type(policy), "_predict", remember)
    chosen = random.Random(7)
    for conversation in range(6):
        for _ in range(15):
            bot.say(f"c{conversation}", chosen.choice(TEXTS))
    return bot, seen


def test_every_decision_is_rasas(talked: Any) -> None:
    bot, seen = talked
    stock = stock_policy(bot)
    domain = bot.engine.processor.domain
    assert len(seen) > 150
    for tracker, (ours, our_source) in seen:
        theirs, their_source = stock._predict(tracker, domain)
        assert ours.probabilities == theirs.probabilities
        assert ours.events == theirs.events
        assert (ours.is_no_user_prediction, ours.hide_rule_turn) == (
            theirs.is_no_user_prediction,
            theirs.hide_rule_turn,
        )
        if our_source != their_source:
            assert our_source not in stock.lookup["rules"]
            assert their_source not in stock.lookup["rules"]


def test_recent_states_are_the_last_of_all_states(talked: Any) -> None:
    from bot.engine.states import recent_states

    bot, seen = talked
    domain = bot.engine.processor.domain
    for tracker, _ in seen[::5]:
        states = tracker.past_states(domain)
        for count in (1, 4, 1000):
            assert recent_states(tracker, domain, count) == states[-count:]


@pytest.mark.parametrize("bounds", [(window.LIMIT, window.KEEP), (40, 25)])
def test_a_shortened_history_gives_the_same_answers(
    start_bot: Start,
    actions_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    bounds: tuple[int, int],
) -> None:
    def talk(name: str) -> list[Any]:
        bot = start_bot(f"sqlite:///{tmp_path}/{name}.db", actions_url)
        chosen = random.Random(11)
        said = [bot.say("a", chosen.choice(TEXTS)) for _ in range(150)]
        tracker = bot.tracker("a")
        lengths.append(len(tracker.events))
        return [said, tracker.current_slot_values(), tracker.active_loop_name, tracker.latest_action_name]

    def said_to_visitor(answers: list[Any]) -> list[Any]:
        """Without what the tiny bot tells of the history it was sent."""
        return [
            [message for message in answer if "events" not in message.get("custom", {})] for answer in answers
        ]

    lengths: list[int] = []
    monkeypatch.setattr(window, "LIMIT", 10**9)
    whole = talk("whole")
    monkeypatch.setattr(window, "LIMIT", bounds[0])
    monkeypatch.setattr(window, "KEEP", bounds[1])
    shortened = talk("short")
    assert said_to_visitor(shortened[0]) == said_to_visitor(whole[0])
    assert shortened[1:] == whole[1:]
    assert lengths[1] <= bounds[0] < lengths[0]
