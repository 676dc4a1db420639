"""Carrying one queued message to where it goes: a signed webhook, or an e-mail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from email.message import EmailMessage
from typing import Any, Final, Protocol

import httpx

from actions.orders.errors import DeliveryFailed
from actions.orders.mail import Mailer
from actions.orders.outbox import Leased
from actions.orders.texts import KIND_NAMES, ORDER_FOOTER, ORDER_LABELS, ORDER_SUBJECTS, REASON_NAMES
from actions.orders.values import Address, OrderKind, ReserveReason

_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)


class Sender(Protocol):
    """Delivers one message, or raises `DeliveryFailed`."""

    def send(self, leased: Leased, now: float) -> None:
        """Deliver; `now` is the time as seconds since 1970."""


class WebhookSender:
    """POSTs JSON signed as Standard Webhooks has it; any 2xx answer is a delivery."""

    def __init__(self, url: str, key: bytes) -> None:
        self._url = url
        self._key = key
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False)

    def send(self, leased: Leased, now: float) -> None:
        """Deliver; a repeat carries the same `webhook-id` and a new time and signature."""
        body, timestamp = leased.payload.encode(), str(int(now))
        headers = {
            "content-type": "application/json",
            "webhook-id": leased.delivery_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self._key, leased.delivery_id, timestamp, body),
        }
        try:
            # The answer's body is of no use and may be of any size: it is not read.
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            raise DeliveryFailed(f"webhook: {type(error).__name__}") from error
        if not 200 <= status < 300:
            raise DeliveryFailed(f"webhook: HTTP {status}")


class EmailSender:
    """Mails a plain Swedish summary. A repeat has the same Message-ID."""

    def __init__(self, mailer: Mailer, sender: str, recipient: str) -> None:
        self._mailer = mailer
        self._sender = sender
        self._recipient = recipient

    def send(self, leased: Leased, now: float) -> None:
        """Deliver."""
        data: dict[str, Any] = json.loads(leased.payload)["data"]
        kind = KIND_NAMES[OrderKind(data["kind"])]
        letter = EmailMessage()
        letter["Subject"] = ORDER_SUBJECTS[leased.topic].format(number=data["number"], kind=kind)
        letter["From"], letter["To"] = self._sender, self._recipient
        letter["Message-ID"] = f"<{leased.delivery_id}@{self._sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content("\n".join([*_lines(data), "", ORDER_FOOTER.format(number=data["number"]), ""]))
        self._mailer.send(letter)


def sign(key: bytes, delivery_id: str, timestamp: str, body: bytes) -> str:
    """The `webhook-signature` header: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _lines(data: dict[str, Any]) -> list[str]:
    shown = dict(data)
    shown["kind"] = KIND_NAMES[OrderKind(data["kind"])]
    if data["reason"]:
        shown["reason"] = REASON_NAMES[ReserveReason(data["reason"])]
    if data["delivery"]:
        shown["delivery"] = Address(**data["delivery"]).line
    if data["kind"] != OrderKind.CARD_READER:
        shown["quantity"] = None
    return [f"{label}: {shown[name]}" for name, label in ORDER_LABELS.items() if shown[name] is not None]
