"""What the tests need from Debian or Ubuntu besides Python: find what is missing, install it.

python3 scripts/system_packages.py [--list]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

TEST_PACKAGES = (
    "chromium",
    "gcc",
    "libpcsclite-dev",
    "opensc",
    "pcscd",
    "postgresql",
    "redis-server",
    "vsmartcard-vpcd",
)


class MissingPackages(Exception):
    """Packages are missing and this user cannot install them; the text names the line to run."""


def missing(packages: Sequence[str]) -> list[str]:
    """Those of the packages that are not installed; all of them where there is no dpkg to ask."""
    if not shutil.which("dpkg-query"):
        return list(packages)
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages]
    lines = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
    installed = {line.split()[0] for line in lines if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def python_headers() -> list[str]:
    """The package with Python.h, which pyscard is compiled with, unless this Python has its headers."""
    return [] if Path(sysconfig.get_path("include"), "Python.h").exists() else ["python3-dev"]


def _privilege() -> list[str] | None:
    """The words to put before a command that needs root; None when there is no way to become root."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if sys.stdin.isatty():
        return ["sudo"]
    silent = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if silent.returncode == 0 else None


def install(packages: Sequence[str]) -> None:
    """Install the packages with apt.

    Raises MissingPackages, with the one line that root shall run, where that cannot be done from here.
    """
    words = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    advice = "as root: apt-get update && " + " ".join(words)
    privilege = _privilege() if shutil.which("apt-get") else None
    if privilege is None:
        raise MissingPackages(f"needed and not installed: {', '.join(packages)}. Run {advice}")
    print(f"Set-up: installing {', '.join(packages)} with apt", flush=True)
    apt = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive"]
    for command in (["apt-get", "update", "-qq"], [*words, "-qq"]):
        result = subprocess.run([*apt, *command], capture_output=True, text=True, check=False)
        if result.returncode:
            reason = (result.stderr.strip() or result.stdout.strip() or "no reason given").splitlines()[-1]
            raise MissingPackages(f"apt failed ({reason}). Run {advice}")


def main(arguments: Sequence[str]) -> int:
    """Install what the tests need; with --list only name what is missing, one a line."""
    absent = missing([*TEST_PACKAGES, *python_headers()])
    if "--list" in arguments:
        print("\n".join(absent), end="\n" if absent else "")
        return 0
    try:
        if absent:
            install(absent)
    except MissingPackages as error:
        print(f"Set-up: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
