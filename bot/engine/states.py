"""What policies see of a conversation: its states, one before each action."""

from __future__ import annotations

from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker


def recent_states(tracker: DialogueStateTracker, domain: Domain, count: int) -> list[State]:
    """The last `count` of `tracker.past_states(domain)`, without working out the ones before."""
    events = tracker.applied_events()
    # By name: Rasa's events are abstract classes, whose isinstance costs more than all the rest here.
    unneeded = sum(event.type_name == ActionExecuted.type_name for event in events) + 1 - count
    walker = tracker.init_copy()
    states = []
    for event in events:
        if event.type_name == ActionExecuted.type_name:
            if unneeded <= 0:
                states.append(domain.get_active_state(walker))
            unneeded -= 1
        event.apply_to(walker)
    states.append(domain.get_active_state(walker))
    return states


def copy_states(states: list[State]) -> list[State]:
    """Copies that a policy may change: the states and their parts, not the values."""
    return [{part: dict(content) for part, content in state.items()} for state in states]
