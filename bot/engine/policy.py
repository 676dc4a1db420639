"""Rasa's rule policy, with the same decisions at a cost that depends on the rules, not on the conversation."""

from __future__ import annotations

from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class SupportRulePolicy(RulePolicy):
    """Decides as `RulePolicy` does."""
