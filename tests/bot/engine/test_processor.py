"""What we override of Rasa is as it was when we wrote the override."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine.storage.local_model_storage import LocalModelStorage

OVERRIDDEN: list[tuple[Callable[..., Any], str]] = [
    (MessageProcessor.handle_message, "0c41d4780d2d"),
    (MessageProcessor.run_action_extract_slots, "ff52049be97d"),
    (MessageProcessor._run_action, "6d383d0179ef"),
    (MessageProcessor._log_action_on_tracker, "d973d12a6d0a"),
    (MessageProcessor._load_model, "17f24faf9681"),
    (RulePolicy._predict, "f5182d8a1063"),
    (RulePolicy._find_action_from_rules, "be6da6ee0f54"),
    (RulePolicy._get_possible_keys, "2915fd81711e"),
    (RulePolicy._is_rule_applicable, "64a108b016b4"),
    (LocalModelStorage._load_metadata, "66142ec69c7c"),
]


@pytest.mark.parametrize(("method", "digest"), OVERRIDDEN, ids=lambda value: getattr(value, "__name__", ""))
def test_rasas_own_method_is_the_one_we_replaced(method: Callable[..., Any], digest: str) -> None:
    source = inspect.getsource(method)
    assert hashlib.sha256(source.encode()).hexdigest()[:12] == digest, (
        "Rasa's method changed: compare it with ours in bot/engine, then note the new digest here"
    )


def test_slash_messages_are_unpacked_after_the_node_we_ask(start_bot: Callable[..., Any]) -> None:
    schema = start_bot().engine.processor.model_metadata.predict_schema
    assert schema.nodes["run_RegexMessageHandler"].fn == "process"
    assert start_bot().engine.processor.model_metadata.nlu_target.startswith("run_FallbackClassifier")


def test_the_plain_runner_gives_what_dask_gives(start_bot: Callable[..., Any]) -> None:
    import dask
    from rasa.core.channels.channel import UserMessage

    bot = start_bot()
    bot.say("a", "hej")
    runner, metadata = bot.engine.processor.graph_runner, bot.engine.processor.model_metadata
    tracker = bot.tracker("a")

    def by_dask(inputs: dict[str, Any], target: str) -> Any:
        graph = {
            name: (runner._nodes[name], *node.needs.values())
            for name, node in runner._schema.minimal_graph_schema([target]).nodes.items()
        }
        graph.update({name: (name, value) for name, value in inputs.items()})
        return dict(dask.get(graph, [target]))[target]

    message = {"__message__": [UserMessage("vad kostar det")], "__tracker__": tracker}
    plain = runner.run(message, [metadata.nlu_target])[metadata.nlu_target][0].as_dict(
        only_output_properties=True
    )
    assert plain == by_dask(message, metadata.nlu_target)[0].as_dict(only_output_properties=True)
    prediction = {"__tracker__": tracker}
    assert runner.run(prediction, [metadata.core_target])[metadata.core_target] == by_dask(
        prediction, metadata.core_target
    )
