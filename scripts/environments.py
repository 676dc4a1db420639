"""Create the project's virtual environments from the hash-pinned requirement files.

    python3 scripts/environments.py app engine

Runs on the machine's own Python (>= 3.10) with nothing but the standard library. An environment is
synchronised only when the digest of its requirement file differs from the one recorded inside it.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from scripts import spacy_model, system_packages  # noqa: E402

STAMP = ".support-stamp.json"


class SetupError(Exception):
    """Set-up cannot go on; the text is one line for the person at the terminal."""


@dataclass(frozen=True)
class Profile:
    """One requirement file and the environment it fills."""

    name: str
    folder: str
    python: str
    asked_from: str
    """Folder uv looks for the Python from: `requirements/.python-version` makes pyenv's shims answer 3.10."""
    includes: tuple[str, ...] = ()
    """Smaller profiles that an environment of this profile satisfies too."""

    @property
    def requirements(self) -> Path:
        """The compiled requirement file."""
        return ROOT / "requirements" / f"{self.name}.txt"

    @property
    def environment(self) -> Path:
        """The virtual environment's folder."""
        return ROOT / self.folder


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("app", ".venv", ">=3.11,<3.14", "."),
        Profile("dev", ".venv", ">=3.11,<3.14", ".", includes=("app",)),
        Profile("engine", ".venv-engine", "3.10", "requirements"),
        Profile("engine-dev", ".venv-engine", "3.10", "requirements", includes=("engine",)),
    )
}


def digest(path: Path) -> str:
    """SHA-256 of a file's content, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def recorded(environment: Path) -> dict[str, str]:
    """What `record` wrote in the environment; empty when it was never completed."""
    try:
        stamp = json.loads((environment / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def record(environment: Path, profile: str, requirements: Path) -> None:
    """Note inside the environment which requirement file it now equals."""
    stamp = {"profile": profile, "digest": digest(requirements)}
    (environment / STAMP).write_text(json.dumps(stamp) + "\n")


def wanted(profile: Profile, stamp: dict[str, str]) -> Profile | None:
    """The profile to synchronise with, or None when the environment is as it shall be.

    A developer's environment stays one: asking for `app` where `dev` is installed never removes the tools.
    """
    installed = PROFILES.get(stamp.get("profile", ""))
    target = installed if installed and profile.name in installed.includes else profile
    if stamp == {"profile": target.name, "digest": digest(target.requirements)}:
        return None
    return target


def run(command: Sequence[str | Path], what: str, cwd: Path = ROOT) -> None:
    """Run a program with its output on the terminal; a failure becomes one line."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # A pyenv shim that started this Python pins every shim below it to the same version and folder.
    for name in ("VIRTUAL_ENV", "PYENV_VERSION", "PYENV_DIR"):
        environment.pop(name, None)
    if subprocess.run([str(word) for word in command], cwd=cwd, env=environment, check=False).returncode:
        raise SetupError(f"{what} failed; the reason stands above.")


def ensure_uv() -> Path:
    """A `uv` of the project's own, in a private virtual environment; returns the program."""
    environment = ROOT / ".venv-uv"
    requirements = ROOT / "requirements" / "uv.txt"
    program = environment / "bin" / "uv"
    if program.exists() and recorded(environment) == {"profile": "uv", "digest": digest(requirements)}:
        return program
    print("Set-up: fetching uv, the installer", flush=True)
    shutil.rmtree(environment, ignore_errors=True)
    if subprocess.run(
        [sys.executable, "-c", "import ensurepip"], capture_output=True, check=False
    ).returncode:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        system_packages.install([version])
    run([sys.executable, "-m", "venv", environment], "Creating .venv-uv")
    pip: list[str | Path] = [
        environment / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
    ]
    run([*pip, "-r", requirements], "Fetching uv")
    record(environment, "uv", requirements)
    return program


def works(python: Path) -> bool:
    """Whether the interpreter starts; a link to an upgraded system Python may point to nothing."""
    return (
        python.exists()
        and not subprocess.run([python, "--version"], capture_output=True, check=False).returncode
    )


def synchronise(profile: Profile, uv: Path) -> None:
    """Make the environment exactly what the requirement file says, creating it when it is missing."""
    python = profile.environment / "bin" / "python"
    if not works(python):
        print(f"Set-up: creating {profile.folder} (Python {profile.python})", flush=True)
        create: list[str | Path] = [
            uv,
            "venv",
            "--quiet",
            "--clear",
            "--no-project",
            "--python",
            profile.python,
        ]
        advice = (
            f"Creating an environment with Python {profile.python} (install one, or allow uv to download it)"
        )
        run([*create, profile.environment], advice, cwd=ROOT / profile.asked_from)
    print(f"Set-up: installing {profile.requirements.name} into {profile.folder}", flush=True)
    (profile.environment / STAMP).unlink(missing_ok=True)
    sync: list[str | Path] = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python]
    run([*sync, profile.requirements], f"Installing {profile.requirements.name}")
    record(profile.environment, profile.name, profile.requirements)


@contextmanager
def only_one() -> Iterator[None]:
    """Wait until no other set-up of this tree is under way."""
    lock = ROOT / "var" / "setup.lock"
    lock.parent.mkdir(mode=0o700, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(names: Sequence[str]) -> None:
    """Bring the named profiles' environments up to date.

    Raises SetupError, ModelUnavailable or MissingPackages, with the line to show.
    """
    for name in names:
        profile = PROFILES[name]
        target = wanted(profile, recorded(profile.environment))
        if target:
            synchronise(target, ensure_uv())
        if profile.folder == ".venv-engine":
            spacy_model.ensure(profile.environment, ensure_uv)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("profiles", nargs="+", choices=sorted(PROFILES))
    names = parser.parse_args(arguments).profiles
    try:
        with only_one():
            prepare(names)
    except (SetupError, spacy_model.ModelUnavailable, system_packages.MissingPackages) as error:
        print(f"Set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Set-up: interrupted.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
