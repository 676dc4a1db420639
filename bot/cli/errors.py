"""What can stop a command; every text is one line for the person at the terminal."""

from __future__ import annotations


class CommandError(Exception):
    """The command cannot go on."""


class PortTakenError(CommandError):
    """Another program listens on a port that a part needs."""

    def __init__(self, part: str, port: int, holder: str) -> None:
        advice = f"stop it, or set SUPPORT_{part.upper()}_PORT"
        super().__init__(f"port {port}, which the {part} needs, is taken by {holder}; {advice}")
        self.part = part
        self.port = port


class PartFailedError(CommandError):
    """A part ended, or was not ready in time."""

    def __init__(self, part: str, why: str, log: str) -> None:
        super().__init__(f"the {part} {why} (log: {log})")
        self.part = part
        self.why = why
