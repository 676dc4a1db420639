"""Opens a model archive for answering only.

Rasa also rebuilds the graph that trained the model, which imports every training component. It is left
empty here, and components that have a faster twin with the same results are replaced by it.
`_load_metadata` is private to Rasa 3.6.21; `tests/bot/engine/test_lean.py` fails when it changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import MODEL_ARCHIVE_METADATA_FILE, LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelMetadata, ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain

TWINS = {
    "rasa.core.policies.rule_policy.RulePolicy": "bot.engine.policy.AnsweringRulePolicy",
    "rasa.graph_components.providers.domain_provider.DomainProvider": (
        "bot.engine.archive.TrainedDomainProvider"
    ),
}


class TrainedDomainProvider(DomainProvider):
    """Reads the domain that training wrote, and so has checked, without checking it again."""

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> DomainProvider:
        """See the base class."""
        with model_storage.read_from(resource) as folder:
            content = rasa.shared.utils.io.read_yaml_file(folder / "domain.yml")
        return cls(model_storage, resource, Domain.from_dict(content))


class AnsweringStorage(LocalModelStorage):
    """Rasa's model storage, without the training graph and with the policies' twins."""

    @staticmethod
    def _load_metadata(directory: Path) -> ModelMetadata:
        serialised = rasa.shared.utils.io.read_json_file(directory / MODEL_ARCHIVE_METADATA_FILE)
        for node in serialised["predict_schema"]["nodes"].values():
            node["uses"] = TWINS.get(node["uses"], node["uses"])
        return ModelMetadata.from_dict({**serialised, "train_schema": {"nodes": {}}})
