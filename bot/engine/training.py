"""Trains a model with Rasa, in this process and without its command line."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.engine.errors import StartError


def train(config: Path, domain: Path, data: Sequence[Path], out: Path) -> None:
    """Writes the trained model to `out`; the old one stays until the new one is complete.

    Raises:
        StartError: a file is missing, or Rasa cannot train from the data; the message is Rasa's.
    """
    for path in (config, domain, *data):
        if not path.exists():
            raise StartError(f"{path} does not exist")
    if not out.name.endswith(".tar.gz"):
        raise StartError("--out must end with .tar.gz")
    _only_warnings_about_the_data()
    from rasa.model_training import train as rasa_train
    from rasa.shared.exceptions import RasaException

    unfinished = out.with_name(f".{out.name.removesuffix('.tar.gz')}.part.tar.gz")
    try:
        result = rasa_train(
            str(domain),
            str(config),
            [str(path) for path in data],
            output=str(out.parent),
            fixed_model_name=unfinished.name,
        )
    except RasaException as error:
        raise StartError(f"training failed: {' '.join(str(error).split())}") from error
    except SystemExit as error:
        raise StartError("training failed; see above") from error
    if result.model is None:
        raise StartError("training gave no model; see above")
    Path(result.model).replace(out)


def _only_warnings_about_the_data() -> None:
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # Rasa shows its progress bars below this level.
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    show = warnings.showwarning

    def only_rasas(message: Warning | str, category: type[Warning], filename: str, *more: Any) -> None:
        # Filters would not do: libraries reset them while they are imported.
        if issubclass(category, UserWarning) and Path(filename).parts.count("rasa"):
            show(message, category, filename, *more)

    warnings.showwarning = only_rasas  # type: ignore[assignment]
