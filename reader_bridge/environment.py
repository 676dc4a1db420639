"""The computer the bridge runs on: system, card service, card programs, remote session."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from reader_bridge import __version__, pcsc

PCSCD = Path("/usr/sbin/pcscd")
SM_REMOTESESSION = 0x1000
REMOTE_VARIABLES = ("XRDP_SESSION", "NXSESSIONID")


@dataclass(frozen=True)
class Module:
    """A PKCS#11 module found on this computer."""

    name: str
    path: str


KNOWN_MODULES = {
    "win32": (
        ("Net iD", r"C:\Windows\System32\iidp11.dll"),
        ("Net iD", r"C:\Program Files\Net iD\iidp11.dll"),
        ("Net iD", r"C:\Program Files\Net iD\Client\netid_pkcs11.dll"),
        ("SafeNet", r"C:\Windows\System32\eTPKCS11.dll"),
        ("SafeNet", r"C:\Program Files\SafeNet\Authentication\SAC\x64\IDPrimePKCS1164.dll"),
        ("OpenSC", r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll"),
    ),
    "darwin": (
        ("Net iD", "/Library/Security/tokend/iidp11.framework/iidp11"),
        ("Net iD", "/usr/local/lib/libiidp11.dylib"),
        ("SafeNet", "/usr/local/lib/libeTPkcs11.dylib"),
        ("SafeNet", "/usr/local/lib/libIDPrimePKCS11.dylib"),
        ("OpenSC", "/Library/OpenSC/lib/opensc-pkcs11.so"),
        ("OpenSC", "/opt/homebrew/lib/opensc-pkcs11.so"),
    ),
    "linux": (
        ("Net iD", "/usr/lib/libiidp11.so"),
        ("Net iD", "/usr/lib/x86_64-linux-gnu/libiidp11.so"),
        ("SafeNet", "/usr/lib/libeTPkcs11.so"),
        ("SafeNet", "/usr/lib/libIDPrimePKCS11.so"),
        ("OpenSC", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
        ("OpenSC", "/usr/lib64/opensc-pkcs11.so"),
        ("OpenSC", "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so"),
    ),
}


def installed_modules() -> list[Module]:
    """The PKCS#11 modules in their usual places, the card's own middleware before OpenSC."""
    return [Module(name, path) for name, path in KNOWN_MODULES.get(sys.platform, ()) if Path(path).exists()]


def remote_session() -> bool:
    """True in a remote-desktop (or other remote) session, where local readers are seen only if shared."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.user32.GetSystemMetrics(SM_REMOTESESSION))
    if os.environ.get("SESSIONNAME", "").upper().startswith(("RDP-", "ICA-")):
        return True
    return any(os.environ.get(name) for name in REMOTE_VARIABLES)


@cache
def pcsc_version() -> str | None:
    """pcsc-lite's version where `pcscd` can tell; Windows and macOS have their system's."""
    if not PCSCD.exists():
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed program, no input
            [str(PCSCD), "--version"], capture_output=True, text=True, timeout=0.5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = answer.stdout.split()
    return words[words.index("version") + 1].rstrip(".,") if "version" in words[:-1] else None


def describe(running: bool, modules: list[Module]) -> dict[str, Any]:
    """The `environment` of the report."""
    system = {"Darwin": "macOS"}.get(platform.system(), platform.system())
    return {
        "os": system,
        "os_version": platform.mac_ver()[0] or platform.release(),
        "machine": platform.machine(),
        "bridge_version": __version__,
        "pcsc": {"running": running, "kind": pcsc.KIND, "version": pcsc_version()},
        "middleware": [{"name": module.name, "path": module.path} for module in modules],
        "remote_session": remote_session(),
    }
