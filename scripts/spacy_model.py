"""Obtain the Swedish spaCy pipeline `sv_core_news_sm`, which is a release file and in no package index.

The wheel comes from the address below, or from `SUPPORT_SPACY_MODEL_WHEEL` (a path or an https address;
empty: do not try). Its publisher lists no checksum, so what is checked is the name and the version the wheel
says it has; the SHA-256 of what was installed is kept in the environment. Where the file cannot be had, the
engine builds its pipeline from spacy-lookups-data instead (`bot.nlu.pipeline`).
"""

from __future__ import annotations

import email.parser
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

SETTING = "SUPPORT_SPACY_MODEL_WHEEL"
NAME, VERSION = "sv_core_news_sm", "3.4.0"
FILE = f"{NAME}-{VERSION}-py3-none-any.whl"
RELEASE = f"https://github.com/explosion/spacy-models/releases/download/{NAME}-{VERSION}/{FILE}"
TIMEOUT_SECONDS = 10
STAMP = ".spacy-model.json"


class ModelUnavailable(Exception):
    """The wheel cannot be had or is not the one asked for; the text says why."""


def installed(environment: Path) -> bool:
    """Whether the environment has a `sv_core_news_sm`."""
    return any(environment.glob(f"lib/python3*/site-packages/{NAME}-*.dist-info"))


def fetch(source: str, folder: Path) -> Path:
    """A copy of the wheel in `folder`. Raises ModelUnavailable."""
    target = folder / FILE
    try:
        if source.startswith("https://"):
            with urllib.request.urlopen(source, timeout=TIMEOUT_SECONDS) as answer, target.open("wb") as file:  # noqa: S310
                shutil.copyfileobj(answer, file)
        else:
            shutil.copyfile(Path(source).expanduser(), target)
    except OSError as error:
        raise ModelUnavailable(f"{source}: {getattr(error, 'reason', None) or error}") from error
    return target


def check(wheel: Path) -> str:
    """SHA-256 of a wheel whose metadata names the expected package and version. Raises ModelUnavailable."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            text = archive.read(names[0]).decode() if names else ""
    except (zipfile.BadZipFile, OSError) as error:
        raise ModelUnavailable(f"not a wheel ({error})") from error
    metadata = email.parser.HeaderParser().parsestr(text)
    found = f"{metadata['Name']} {metadata['Version']}".replace("-", "_")
    if found != f"{NAME} {VERSION}":
        raise ModelUnavailable(f"the wheel says it is {found!r}, not {NAME} {VERSION}")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def install(source: str, environment: Path, uv: Callable[[], Path]) -> str:
    """Fetch, check and install the wheel; returns its SHA-256. Raises ModelUnavailable."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = fetch(source, Path(folder))
        sha256 = check(wheel)
        command: list[str | Path] = [
            uv(),
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--reinstall",
        ]
        command += ["--python", environment / "bin" / "python", wheel]
        result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        if result.returncode:
            raise ModelUnavailable((result.stderr.strip().splitlines() or ["uv could not install it"])[-1])
    return sha256


def ensure(environment: Path, uv: Callable[[], Path]) -> None:
    """Install the pipeline unless it is there, or was already sought at this address without success.

    Raises ModelUnavailable only when the operator named a wheel; the public release is optional.
    """
    chosen = os.environ.get(SETTING)
    source = RELEASE if chosen is None else chosen
    stamp = environment / STAMP
    try:
        last = json.loads(stamp.read_text())
    except (OSError, ValueError):
        last = {}
    if last.get("source") == source and bool(last.get("sha256")) == installed(environment):
        return
    result: dict[str, str] = {"source": source}
    if source:
        try:
            result["sha256"] = install(source, environment, uv)
            print(f"Set-up: {NAME} {VERSION} installed; SHA-256 {result['sha256']}")
        except ModelUnavailable as reason:
            if chosen:
                raise
            result["reason"] = str(reason)
            print(f"Set-up: {NAME} {VERSION} could not be had ({reason}).")
            print("        The lookup pipeline is used instead. Whoever has the file can name it:")
            print(f"        {SETTING}=/path/to/{FILE} make run")
    stamp.write_text(json.dumps(result) + "\n")
