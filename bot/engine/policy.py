"""Rasa's rule policy, with the same decisions at a cost that depends on the rules, not on the conversation.

Rasa's own works out the states of the whole conversation twice a prediction and holds each against every
rule. No rule reaches further back than the longest one, and a rule can only match if its last state has the
same previous action and, if it names one, the same intent; so only the last states are worked out, once, and
only such rules are looked at.

A model is trained with `RulePolicy`; `bot.engine.archive` puts this class in its place when the model
answers. This file overrides private methods of Rasa 3.6.21's `RulePolicy`;
`tests/bot/engine/test_policy.py` compares every decision with Rasa's own.
"""

from __future__ import annotations

import json
from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import (
    RULES,
    RULES_FOR_LOOP_UNHAPPY_PATH,
    RULES_NOT_IN_STORIES,
    RulePolicy,
)
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT

from bot.engine.states import copy_states, recent_states

# (previous action, intent) of a rule's last state → such rules, each with its states from the last backwards.
_Index = dict[tuple[str | None, str | None], list[tuple[str, list[State]]]]


class AnsweringRulePolicy(RulePolicy):
    """Decides as `RulePolicy` does; for answering only, not for training."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """See `RulePolicy`; the rules are those the model was trained with."""
        super().__init__(*args, **kwargs)
        parts = (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
        self._indexes = {
            id(self.lookup[part]): _index(self.lookup[part]) for part in parts if part in self.lookup
        }
        self._reach = 1 + max((len(states) for states in self._all_rules()), default=0)
        self._states: list[State] = []

    def _all_rules(self) -> list[list[State]]:
        keys = [*self.lookup.get(RULES, ()), *self.lookup.get(RULES_FOR_LOOP_UNHAPPY_PATH, ())]
        keys += [key for key in self.lookup.get(RULES_NOT_IN_STORIES, ()) if key.startswith("[")]
        return [json.loads(key) for key in keys]

    def _predict(self, tracker: DialogueStateTracker, domain: Domain) -> tuple[PolicyPrediction, str | None]:
        self._states = recent_states(tracker, domain, self._reach)
        return super()._predict(tracker, domain)

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        states = copy_states(self._states)
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        backwards = states[::-1]
        index = self._indexes[id(lookup)]
        action, intent = _index_key(backwards[0])
        candidates = [*index.get((action, None), ()), *(index.get((action, intent), ()) if intent else ())]
        return {key for key, rule in candidates if self._matches(rule, backwards)}

    def _matches(self, rule: list[State], conversation: list[State]) -> bool:
        for rule_state, state in zip(rule, conversation):  # noqa: B905 - the shorter of them decides
            begins, began = not rule_state.get(PREVIOUS_ACTION), not state.get(PREVIOUS_ACTION)
            if begins or began:
                if begins != began:
                    return False
            elif not self._does_rule_match_state(rule_state, state):
                return False
        return True

    @staticmethod
    def format_tracker_states(states: list[dict[str, Any]]) -> str:
        """Nothing: Rasa formats and copies every state for a debug log, also when that is off."""
        return ""


def _index(rules: dict[str, str]) -> _Index:
    index: _Index = {}
    for key in rules:
        backwards = json.loads(key)[::-1]
        index.setdefault(_index_key(backwards[0]), []).append((key, backwards))
    return index


def _index_key(state: State) -> tuple[str | None, str | None]:
    """The previous action as one string, None at the start of a conversation; and the intent, if any."""
    previous = state.get(PREVIOUS_ACTION)
    if not previous:
        # Rasa lets any two starts of a conversation match, whatever was said.
        return None, None
    return json.dumps(previous, sort_keys=True), state.get(USER, {}).get(INTENT)  # type: ignore[return-value]
