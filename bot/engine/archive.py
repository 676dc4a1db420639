"""Opens a model archive for answering only.

Rasa also rebuilds the graph that trained the model, which imports every training component. It is left
empty here, and policies that have a faster twin with the same decisions are replaced by it.
`_load_metadata` is private to Rasa 3.6.21; `tests/bot/engine/test_lean.py` fails when it changes.
"""

from __future__ import annotations

from pathlib import Path

import rasa.shared.utils.io
from rasa.engine.storage.local_model_storage import MODEL_ARCHIVE_METADATA_FILE, LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata

TWINS = {"rasa.core.policies.rule_policy.RulePolicy": "bot.engine.policy.AnsweringRulePolicy"}


class AnsweringStorage(LocalModelStorage):
    """Rasa's model storage, without the training graph and with the policies' twins."""

    @staticmethod
    def _load_metadata(directory: Path) -> ModelMetadata:
        serialised = rasa.shared.utils.io.read_json_file(directory / MODEL_ARCHIVE_METADATA_FILE)
        for node in serialised["predict_schema"]["nodes"].values():
            node["uses"] = TWINS.get(node["uses"], node["uses"])
        return ModelMetadata.from_dict({**serialised, "train_schema": {"nodes": {}}})
