"""Proving that a visitor acts for a customer: a one-time code by e-mail, or the customer portal's token.

A code lives ten minutes, takes five tries, is stored only as a keyed hash, and belongs to one conversation.
Whether anybody was written to shows neither in the answer, nor in the statements run, nor in its time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from actions.orders.database import Database
from actions.orders.errors import (
    CodeExpired,
    CodeRejected,
    NoCodePending,
    NotVerified,
    PortalTokenInvalid,
    TooManyCodes,
    VerificationError,
    VerificationExpired,
)
from actions.orders.mail import Postman
from actions.orders.mapping import to_verified
from actions.orders.models import ChallengeRow, ContactRow, CustomerRow, VerificationRow
from actions.orders.portal import PortalIdentity
from actions.orders.texts import CODE_BODY, CODE_SUBJECT
from actions.orders.values import CodeRequest, VerificationMethod, VerifiedCustomer

CODE_DIGITS: Final = 6
CODE_LIFETIME: Final = timedelta(minutes=10)
CODE_ATTEMPTS: Final = 5
VERIFIED_FOR: Final = timedelta(minutes=30)
LIMIT_WINDOW: Final = timedelta(hours=1)
CODES_PER_CONVERSATION: Final = 5
_ANSWER: Final = CodeRequest(CODE_DIGITS, int(CODE_LIFETIME.total_seconds() // 60), CODE_ATTEMPTS)


class Verifications:
    """Starts, confirms and looks up verifications."""

    def __init__(
        self,
        database: Database,
        secret: bytes,
        postman: Postman,
        sender: str,
        clock: Callable[[], datetime],
        *,
        codes_per_address: int,
    ) -> None:
        self._database = database
        self._secret = secret
        self._postman = postman
        self._sender = sender
        self._clock = clock
        self._codes_per_address = codes_per_address

    def start_code(self, conversation_id: str, customer_number: str, email: str) -> CodeRequest:
        """Write to the customer's behörig beställare, if that is who it is; the answer is always the same."""
        address = email.strip().lower()
        now, code, salt = (
            self._clock(),
            f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}",
            secrets.token_hex(16),
        )
        address_hash = self._hash("address", address)
        with self._database.write(f"codes:{conversation_id}", f"codes:{address_hash}") as session:
            self._check_limit(
                session, ChallengeRow.conversation_id == conversation_id, CODES_PER_CONVERSATION, now
            )
            self._check_limit(
                session, ChallengeRow.address_hash == address_hash, self._codes_per_address, now
            )
            contact_id = session.scalar(
                select(ContactRow.id)
                .join(CustomerRow, CustomerRow.id == ContactRow.customer_id)
                .where(CustomerRow.number == re.sub(r"\s", "", customer_number))
                .where(ContactRow.email == address, ContactRow.active)
            )
            session.add(
                ChallengeRow(
                    conversation_id=conversation_id,
                    address_hash=address_hash,
                    contact_id=contact_id,
                    salt=salt,
                    code_hash=self._hash("code", conversation_id, salt, code),
                    attempts_left=CODE_ATTEMPTS,
                    created_at=now,
                    expires_at=now + CODE_LIFETIME,
                )
            )
        letter = self._letter(address if contact_id is not None else "nobody@invalid", code)
        self._postman.post(letter if contact_id is not None else None)
        return _ANSWER

    def confirm_code(self, conversation_id: str, code: str) -> VerifiedCustomer:
        """Verify the conversation with what the visitor typed.

        Raises `NoCodePending`, `CodeExpired` or `CodeRejected`. A text that is not six digits costs no try;
        the right code typed twice gives the same verification.
        """
        with self._database.write(f"codes:{conversation_id}") as session:
            outcome = self._try_code(session, conversation_id, re.sub(r"\D", "", code))
        # Raised after the commit: a failed try must be counted.
        if isinstance(outcome, VerificationError):
            raise outcome
        return outcome

    def accept(self, conversation_id: str, identity: PortalIdentity, *, renew: bool) -> VerifiedCustomer:
        """Verify by the portal's word. Without `renew` an earlier word of the portal keeps its own end."""
        with self._database.write(f"codes:{conversation_id}") as session:
            customer = session.scalar(
                select(CustomerRow).where(CustomerRow.number == identity.customer_number)
            )
            if customer is None:
                raise PortalTokenInvalid("unknown_customer")
            earlier = session.get(VerificationRow, conversation_id)
            if earlier is not None and not renew and _same_portal_word(earlier, customer, identity):
                if earlier.expires_at <= self._clock():
                    raise VerificationExpired
                return to_verified(earlier)
            return self._verify(
                session, conversation_id, customer, identity.contact_email, VerificationMethod.PORTAL
            )

    def find(self, session: Session, conversation_id: str) -> VerificationRow | None:
        """The conversation's verification, if it has not ended."""
        row = session.get(VerificationRow, conversation_id)
        return row if row is not None and row.expires_at > self._clock() else None

    def require(self, session: Session, conversation_id: str) -> VerificationRow:
        """The conversation's verification; raises `NotVerified` or `VerificationExpired`."""
        row = session.get(VerificationRow, conversation_id)
        if row is None:
            raise NotVerified
        if row.expires_at <= self._clock():
            raise VerificationExpired
        return row

    def forget(self, session: Session, conversation_id: str) -> None:
        """Remove every trace of the conversation from the verification tables."""
        session.execute(delete(ChallengeRow).where(ChallengeRow.conversation_id == conversation_id))
        session.execute(delete(VerificationRow).where(VerificationRow.conversation_id == conversation_id))

    def _try_code(
        self, session: Session, conversation_id: str, typed: str
    ) -> VerifiedCustomer | VerificationError:
        newest = select(ChallengeRow).where(ChallengeRow.conversation_id == conversation_id)
        challenge = session.scalar(newest.order_by(ChallengeRow.id.desc()).limit(1))
        if challenge is None:
            return NoCodePending()
        right = hmac.compare_digest(
            self._hash("code", conversation_id, challenge.salt, typed), challenge.code_hash
        )
        if challenge.used_at is not None:
            current = self.find(session, conversation_id)
            return to_verified(current) if right and current is not None else NoCodePending()
        if challenge.expires_at <= self._clock() or challenge.attempts_left == 0:
            return CodeExpired()
        if len(typed) == CODE_DIGITS:
            challenge.attempts_left -= 1
        contact = session.get(ContactRow, challenge.contact_id) if challenge.contact_id is not None else None
        if not right or contact is None or not contact.active:
            return CodeRejected(challenge.attempts_left)
        challenge.used_at = self._clock()
        customer = session.get_one(CustomerRow, contact.customer_id)
        return self._verify(session, conversation_id, customer, contact.email, VerificationMethod.CODE)

    def _verify(
        self,
        session: Session,
        conversation_id: str,
        customer: CustomerRow,
        email: str,
        method: VerificationMethod,
    ) -> VerifiedCustomer:
        now = self._clock()
        row = VerificationRow(
            conversation_id=conversation_id,
            customer_id=customer.id,
            customer=customer,
            contact_email=email,
            method=method,
            verified_at=now,
            expires_at=now + VERIFIED_FOR,
        )
        return to_verified(session.merge(row))

    def _check_limit(self, session: Session, which: ColumnElement[bool], limit: int, now: datetime) -> None:
        since = now - LIMIT_WINDOW
        window = select(func.count(), func.min(ChallengeRow.created_at)).where(
            which, ChallengeRow.created_at > since
        )
        count, oldest = session.execute(window).one()
        if count >= limit:
            raise TooManyCodes(max(1, int((oldest + LIMIT_WINDOW - now).total_seconds())))

    def _letter(self, address: str, code: str) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"], letter["From"], letter["To"] = CODE_SUBJECT, self._sender, address
        letter["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(CODE_BODY.format(code=code, minutes=_ANSWER.valid_minutes))
        return letter

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._secret, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def _same_portal_word(row: VerificationRow, customer: CustomerRow, identity: PortalIdentity) -> bool:
    return (row.method, row.customer_id, row.contact_email) == (
        VerificationMethod.PORTAL,
        customer.id,
        identity.contact_email,
    )
