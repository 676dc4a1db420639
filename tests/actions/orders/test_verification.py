from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlalchemy import event, func, select, text

from actions.orders import OrderService, VerificationMethod
from actions.orders.database import Database
from actions.orders.errors import (
    CodeExpired,
    CodeRejected,
    NoCodePending,
    NotVerified,
    TooManyCodes,
    VerificationExpired,
)
from actions.orders.models import ChallengeRow, VerificationRow

from .conftest import CONTACT, CUSTOMER, OTHER_CONTACT, Clock, KeptMail, ServiceMaker

WRONG = {"000000": "000001"}


def _wrong(code: str) -> str:
    return WRONG.get(code, "000000")


def _start(service: OrderService, mailbox: KeptMail, conversation: str = "c1") -> str:
    """Ask for a code, wait until it is mailed, and give it."""
    before = len(mailbox.letters)
    service.start_code(conversation, CUSTOMER, CONTACT)
    _until_mailed(service)
    assert len(mailbox.letters) == before + 1
    return mailbox.code()


def _until_mailed(service: OrderService) -> None:
    # Two threads take letters in order: when two tasks that wait for each other are done, so is all before.
    together = Barrier(2)
    for done in [service._postman._threads.submit(together.wait) for _ in range(2)]:
        done.result()


def test_the_right_code_verifies_for_thirty_minutes(
    service: OrderService, mailbox: KeptMail, clock: Clock
) -> None:
    code = _start(service, mailbox)
    customer = service.confirm_code("c1", f" {code[:3]} {code[3:]} ")
    assert (customer.customer_number, customer.contact_email) == (CUSTOMER, CONTACT)
    assert customer.method is VerificationMethod.CODE
    assert (customer.expires_at - clock()).total_seconds() == 1800
    clock.pass_time(minutes=29, seconds=59)
    assert service.verified_customer("c1") == customer
    clock.pass_time(seconds=1)
    assert service.verified_customer("c1") is None
    with pytest.raises(VerificationExpired):
        service.list_orders("c1")


def test_the_letter_is_plain_swedish_to_the_contact_only(service: OrderService, mailbox: KeptMail) -> None:
    code = _start(service, mailbox)
    letter = mailbox.letters[0]
    assert letter["To"] == CONTACT
    assert code in letter.get_content()
    assert "inom 10 minuter" in letter.get_content()
    assert "Ge den inte till någon annan" in letter.get_content()


def test_a_verification_belongs_to_its_conversation(service: OrderService, mailbox: KeptMail) -> None:
    code = _start(service, mailbox)
    with pytest.raises(NoCodePending):
        service.confirm_code("c2", code)
    service.confirm_code("c1", code)
    assert service.verified_customer("c2") is None
    with pytest.raises(NotVerified):
        service.list_orders("c2")


