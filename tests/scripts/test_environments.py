"""When an environment is synchronised, and how the spaCy pipeline gets into it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import environments, spacy_model, system_packages
from scripts.environments import PROFILES, SetupError
from scripts.spacy_model import ModelUnavailable

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with requirement files only."""
    (tmp_path / "requirements").mkdir()
    for name in PROFILES:
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    return tmp_path


def stamp(profile: str, tree: Path) -> dict[str, str]:
    content = (tree / "requirements" / f"{profile}.txt").read_bytes()
    return {"profile": profile, "digest": hashlib.sha256(content).hexdigest()}


@pytest.mark.parametrize(
    ("asked", "installed", "expected"),
    [
        ("app", None, "app"),
        ("app", "app", None),
        ("app", "dev", None),
        ("dev", "app", "dev"),
        ("engine", "engine-dev", None),
        ("engine-dev", "engine", "engine-dev"),
        ("app", "engine", "app"),
    ],
)
def test_what_is_synchronised(tree: Path, asked: str, installed: str | None, expected: str | None) -> None:
    found = environments.wanted(PROFILES[asked], stamp(installed, tree) if installed else {})
    assert (found.name if found else None) == expected


def test_a_changed_requirement_file_is_installed_in_the_same_profile(tree: Path) -> None:
    before = stamp("dev", tree)
    (tree / "requirements" / "dev.txt").write_text("dev==2\n")
    target = environments.wanted(PROFILES["app"], before)
    assert target is PROFILES["dev"]


def test_a_broken_stamp_counts_as_none(tmp_path: Path) -> None:
    assert environments.recorded(tmp_path) == {}
    (tmp_path / environments.STAMP).write_text("{")
    assert environments.recorded(tmp_path) == {}
    (tmp_path / environments.STAMP).write_text("[]")
    assert environments.recorded(tmp_path) == {}


def test_a_failing_installer_leaves_no_stamp(tree: Path) -> None:
    environment = PROFILES["app"].environment
    assert environment == tree / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    environments.record(environment, "app", tree / "requirements" / "engine.txt")
    with pytest.raises(SetupError, match=r"Installing app\.txt failed"):
        environments.synchronise(PROFILES["app"], Path("/bin/false"))
    assert environments.recorded(environment) == {}


def test_a_second_set_up_runs_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("app", "engine"):
        PROFILES[name].environment.mkdir()
        environments.record(PROFILES[name].environment, name, PROFILES[name].requirements)
    monkeypatch.setenv(spacy_model.SETTING, "")
    environments.prepare(["engine"])
    (tree / ".venv-engine" / environments.STAMP).touch()

    def refuse(*_words: object, **_options: object) -> None:
        pytest.fail("a program was started")

    monkeypatch.setattr(subprocess, "run", refuse)
    assert environments.main(["app", "engine"]) == 0


def test_programs_do_not_inherit_the_python_that_started_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("VIRTUAL_ENV", "PYENV_VERSION", "PYENV_DIR")
    for name in names:
        monkeypatch.setenv(name, "x")
    script = f"import os, sys; sys.exit(any(name in os.environ for name in {names}))"
    environments.run([sys.executable, "-c", script], "Checking", cwd=tmp_path)


def test_a_python_without_pip_and_no_root_gives_the_line_to_run(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tree / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(system_packages, "_privilege", lambda: None)
    (tree / "requirements" / "uv.txt").write_text("uv==1\n")
    assert environments.main(["app"]) == 1
    version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"apt-get install --yes --no-install-recommends {version}" in capsys.readouterr().err


def test_missing_packages_without_root_give_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "_privilege", lambda: None)
    monkeypatch.setattr(system_packages, "missing", lambda _packages: ["chromium", "gcc"])
    assert system_packages.main([]) == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "apt-get install --yes --no-install-recommends chromium gcc" in line


