"""Sending e-mail: to an SMTP server, or as files in a folder on one's own computer."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from actions.orders.errors import DeliveryFailed

_TIMEOUT_SECONDS: Final = 10
_log = structlog.get_logger(__name__)


class Mailer(Protocol):
    """Something that takes a finished message; raises `DeliveryFailed` when it did not."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over, or raise `DeliveryFailed`."""


def open_mailer(url: str) -> Mailer:
    """The mailer for `file:FOLDER`, `smtp://…` or `smtps://…`."""
    parts = urlsplit(url)
    return FileMailer(Path(url.removeprefix("file:"))) if parts.scheme == "file" else SmtpMailer(parts)


class FileMailer:
    """Writes each message as one `.eml` file, complete from the moment it has that name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the file, readable by its owner only: it may hold a one-time code."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{uuid.uuid4().hex}.part"
            path.touch(mode=0o600)
            path.write_bytes(message.as_bytes())
            path.rename(path.with_suffix(".eml"))
        except OSError as error:
            raise DeliveryFailed(f"mail file: {error.strerror}") from error


class SmtpMailer:
    """Talks SMTP. `smtp://` needs STARTTLS (RFC 3207), except on this computer; `smtps://` is TLS at once."""

    def __init__(self, parts: SplitResult) -> None:
        self._host = parts.hostname or ""
        self._implicit_tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._implicit_tls else 587)
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None

    def send(self, message: EmailMessage) -> None:
        """Deliver to the server; its own words of refusal are not kept (they may quote addresses)."""
        try:
            with self._connect() as server:
                if self._login:
                    server.login(*self._login)
                server.send_message(message)
        except smtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"SMTP {error.smtp_code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryFailed(f"SMTP: {type(error).__name__}") from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._implicit_tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=_TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT_SECONDS)
        try:
            server.ehlo()
            if server.has_extn("starttls") or not _is_loopback(self._host):
                server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server


def _tell_of_crash(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        _log.error("code_mail_crashed", error=type(error).__name__)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Postman:
    """Sends in the background, so that an answer takes as long whether or not there is a letter to send."""

    def __init__(self, mailer: Mailer, pauses: tuple[float, ...] = (1.0, 4.0)) -> None:
        self._mailer = mailer
        self._pauses = pauses
        self._closing = Event()
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="postman")

    def post(self, message: EmailMessage | None) -> None:
        """Send soon; None does the same work without a letter."""
        self._threads.submit(self._deliver, message).add_done_callback(_tell_of_crash)

    def close(self) -> None:
        """Wait until what was posted is sent or has failed for good (at most about 10 s a try)."""
        self._closing.set()
        self._threads.shutdown(wait=True)

    def _deliver(self, message: EmailMessage | None) -> None:
        if message is None:
            return
        for pause in (*self._pauses, None):
            try:
                self._mailer.send(message)
            except DeliveryFailed as error:
                _log.warning("code_mail_failed", reason=str(error), last=pause is None)
                if pause is not None:
                    self._closing.wait(pause)
            else:
                return