def test_five_wrong_codes_use_it_up(service: OrderService, mailbox: KeptMail) -> None:
    code = _start(service, mailbox)
    left = []
    for _ in range(5):
        with pytest.raises(CodeRejected) as refused:
            service.confirm_code("c1", _wrong(code))
        left.append(refused.value.attempts_left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(CodeExpired):
        service.confirm_code("c1", code)
    assert service.verified_customer("c1") is None


def test_what_is_no_code_costs_no_try(service: OrderService, mailbox: KeptMail) -> None:
    code = _start(service, mailbox)
    for text_instead in ("ja", "12345", "1234567", ""):
        with pytest.raises(CodeRejected) as refused:
            service.confirm_code("c1", text_instead)
        assert refused.value.attempts_left == 5
    assert service.confirm_code("c1", code)


def test_a_code_lives_ten_minutes(service: OrderService, mailbox: KeptMail, clock: Clock) -> None:
    code = _start(service, mailbox)
    clock.pass_time(minutes=10)
    with pytest.raises(CodeExpired):
        service.confirm_code("c1", code)


def test_the_same_code_twice_gives_the_same_verification(
    service: OrderService, mailbox: KeptMail, clock: Clock
) -> None:
    code = _start(service, mailbox)
    first = service.confirm_code("c1", code)
    clock.pass_time(minutes=1)
    assert service.confirm_code("c1", code) == first
    with pytest.raises(NoCodePending):
        service.confirm_code("c1", _wrong(code))


def test_a_new_code_replaces_the_old(service: OrderService, mailbox: KeptMail) -> None:
    old = _start(service, mailbox)
    new = _start(service, mailbox)
    if old != new:
        with pytest.raises(CodeRejected):
            service.confirm_code("c1", old)
    assert service.confirm_code("c1", new)


def test_codes_and_addresses_are_kept_only_as_keyed_hashes(
    service: OrderService, mailbox: KeptMail, database: Database
) -> None:
    code = _start(service, mailbox)
    with database.read() as session:
        stored = str(session.execute(text("SELECT * FROM code_challenges")).all())
    assert code not in stored
    assert CONTACT not in stored


@pytest.mark.parametrize(
    ("number", "email"),
    [(CUSTOMER, "okand@vardcentralen.example"), (CUSTOMER, OTHER_CONTACT), ("999999", CONTACT), ("", "")],
)
class TestNobodyIsToldWhoExists:
    def test_the_answers_are_the_same(
        self, service: OrderService, mailbox: KeptMail, number: str, email: str
    ) -> None:
        hit = service.start_code("c1", CUSTOMER, CONTACT)
        miss = service.start_code("c2", number, email)
        _until_mailed(service)
        assert hit == miss
        assert [letter["To"] for letter in mailbox.letters] == [CONTACT]
        assert _all_refusals(service, "c1", _wrong(mailbox.code())) == _all_refusals(service, "c2", "000000")

    def test_the_statements_run_are_the_same(
        self, service: OrderService, database: Database, number: str, email: str
    ) -> None:
        service.start_code("warm-up", "1", "x@y.example")
        with _statements(database) as hit:
            service.start_code("c1", CUSTOMER, CONTACT)
        with _statements(database) as miss:
            service.start_code("c2", number, email)
        assert len(hit) > 3
        assert hit == miss


def _all_refusals(service: OrderService, conversation: str, code: str) -> list[str]:
    said = []
    for _ in range(6):
        with pytest.raises((CodeRejected, CodeExpired)) as refused:
            service.confirm_code(conversation, code)
        said.append(f"{refused.value.code} {refused.value}")
    return said


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SET LOCAL lock_timeout", "PRAGMA busy_timeout")):  # They hold the time.
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_conversation_gets_five_codes_an_hour(service: OrderService, clock: Clock) -> None:
    for count in range(5):
        service.start_code("c1", CUSTOMER, f"okand{count}@vardcentralen.example")
    clock.pass_time(minutes=20)
    with pytest.raises(TooManyCodes) as refused:
        service.start_code("c1", CUSTOMER, CONTACT)
    assert refused.value.retry_after_seconds == 40 * 60
    clock.pass_time(minutes=40)
    service.start_code("c1", CUSTOMER, CONTACT)


@pytest.mark.parametrize("email", [CONTACT, "okand@vardcentralen.example"])
def test_an_address_gets_five_codes_an_hour_known_or_not(service: OrderService, email: str) -> None:
    for count in range(5):
        service.start_code(f"c{count}", CUSTOMER, email.upper() if count else email)
    with pytest.raises(TooManyCodes):
        service.start_code("another", CUSTOMER, email)


def test_a_contact_who_was_removed_gets_nothing(
    service: OrderService, mailbox: KeptMail, database: Database
) -> None:
    code = _start(service, mailbox)
    with database.write() as session:
        session.execute(text("UPDATE contacts SET active = false"))
    with pytest.raises(CodeRejected):
        service.confirm_code("c1", code)
    service.start_code("c2", CUSTOMER, CONTACT)
    _until_mailed(service)
    assert len(mailbox.letters) == 1


def test_another_key_makes_old_codes_worthless(
    service: OrderService,
    mailbox: KeptMail,
    make_service: ServiceMaker,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
) -> None:
    from actions.orders.settings import load_settings

    code = _start(service, mailbox)
    monkeypatch.setenv("SUPPORT_SECRET_KEY", "another-key")
    with pytest.raises(CodeRejected):
        make_service(load_settings()).confirm_code("c1", code)


def test_a_forgotten_conversation_leaves_nothing(
    service: OrderService, mailbox: KeptMail, database: Database, verified: str
) -> None:
    _start(service, mailbox, verified)
    service.forget_conversation(verified)
    assert service.verified_customer(verified) is None
    with database.read() as session:
        for table in (ChallengeRow, VerificationRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_old_codes_are_tidied_away(service: OrderService, database: Database, clock: Clock) -> None:
    service.start_code("c1", CUSTOMER, CONTACT)
    service.accept_portal_customer("c1", CUSTOMER, CONTACT)
    service.outbox.tidy()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ChallengeRow)) == 1
    clock.pass_time(days=2)
    service.outbox.tidy()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ChallengeRow)) == 0
        assert session.scalar(select(func.count()).select_from(VerificationRow)) == 0
