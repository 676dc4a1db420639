"""What can go wrong between us and a card that answers."""

from __future__ import annotations


class CardError(Exception):
    """The card answered, but not with what was asked for."""


class BadData(CardError):
    """What the card holds is not what the standard says it should be."""


class StatusError(CardError):
    """The card refused a command; `sw` is its status word."""

    def __init__(self, sw: int, command: bytes) -> None:
        super().__init__(f"status {sw:04X} to {command[:4].hex().upper()}")
        self.sw = sw
