"""The process that empties the queue. Stop it with SIGTERM: it finishes the message it has in hand."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Final

import structlog

from actions.orders.errors import DeliveryFailed, StoreUnavailable
from actions.orders.mail import open_mailer
from actions.orders.outbox import Outbox
from actions.orders.senders import EmailSender, Sender, WebhookSender
from actions.orders.settings import OrderSettings, webhook_key

_POLL_SECONDS: Final = 1.0
_TIDY_SECONDS: Final = 600.0
_log = structlog.get_logger(__name__)


def configured_senders(settings: OrderSettings) -> dict[str, Sender]:
    """A sender for each destination that is set up."""
    senders: dict[str, Sender] = {}
    if settings.order_webhook_url and settings.order_webhook_secret:
        key = webhook_key(settings.order_webhook_secret)
        senders["webhook"] = WebhookSender(str(settings.order_webhook_url), key)
    if settings.order_email:
        mailer = open_mailer(settings.mail_url.get_secret_value())
        senders["email"] = EmailSender(mailer, settings.mail_from, settings.order_email)
    return senders


class Worker:
    """Delivers what is due, one thread a destination, so that a slow portal does not hold back the e-mail."""

    def __init__(
        self, outbox: Outbox, senders: Mapping[str, Sender], *, poll_seconds: float = _POLL_SECONDS
    ) -> None:
        self._outbox = outbox
        self._senders = senders
        self._poll_seconds = poll_seconds
        self._stop = Event()

    def run(self) -> None:
        """Work until `stop` is called; raises what a thread died of, if one did."""
        with ThreadPoolExecutor(max_workers=max(1, len(self._senders))) as threads:
            running = [threads.submit(self._deliver_all, destination) for destination in self._senders]
            for future in running:
                future.add_done_callback(lambda _: self._stop.set())
            while not self._stop.is_set():
                self._tidy()
                self._stop.wait(_TIDY_SECONDS)
        for future in running:
            future.result()

    def stop(self) -> None:
        """Let `run` end after the messages in hand; may be called from a signal handler."""
        self._stop.set()

    def deliver_one(self, destination: str) -> bool:
        """Deliver the next message that is due; False when there is none."""
        leased = self._outbox.lease(destination)
        if leased is None:
            return False
        try:
            self._senders[destination].send(leased, time.time())
        except Exception as error:  # noqa: BLE001 - what breaks its sender must not hold up all others
            reason = str(error) if isinstance(error, DeliveryFailed) else type(error).__name__
            dead = self._outbox.failed(leased, reason)
            _log.warning("delivery_failed", delivery=leased.delivery_id, reason=reason, given_up=dead)
        else:
            self._outbox.delivered(leased)
            _log.info(
                "delivered", delivery=leased.delivery_id, destination=destination, attempt=leased.attempt
            )
        return True

    def _deliver_all(self, destination: str) -> None:
        while not self._stop.is_set():
            try:
                if self.deliver_one(destination):
                    continue
            except StoreUnavailable as error:
                _log.warning("queue_unavailable", destination=destination, reason=str(error))
            self._stop.wait(self._poll_seconds)

    def _tidy(self) -> None:
        try:
            self._outbox.tidy()
        except StoreUnavailable as error:
            _log.warning("tidy_failed", reason=str(error))
