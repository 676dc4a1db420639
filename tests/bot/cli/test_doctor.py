"""What `make doctor` tells."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.cli import doctor as module
from bot.cli.doctor import Finding, doctor
from bot.cli.errors import CommandError
from bot.cli.paths import ROOT
from bot.cli.ports import find_free


def texts(findings: Iterator[Finding]) -> str:
    return "\n".join(f"{finding.label}: {finding.text}" for finding in findings)


def test_the_report_of_this_tree_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor() == 0
    report = capsys.readouterr().out
    for expected in ("Python 3.10", "rasa 3.6.21", "fastapi ", "mode ", "model ", "port "):
        assert expected in report
    assert "blank sv + spacy-lookups-data" in report or "sv_core_news_sm 3.4.0" in report


def test_every_unresolved_answer_and_missing_address_is_listed() -> None:
    report = texts(module.open_questions())
    catalogue = ROOT / "data" / "catalogue"
    answers = [item["answer"] for item in yaml.safe_load((catalogue / "unresolved.yml").read_text())]
    assert answers
    assert all(repr(answer) in report for answer in answers)
    for name, entry in yaml.safe_load((catalogue / "addresses.yml").read_text()).items():
        assert (f"({name}) has no url" in report) == ("url" not in entry and "text" not in entry)


def test_ports_say_free_or_who(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, engine, actions = find_free(3)
    for name, port in (("GATEWAY", gateway), ("ENGINE", engine), ("ACTIONS", actions)):
        monkeypatch.setenv(f"SUPPORT_{name}_PORT", str(port))
    with socket.create_server(("127.0.0.1", engine)):
        report = texts(module.port_use())
    assert f"port {gateway}: gateway: free" in report
    assert f"port {engine}: engine: process " in report
    assert "pytest" in report


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORT_ENGINE_PORT", "70000")
    with pytest.raises(CommandError, match=r"^SUPPORT_ENGINE_PORT: "):
        list(module.port_use())


def test_a_missing_engine_environment_is_said_and_the_rest_completes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "ENGINE_PYTHON", tmp_path / "python")
    assert doctor() == 1
    report = capsys.readouterr().out
    assert "! engine versions" in report
    assert "! swedish pipeline" in report
    assert "has no question" in report


@pytest.mark.parametrize("pipeline", ["sv_core_news_sm 3.4.0", "blank sv + spacy-lookups-data 1.0.5"])
def test_the_pipeline_in_use_and_why_not_the_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pipeline: str
) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\necho \'{{"pipeline": "{pipeline}"}}\'\n')
    python.chmod(0o755)
    monkeypatch.setattr(module, "ENGINE_PYTHON", python)
    assert texts(module.swedish_pipeline()) == f"spaCy: {pipeline}"
    (tmp_path / ".spacy-model.json").write_text('{"source": "https://x.example", "reason": "no network"}')
    assert "could not be had (no network)" in texts(module.swedish_pipeline())


def test_the_model_is_missing_current_or_old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    models: list[Path] = []
    current = tmp_path / "new.tar.gz"
    monkeypatch.setattr(module, "models", lambda: models)
    monkeypatch.setattr(module, "model_path", lambda: current)
    assert "none yet" in texts(module.trained_model())
    old = tmp_path / "old.tar.gz"
    old.touch()
    models.append(old)
    assert "its data has changed: `make train`" in texts(module.trained_model())
    current.touch()
    assert "of the data as it is now" in texts(module.trained_model())


def test_missing_system_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho chromium\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    assert texts(module.system_packages()) == "tests: need chromium; `make test-deps` installs"
