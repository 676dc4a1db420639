"""The one file that knows python-pkcs11: certificates and PIN flags through the card's own middleware.

Runs in a process of its own (`python -m reader_bridge pkcs11-read MODULE`), because a module is somebody
else's native code: it may hang or crash, and it keeps its own state when the card service restarts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

from reader_bridge.card.certificates import CertificateFile
from reader_bridge.card.pin import PinStatus, PinUnknown

MAX_OUTPUT = 4 * 1024 * 1024


@dataclass
class ModuleToken:
    """One token of a module: the reader it says it is in, its label, PIN flags and certificates."""

    reader: str
    label: str
    pin: PinStatus
    certificates: list[CertificateFile] = field(default_factory=list)


def read_through(module: str, seconds: float) -> list[ModuleToken]:
    """The tokens the module sees; an empty list when it fails or takes longer."""
    command = [] if getattr(sys, "frozen", False) else ["-m", "reader_bridge"]
    try:
        answer = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, *command, "pkcs11-read", module],
            capture_output=True,
            timeout=max(0.1, seconds),
            check=True,
        )
        tokens = json.loads(answer.stdout[:MAX_OUTPUT].splitlines()[-1])
        return [_token(token) for token in tokens]
    except (subprocess.SubprocessError, OSError, ValueError, LookupError, TypeError):
        return []


def _token(token: dict[str, Any]) -> ModuleToken:
    if token["locked"]:
        pin = PinStatus(asked=False, locked=True, tries_left=0)
    elif token["final_try"]:
        pin = PinStatus(asked=False, locked=False, tries_left=1)
    else:
        pin = PinStatus(asked=False, unknown=PinUnknown.UNCLEAR_ANSWER)
    files = [CertificateFile(bytes.fromhex(der)) for der in token["certificates"]]
    return ModuleToken(token["reader"], token["label"], pin, files)


def print_tokens(module: str) -> None:
    """What the other process does: loads the module, prints its tokens as one JSON line, logs in nowhere."""
    import pkcs11

    tokens = []
    for slot in pkcs11.lib(module).get_slots(token_present=True):
        try:
            tokens.append(_describe(slot))
        except pkcs11.PKCS11Error:
            continue
    print(json.dumps(tokens))  # noqa: T201 - the answer to the process that started this one


def _describe(slot: Any) -> dict[str, Any]:
    from pkcs11 import Attribute, ObjectClass, TokenFlag

    token = slot.get_token()
    with token.open() as session:
        objects = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        certificates = [bytes(item[Attribute.VALUE]).hex() for item in objects]
    return {
        "reader": slot.slot_description,
        "label": token.label,
        "locked": bool(token.flags & TokenFlag.USER_PIN_LOCKED),
        "final_try": bool(token.flags & TokenFlag.USER_PIN_FINAL_TRY),
        "certificates": certificates,
    }