def wheel(folder: Path, version: str = "3.4.0", name: str = "sv_core_news_sm") -> Path:
    """A wheel that has the pipeline's name and a module that spaCy can load as a blank Swedish one."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    config = {"lang": "sv", "name": "core_news_sm", "version": version, "pipeline": []}
    files = {
        f"{name}/__init__.py": "import spacy\n\ndef load(**options):\n    return spacy.blank('sv')\n",
        f"{name}/meta.json": json.dumps(config),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return path


@pytest.fixture(scope="module")
def uv() -> Callable[[], Path]:
    """The project's own uv."""
    return environments.ensure_uv


@pytest.fixture
def engine(tmp_path: Path, uv: Callable[[], Path]) -> Path:
    """An environment that sees the packages of the engine's, and into which the test can install."""
    environment = tmp_path / "venv"
    python = ROOT / ".venv-engine" / "bin" / "python"
    create = [uv(), "venv", "--quiet", "--no-project", "--python", python, environment]
    subprocess.run([str(word) for word in create], check=True, cwd=tmp_path)
    packages = next((ROOT / ".venv-engine" / "lib").glob("python3*/site-packages"))
    own = next((environment / "lib").glob("python3*/site-packages"))
    # Appended, so what the test installs comes first; a real sv_core_news_sm would come second.
    (own / "engine.pth").write_text(f"{packages}\n")
    return environment


def pipeline(environment: Path) -> str:
    """What the engine's own code says it would use there."""
    words = [str(environment / "bin" / "python"), "-m", "bot.nlu.pipeline"]
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return str(json.loads(result.stdout)["pipeline"])


class TestSpacyModel:
    def test_the_named_wheel_is_installed_once_and_used(
        self,
        engine: Path,
        uv: Callable[[], Path],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        path = wheel(tmp_path)
        monkeypatch.setenv(spacy_model.SETTING, str(path))
        spacy_model.ensure(engine, uv)
        assert spacy_model.installed(engine)
        assert hashlib.sha256(path.read_bytes()).hexdigest() in capsys.readouterr().out
        assert pipeline(engine) == "sv_core_news_sm 3.4.0"
        spacy_model.ensure(engine, lambda: pytest.fail("installed twice"))

    def test_where_it_cannot_be_had_lookups_are_used_and_it_is_said_once(
        self, engine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv(spacy_model.SETTING, raising=False)
        monkeypatch.setattr(spacy_model, "RELEASE", "https://127.0.0.1:9/missing.whl")
        for _ in range(2):
            spacy_model.ensure(engine, lambda: pytest.fail("nothing to install"))
        said = capsys.readouterr().out
        assert said.count("could not be had") == 1
        assert "Connection refused" in said
        assert spacy_model.SETTING in said
        if not any((ROOT / ".venv-engine").glob("lib/python3*/site-packages/sv_core_news_sm")):
            assert pipeline(engine).startswith("blank sv + ")

    def test_an_empty_setting_does_not_try(
        self, engine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv(spacy_model.SETTING, "")
        spacy_model.ensure(engine, lambda: pytest.fail("nothing to install"))
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize(("name", "version"), [("sv_core_news_sm", "3.8.0"), ("other_package", "3.4.0")])
    def test_another_wheel_is_refused(self, tmp_path: Path, name: str, version: str) -> None:
        path = wheel(tmp_path, version, name)
        with pytest.raises(ModelUnavailable, match=f"says it is '{name} {version}'"):
            spacy_model.install(str(path), tmp_path, lambda: pytest.fail("nothing to install"))

    @pytest.mark.parametrize("content", [None, b"not a zip file"])
    def test_a_named_file_that_is_missing_or_broken_stops(
        self, engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
    ) -> None:
        path = tmp_path / "model.whl"
        if content:
            path.write_bytes(content)
        monkeypatch.setenv(spacy_model.SETTING, str(path))
        with pytest.raises(ModelUnavailable):
            spacy_model.ensure(engine, lambda: pytest.fail("nothing to install"))
        assert not spacy_model.installed(engine)
