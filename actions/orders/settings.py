"""What the order store reads from the environment (prefix `SUPPORT_`); `docs/configuration.md` lists all."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from actions.orders.errors import SettingsError

LOCAL_SECRET_KEY: Final = "local-development-only"  # noqa: S105 - refused outside local mode
_SECRET_MIN_LENGTH: Final = 32


class OrderSettings(BaseSettings):
    """Settings of the order store. Every one has a default that works on one's own computer."""

    model_config = SettingsConfigDict(env_prefix="SUPPORT_", extra="ignore", hide_input_in_errors=True)

    mode: Literal["local", "production"] = "local"
    database_url: SecretStr = SecretStr("sqlite:///var/support.db")
    secret_key: SecretStr = SecretStr(LOCAL_SECRET_KEY)
    """Keys the hashes of one-time codes and addresses; at least 32 characters in production."""
    mail_url: SecretStr = SecretStr("file:var/outbox")
    """`file:FOLDER`, `smtp://user:password@host:port` (STARTTLS) or `smtps://…`."""
    mail_from: str = "support@support.example"
    portal_public_key: str | None = None
    """PEM text, or the path of a PEM file, of the key the customer portal signs with (Ed25519 or RSA)."""
    codes_per_hour: int | None = Field(default=None, ge=1)
    """One-time codes an e-mail address gets in an hour; unset: 5 in production, 1,000 in local mode."""
    order_webhook_url: AnyHttpUrl | None = None
    order_webhook_secret: SecretStr | None = None
    """`whsec_` and base64 of at least 24 bytes, as Standard Webhooks has it."""
    order_email: str | None = None
    """Where each new order is mailed."""
    order_max_attempts: int = Field(default=12, ge=1, le=50)
    """Tries of one delivery before it is left for staff (12: about two days)."""

    @field_validator(
        "codes_per_hour",
        "order_webhook_url",
        "order_webhook_secret",
        "order_email",
        "portal_public_key",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("database_url")
    @classmethod
    def _one_postgres_driver(cls, value: SecretStr) -> SecretStr:
        scheme, rest = value.get_secret_value().split(":", 1)
        if scheme in {"postgres", "postgresql"}:
            return SecretStr(f"postgresql+psycopg:{rest}")
        if scheme not in {"sqlite", "postgresql+psycopg"}:
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("mail_url")
    @classmethod
    def _known_mail_scheme(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        if parts.scheme != "file" and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
            raise ValueError("must be file:FOLDER, smtp://host or smtps://host")
        return value

    @field_validator("order_webhook_secret")
    @classmethod
    def _webhook_secret_form(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            webhook_key(value)
        return value

    @field_validator("portal_public_key")
    @classmethod
    def _read_key_file(cls, value: str | None) -> str | None:
        if value is None or value.lstrip().startswith("-----BEGIN"):
            return value.replace("\\n", "\n") if value else None
        try:
            return Path(value).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise ValueError("is neither PEM text nor a readable PEM file") from None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.order_webhook_url is not None and self.order_webhook_secret is None:
            raise ValueError("SUPPORT_ORDER_WEBHOOK_SECRET is missing: the webhook must be signed")
        if self.mode == "production":
            self._refuse_local_defaults()
        return self

    @property
    def code_limit(self) -> int:
        """`codes_per_hour`, or what the mode has for it."""
        return self.codes_per_hour or (5 if self.mode == "production" else 1_000)

    def _refuse_local_defaults(self) -> None:
        key = self.secret_key.get_secret_value()
        if key == LOCAL_SECRET_KEY or len(key) < _SECRET_MIN_LENGTH:
            raise ValueError(
                "SUPPORT_SECRET_KEY is missing or too short: at least 32 random characters in production"
            )
        if self.mail_url.get_secret_value().startswith("file:"):
            raise ValueError("SUPPORT_MAIL_URL must be an smtp:// or smtps:// address in production")
        if self.order_webhook_url is not None and self.order_webhook_url.scheme != "https":
            raise ValueError("SUPPORT_ORDER_WEBHOOK_URL must be https in production")


def webhook_key(secret: SecretStr) -> bytes:
    """The signing key in a `whsec_…` secret; raises `ValueError` when malformed or under 24 bytes."""
    try:
        key = base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("must be whsec_ and base64") from None
    if len(key) < 24:
        raise ValueError("must hold at least 24 bytes")
    return key


def load_settings() -> OrderSettings:
    """The settings of this process; raises `SettingsError` with a line that names variables, not values."""
    try:
        return OrderSettings()
    except ValidationError as error:
        raise SettingsError(
            "; ".join(_sentence(dict(item)) for item in error.errors(include_input=False))
        ) from None


def _sentence(item: dict[str, object]) -> str:
    location, message = item["loc"], str(item["msg"]).removeprefix("Value error, ")
    names = [f"SUPPORT_{str(part).upper()}" for part in location] if isinstance(location, tuple) else []
    return " ".join([*names, message])
