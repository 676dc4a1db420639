"""Mail reaches a real SMTP server on loopback, or complete files."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from actions.orders import OrderService, OrderSettings
from actions.orders.database import Database
from actions.orders.errors import DeliveryFailed
from actions.orders.mail import FileMailer, Postman, open_mailer

from .conftest import CONTACT, CUSTOMER


class Inbox:
    """An SMTP server that keeps what it takes, and refuses as many times as it is told."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse = 0
        self.arrived = Event()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            self.refuse -= 1
            return "451 try bestallare@vardcentralen.example again later"
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        self.arrived.set()
        return "250 OK"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def _login(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (b"user", b"p@ss/word"), handled=False)


@pytest.fixture
def server(inbox: Inbox, free_port: int) -> Iterator[Controller]:
    controller = Controller(
        inbox, hostname="127.0.0.1", port=free_port, authenticator=_login, auth_require_tls=False
    )
    controller.start()
    yield controller
    controller.stop()


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Hej åäö", "a@support.example", CONTACT
    letter.set_content("Räksmörgås\n")
    return letter


def test_a_letter_reaches_the_server(server: Controller, inbox: Inbox) -> None:
    open_mailer(f"smtp://127.0.0.1:{server.port}").send(_letter())
    (letter,) = inbox.letters
    assert (letter["Subject"], letter["To"], letter.get_content().strip()) == (
        "Hej åäö",
        CONTACT,
        "Räksmörgås",
    )


def test_signing_in_with_an_encoded_password(server: Controller, inbox: Inbox) -> None:
    open_mailer(f"smtp://user:p%40ss%2Fword@127.0.0.1:{server.port}").send(_letter())
    assert len(inbox.letters) == 1
    with pytest.raises(DeliveryFailed, match="535"):
        open_mailer(f"smtp://user:wrong@127.0.0.1:{server.port}").send(_letter())


def test_a_refusal_is_an_error_without_addresses(server: Controller, inbox: Inbox) -> None:
    inbox.refuse = 1
    with pytest.raises(DeliveryFailed) as refused:
        open_mailer(f"smtp://127.0.0.1:{server.port}").send(_letter())
    assert str(refused.value) == "SMTP 451"


def test_no_server_is_an_error(free_port: int) -> None:
    with pytest.raises(DeliveryFailed, match="ConnectionRefusedError"):
        open_mailer(f"smtp://127.0.0.1:{free_port}").send(_letter())


def test_a_distant_server_without_starttls_gets_nothing(
    server: Controller, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name resolves to the same loopback server, which offers no STARTTLS."""
    real = socket.create_connection
    monkeypatch.setattr(
        socket,
        "create_connection",
        lambda address, *rest, **named: real(("127.0.0.1", address[1]), *rest, **named),
    )
    with pytest.raises(DeliveryFailed, match="SMTPNotSupportedError"):
        open_mailer(f"smtp://user:p%40ss%2Fword@mail.example:{server.port}").send(_letter())
    assert inbox.letters == []


def test_a_file_is_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    FileMailer(tmp_path / "outbox").send(_letter())
    (path,) = (tmp_path / "outbox").iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"] == "Hej åäö"


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("")
    with pytest.raises(DeliveryFailed):
        open_mailer(f"file:{tmp_path}/outbox").send(_letter())


def test_the_postman_tries_again(server: Controller, inbox: Inbox) -> None:
    inbox.refuse = 2
    postman = Postman(open_mailer(f"smtp://127.0.0.1:{server.port}"), pauses=(0.01, 0.01))
    postman.post(_letter())
    assert inbox.arrived.wait(10)
    postman.close()
    assert len(inbox.letters) == 1


def test_the_postman_gives_up_and_goes_on(server: Controller, inbox: Inbox) -> None:
    inbox.refuse = 3
    postman = Postman(open_mailer(f"smtp://127.0.0.1:{server.port}"), pauses=(0.01, 0.01))
    postman.post(_letter())
    postman.post(None)
    postman.close()
    assert (inbox.letters, inbox.refuse) == ([], 0)


def test_a_code_travels_by_smtp(
    database: Database, settings: OrderSettings, server: Controller, inbox: Inbox
) -> None:
    """The whole way: asked for, mailed, typed, verified; closing waits for what is still to be mailed."""
    mailer = open_mailer(f"smtp://127.0.0.1:{server.port}")
    service = OrderService(database, settings, mailer=mailer)
    service.start_code("c1", CUSTOMER, CONTACT)
    assert inbox.arrived.wait(10)
    text = inbox.letters[0].get_content()
    code = next(word for word in text.split() if word.isdigit() and len(word) == 6)
    assert service.confirm_code("c1", code).contact_email == CONTACT
    service.close()
