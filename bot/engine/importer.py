"""Reads the domain from `domain.yml` and the folder `domain/` beside it."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter


class SplitDomainImporter(RasaFileImporter):
    """Rasa's own importer takes one file or one folder; this takes both, so that answers are split by
    subject."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._domain = Path(domain_path or "domain.yml")

    def get_domain(self) -> Domain:
        """The whole domain."""
        folder = self._domain.with_suffix("")
        parts = [self._domain, *([folder] if self._domain.is_file() and folder.is_dir() else [])]
        return Domain.load([str(part) for part in parts])
