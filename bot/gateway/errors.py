"""The errors a client can get. Each has a `code` for programs; the Swedish sentence is in the catalogue."""

from __future__ import annotations

from typing import ClassVar

from bot.gateway import texts


class ApiError(Exception):
    """Base of all errors that become an answer."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(self, *, retry_after: float | None = None, fields: list[str] | None = None) -> None:
        super().__init__(self.code)
        self.retry_after = retry_after
        self.fields = fields

    @property
    def message(self) -> str:
        """The Swedish sentence to show."""
        return texts.ERRORS[self.code]


class NotAuthenticated(ApiError):
    """No token, or one that belongs to no conversation."""

    status, code = 401, "not_authenticated"


class CustomerTokenInvalid(ApiError):
    """The customer portal's token is forged, too old or of an unknown customer."""

    status, code = 401, "customer_token_invalid"


class NotFound(ApiError):
    """There is nothing at this address, or nothing for this client."""

    status, code = 404, "not_found"


class ConversationNotFound(ApiError):
    """No such conversation, another's, or an erased one: they look the same."""

    status, code = 404, "conversation_not_found"


class ConversationClosed(ApiError):
    """Nothing more can be written."""

    status, code = 409, "conversation_closed"


class NotWaiting(ApiError):
    """No person has been asked for."""

    status, code = 409, "not_waiting"


class BodyTooLarge(ApiError):
    """The request body is over the limit."""

    status, code = 413, "body_too_large"


class TextEmpty(ApiError):
    """Nothing visible is left of the text."""

    status, code = 422, "text_empty"


class UnknownButton(ApiError):
    """The button was never offered in this conversation."""

    status, code = 422, "unknown_button"


class TooManyRequests(ApiError):
    """Over a rate limit; `retry_after` seconds until the next is let through."""

    status, code = 429, "too_many_requests"


class TooManyStreams(ApiError):
    """Too many event streams are open."""

    status, code = 429, "too_many_streams"


class ServiceUnavailable(ApiError):
    """The database does not answer; the same call can be made again."""

    status, code = 503, "service_unavailable"


class StartError(Exception):
    """The process cannot start; the text is one line for the terminal."""
