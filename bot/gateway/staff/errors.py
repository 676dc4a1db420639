"""The errors staff can get; the sentences are in `bot.gateway.staff.texts`."""

from __future__ import annotations

from bot.gateway.errors import ApiError


class SignInFailed(ApiError):
    """Wrong name or password; which of them is not said."""

    status, code = 401, "sign_in_failed"


class SignInLocked(ApiError):
    """Too many wrong passwords for this name; `retry_after` seconds until the next try."""

    status, code = 429, "sign_in_locked"


class SignedOut(ApiError):
    """No session, or one that has ended."""

    status, code = 401, "signed_out"


class CsrfFailed(ApiError):
    """The request does not prove that it comes from the console's own page."""

    status, code = 403, "csrf_failed"


class NotAllowed(ApiError):
    """The role does not give this right."""

    status, code = 403, "not_allowed"


class AlreadyTaken(ApiError):
    """A colleague has the chat."""

    status, code = 409, "already_taken"


class NotYours(ApiError):
    """Only the one who has the chat can do this."""

    status, code = 409, "not_yours"


class StateConflict(ApiError):
    """The chat is in a state in which this cannot be done."""

    status, code = 409, "state_conflict"


class ColleagueNotFound(ApiError):
    """No such staff account, or a disabled one."""

    status, code = 404, "colleague_not_found"


class CannedNotFound(ApiError):
    """No such canned answer."""

    status, code = 404, "canned_not_found"


class OrderMissing(ApiError):
    """No such order."""

    status, code = 404, "order_not_found"


class OrderRemarkRefused(ApiError):
    """The remark is too long or holds a personnummer."""

    status, code = 422, "order_refused"


class OrderStateConflict(ApiError):
    """The order cannot go to that state."""

    status, code = 409, "order_state"


class OrdersUnavailable(ApiError):
    """The order store does not answer."""

    status, code = 503, "orders_unavailable"


class CustomerMissing(ApiError):
    """No such customer."""

    status, code = 404, "customer_not_found"


class LegalHold(ApiError):
    """The conversation must be kept."""

    status, code = 409, "legal_hold"


class OidcFailed(ApiError):
    """The provider's answer could not be trusted."""

    status, code = 401, "oidc_failed"


class OidcNoRole(ApiError):
    """The provider knows the person, but gives no role here."""

    status, code = 403, "oidc_no_role"


class OidcOff(ApiError):
    """OpenID Connect is not configured."""

    status, code = 404, "oidc_off"
