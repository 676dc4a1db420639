"""The state machine of a conversation: who answers, and which way it can go."""

from __future__ import annotations

from typing import Final

from bot.gateway.schemas import State

ALLOWED: Final = {
    State.BOT: frozenset({State.WAITING, State.STAFF, State.CLOSED}),
    State.WAITING: frozenset({State.BOT, State.STAFF, State.CLOSED}),
    State.STAFF: frozenset({State.BOT, State.WAITING, State.STAFF, State.CLOSED}),
    State.CLOSED: frozenset[State](),
}


class NotAllowed(Exception):
    """The conversation cannot go from `old` to `new`."""

    def __init__(self, old: State, new: State) -> None:
        super().__init__(f"{old} -> {new}")
        self.old = old
        self.new = new


def check(old: State, new: State) -> None:
    """Raises `NotAllowed` unless a conversation in `old` may go to `new`."""
    if new not in ALLOWED[old]:
        raise NotAllowed(old, new)
