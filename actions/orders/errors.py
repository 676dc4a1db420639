"""What can go wrong in the order store, as one small tree. Every error has a `code` and carries facts.

The caller (an action, the gateway, the command line) translates a code into a Swedish sentence once, at its
own edge. No message here is meant for a visitor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from actions.orders.values import Order, OrderState, Problem


class OrderStoreError(Exception):
    """Base of all errors of this package."""

    code: ClassVar[str] = "order_store_error"


class SettingsError(OrderStoreError):
    """A setting is missing or unusable; the message names the variable, never its value."""

    code = "settings_error"


class StoreUnavailable(OrderStoreError):
    """The database did not do what was asked, or not in time. An operation is kept whole or not at all.

    Make the same call again (for an order: with the same key).

    `reason` is `locked` (somebody held it too long), `full`, `unreachable`, `slow` or `damaged`.
    """

    code = "store_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"order store unavailable: {reason}")
        self.reason = reason


class SchemaOutOfDate(OrderStoreError):
    """The tables are not those of this program version: run `python -m actions.orders migrate`."""

    code = "schema_out_of_date"

    def __init__(self, found: str | None, expected: str) -> None:
        state = f"order store schema is {found or 'missing'}, expected {expected}"
        super().__init__(f"{state}: run `python -m actions.orders migrate`")
        self.found = found
        self.expected = expected


class InvalidIdentifier(OrderStoreError):
    """A text is not the identifier it should be; `reason` says what is wrong with it."""

    code = "invalid_identifier"

    def __init__(self, reason: str) -> None:
        super().__init__(f"{self.code}: {reason}")
        self.reason = reason


class InvalidHsaId(InvalidIdentifier):
    """Not a HSA-id. `reason`: `empty`, `prefix` (does not begin with SE), `organisation` (not ten digits
    after SE), `suffix_missing`, `suffix_too_long`, `characters`, `personnummer` (that is what was typed).
    """

    code = "invalid_hsa_id"


class InvalidOrderNumber(InvalidIdentifier):
    """Not an order number. `reason`: `form`, or `check` (well-formed but mistyped)."""

    code = "invalid_order_number"


class InvalidAddress(InvalidIdentifier):
    """Not a Swedish delivery address. `reason`: `postal_code`, `street`, `city` or `personnummer`."""

    code = "invalid_address"


class VerificationError(OrderStoreError):
    """The visitor could not be verified, or is not."""

    code = "verification_error"


class NotVerified(VerificationError):
    """The conversation has no verified customer."""

    code = "not_verified"


class VerificationExpired(NotVerified):
    """The conversation had a verified customer, more than 30 minutes ago."""

    code = "verification_expired"


class NoCodePending(VerificationError):
    """No one-time code has been asked for in this conversation."""

    code = "no_code_pending"


class CodeExpired(VerificationError):
    """The last code is older than ten minutes, or its five tries are used up: a new one is needed."""

    code = "code_expired"


class CodeRejected(VerificationError):
    """Wrong code. `attempts_left` is 0 to 4; at 0 a new code is needed."""

    code = "code_rejected"

    def __init__(self, attempts_left: int) -> None:
        super().__init__(f"wrong code, {attempts_left} tries left")
        self.attempts_left = attempts_left


class TooManyCodes(VerificationError):
    """Too many codes asked for, in this conversation or for this address; says nothing about who exists."""

    code = "too_many_codes"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"too many codes, retry after {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class PortalTokenInvalid(VerificationError):
    """The customer portal's token is not usable. `reason`: `not_configured`, `expired`, `invalid` or
    `unknown_customer`.
    """

    code = "portal_token_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(f"portal token: {reason}")
        self.reason = reason


class OrderRejected(OrderStoreError):
    """Base of the business answers that are not "yes"."""

    code = "order_rejected"


class HolderNotFound(OrderRejected):
    """The verified customer has no card holder with this HSA-id (another customer's looks the same)."""

    code = "holder_not_found"

    def __init__(self, hsa_id: str) -> None:
        super().__init__("card holder not found")
        self.hsa_id = hsa_id


class OrderRefused(OrderRejected):
    """The order breaks a rule; `problems` says which, and which answer to ask for again."""

    code = "order_refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("order refused: " + ", ".join(problem.code for problem in problems))
        self.problems = problems


class DuplicateOrder(OrderRejected):
    """The same thing was ordered a short time ago: ask, then place with `accept_duplicate=True`."""

    code = "duplicate_order"

    def __init__(self, existing: tuple[Order, ...]) -> None:
        super().__init__("already ordered: " + ", ".join(order.number for order in existing))
        self.existing = existing


class IdempotencyConflict(OrderRejected):
    """The key was used for another order (`number`): the caller must make a new key for each errand."""

    code = "idempotency_conflict"

    def __init__(self, number: str) -> None:
        super().__init__(f"idempotency key already used for {number}")
        self.number = number


class OrderNotFound(OrderRejected):
    """No such order, or not this customer's: the two look the same."""

    code = "order_not_found"

    def __init__(self, number: str) -> None:
        super().__init__(f"order {number} not found")
        self.number = number


class WrongState(OrderRejected):
    """The order is in `state` and cannot be moved to `wanted` from there (by this actor)."""

    code = "wrong_state"

    def __init__(self, number: str, state: OrderState, wanted: OrderState) -> None:
        super().__init__(f"order {number} is {state}, cannot become {wanted}")
        self.number = number
        self.state = state
        self.wanted = wanted


class DeliveryFailed(OrderStoreError):
    """A message did not get through; the text says why, without addresses or contents."""

    code = "delivery_failed"


class SeedRefused(OrderStoreError):
    """Demo data belongs in local mode only."""

    code = "seed_refused"


class ImportRefused(OrderStoreError):
    """A register file has a bad line; nothing of the file was taken in."""

    code = "import_refused"

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason
