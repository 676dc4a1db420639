"""Identifiers in a message, found by their form."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

# Tolerant forms; what is taken from them is normalised and confirmed by the actions.
PATTERNS = {
    "hsa_id": re.compile(r"\bse[\s-]?(?:\d[\s-]?){10}[\s-]?[a-z0-9]{1,18}\b", re.IGNORECASE),
    "email": re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"),
    "order_number": re.compile(r"\b[prkl]-[0-9a-z]{4}-?[0-9a-z]{3}\b", re.IGNORECASE),
    "customer_number": re.compile(r"(?<![\w-])\d{6}(?![\w-])"),
    "assurance_level": re.compile(r"(?:nivå|niva|loa)\s*([23])\b", re.IGNORECASE),
}


def find_entities(text: str) -> list[dict[str, Any]]:
    """Entities as Rasa keeps them: `entity`, `value`, `start`, `end`, sorted by place."""
    found = [
        {
            "entity": entity,
            "value": match.group(match.lastindex or 0),
            "start": match.start(),
            "end": match.end(),
        }
        for entity, pattern in PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda item: item["start"])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class IdentifierExtractor(GraphComponent):
    """Adds the identifiers of `find_entities` to each message."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IdentifierExtractor:
        """See the base class; there is nothing to configure."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `entities` of every message."""
        for message in messages:
            entities = [
                {**entity, "extractor": "IdentifierExtractor"}
                for entity in find_entities(message.get(TEXT) or "")
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *entities], add_to_output=True)
        return messages
