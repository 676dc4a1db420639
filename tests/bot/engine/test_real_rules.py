"""With the project's own rules our policy decides as Rasa's does, whatever happens in a conversation."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine import loader
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)

from bot.engine.archive import AnsweringStorage
from bot.engine.policy import AnsweringRulePolicy
from bot.engine.runner import PlainGraphRunner
from bot.engine.tracker import LiveTracker

ROOT = Path(__file__).resolve().parents[3]
CONFIG = """
recipe: default.v1
assistant_id: rules
language: sv
importers: [{name: bot.engine.importer.SplitDomainImporter}]
pipeline: []
policies: [{name: RulePolicy, core_fallback_action_name: action_handle_unclear}]
"""
# Rasa takes `utter_faq` for an action only if a message says that `faq` is a retrieval intent.
RETRIEVAL_INTENT = """
version: "3.1"
nlu:
- intent: faq/contact_details
  examples: "- hur når jag er"
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The project's rules, trained without its training messages: domain, our policy and Rasa's."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "config.yml").write_text(CONFIG)
    (folder / "nlu.yml").write_text(RETRIEVAL_INTENT)
    command = [sys.executable, "-m", "bot.engine", "train", "--out", folder / "rules.tar.gz"]
    command += ["--config", folder / "config.yml", "--data", "data/stories", folder / "nlu.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (folder / "storage").mkdir()
    metadata, runner = loader.load_predict_graph_runner(
        folder / "storage", folder / "rules.tar.gz", AnsweringStorage, PlainGraphRunner
    )
    nodes = runner._nodes.values()  # type: ignore[attr-defined]
    ours = next(node._component for node in nodes if isinstance(node._component, AnsweringRulePolicy))
    stock = RulePolicy(
        dict(ours.config),
        ours._model_storage,
        ours._resource,
        runner._context,  # type: ignore[attr-defined]
        featurizer=ours.featurizer,
        lookup=ours.lookup,
    )
    return metadata.domain, ours, stock


def effects(action: str, domain: Domain, chosen: random.Random) -> list[Event]:
    """Something that running `action` may do."""
    if action in domain.form_names:
        if chosen.random() < 0.3:
            return [ActiveLoop(None), SlotSet("requested_slot", None)]
        return [ActiveLoop(action), SlotSet("requested_slot", "x")]
    if action.startswith("action_") and action != "action_listen":
        slot = chosen.choice(domain.slots)
        return [SlotSet(slot.name, chosen.choice([None, "x", True]))] if chosen.random() < 0.3 else []
    return []


def test_every_decision_on_the_real_rules_is_rasas(rules: Any) -> None:
    domain, ours, stock = rules
    chosen = random.Random(3)
    intents = [*domain.intents, "nlu_fallback"]
    compared, ruled = 0, 0
    for number in range(12):
        tracker = LiveTracker(f"c{number}", domain.slots)
        for event in (
            ActionExecuted("action_session_start"),
            SessionStarted(),
            ActionExecuted("action_listen"),
        ):
            tracker.update(event)
        for _ in range(12):
            intent = {"name": chosen.choice(intents), "confidence": 1.0}
            tracker.update(UserUttered("text", intent, []))
            for _ in range(6):
                (mine, _), (theirs, _) = ours._predict(tracker, domain), stock._predict(tracker, domain)
                assert mine.probabilities == theirs.probabilities
                assert (mine.events, mine.hide_rule_turn) == (theirs.events, theirs.hide_rule_turn)
                assert mine.is_no_user_prediction == theirs.is_no_user_prediction
                compared += 1
                ruled += theirs.max_confidence == 1.0
                action = domain.action_names_or_texts[theirs.max_confidence_index]
                if action == tracker.active_loop_name and chosen.random() < 0.2:
                    tracker.update(ActionExecutionRejected(action))
                    continue
                tracker.update(ActionExecuted(action))
                for event in effects(action, domain, chosen):
                    tracker.update(event)
                if action == "action_listen":
                    break
    assert compared > 200
    assert ruled > compared / 3
