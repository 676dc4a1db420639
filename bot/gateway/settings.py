"""The gateway's settings: environment variables with the prefix `SUPPORT_` (docs/configuration.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from actions.orders.settings import LOCAL_SECRET_KEY

_SECRET_MIN_LENGTH = 32
_WEB_FOLDER = Path(__file__).parent.parent / "web"

# Parts on this machine speak plain HTTP: nothing else may reach them.
LoopbackUrl = Annotated[str, Field(pattern=r"^http://[^/\s]+")]
CommaList = Annotated[tuple[str, ...], NoDecode]


class SettingsError(Exception):
    """A setting is missing or wrong; the text names the variables, never their values."""


class Settings(BaseSettings):
    """Everything the gateway reads from its environment."""

    model_config = SettingsConfigDict(env_prefix="SUPPORT_", extra="ignore", frozen=True)

    mode: Literal["local", "production"] = "local"
    database_url: str = "sqlite:///var/support.db"
    secret_key: SecretStr = SecretStr(LOCAL_SECRET_KEY)
    portal_public_key: str | None = None
    engine_url: LoopbackUrl = "http://127.0.0.1:5005"
    actions_url: LoopbackUrl = "http://127.0.0.1:5055"
    web_folder: Path = _WEB_FOLDER

    site_origins: CommaList = ()
    trusted_proxies: CommaList = ()
    reader_bridge_offered: bool = True
    reader_bridge_url: str = "http://127.0.0.1:47280"
    phone: str = "018-481 19 00"
    email: str = "ombud@e-identitet.se"
    bot_name: str = "Supportboten"
    opening_hours: str = ""
    outage_banner: str = ""

    engine_timeout_seconds: float = Field(default=10, gt=0)
    late_notice_seconds: float = Field(default=3, gt=0)
    give_up_seconds: float = Field(default=120, gt=0)

    body_limit_bytes: int = Field(default=32_768, ge=1024)
    writes_per_minute: int = Field(default=180, ge=1)
    writes_burst: int = Field(default=100, ge=1)
    reads_per_minute: int = Field(default=6000, ge=1)
    reads_burst: int = Field(default=600, ge=1)
    opened_per_minute: int = Field(default=30, ge=1)
    address_per_minute: int = Field(default=600, ge=1)
    streams_per_conversation: int = Field(default=6, ge=1)
    streams_per_address: int = Field(default=100, ge=1)
    streams_total: int = Field(default=5000, ge=1)
    heartbeat_seconds: float = Field(default=15, gt=0)
    metrics_token: SecretStr | None = None
    log_format: Literal["auto", "json", "console"] = "auto"

    @field_validator("site_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def _one_postgres_driver(cls, value: str) -> str:
        scheme, colon, rest = value.partition(":")
        if scheme in {"postgres", "postgresql"}:
            return f"postgresql+psycopg:{rest}"
        if not colon or scheme not in {"sqlite", "postgresql+psycopg"}:
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("portal_public_key")
    @classmethod
    def _read_key_file(cls, value: str | None) -> str | None:
        if not value or not value.strip():
            return None
        if value.lstrip().startswith("-----BEGIN"):
            return value.replace("\\n", "\n")
        try:
            return Path(value).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise ValueError("is neither PEM text nor a readable PEM file") from None

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        key = self.secret_key.get_secret_value()
        if self.mode == "production" and (key == LOCAL_SECRET_KEY or len(key) < _SECRET_MIN_LENGTH):
            raise ValueError(
                "SUPPORT_SECRET_KEY is missing or too short: at least 32 random characters in production"
            )
        return self

    @property
    def local(self) -> bool:
        """Whether this is a developer's own machine."""
        return self.mode == "local"


def load_settings() -> Settings:
    """The settings of this process; raises `SettingsError` with one line that names what is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        reasons = (
            f"SUPPORT_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}"
            if item["loc"]
            else item["msg"]
            for item in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError("; ".join(reasons).replace("Value error, ", "")) from None
