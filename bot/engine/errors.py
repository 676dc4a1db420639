"""What can go wrong with a turn, and how the caller hears of it."""

from __future__ import annotations


class StartError(Exception):
    """The engine cannot start; the message is the one line an operator reads."""


class RequestError(Exception):
    """The request itself is wrong (HTTP 400); `code` names what, `message` says it in Swedish."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class TurnUnavailableError(Exception):
    """The turn left no trace and may be sent again (HTTP 503); `code` names which part failed."""

    code = "engine_unavailable"


class ActionUnavailableError(TurnUnavailableError):
    """The action server did not answer, or not in time."""

    code = "actions_unavailable"


class StoreUnavailableError(TurnUnavailableError):
    """The tracker database did not take or give the conversation."""

    code = "tracker_unavailable"


class StaleConversationError(TurnUnavailableError):
    """Another process wrote to the conversation meanwhile; this one must read it anew."""

    code = "conversation_busy"


class LockTimeoutError(TurnUnavailableError):
    """An earlier message of the same conversation took too long."""

    code = "conversation_busy"
