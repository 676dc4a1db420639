"""Settings of the staff's side: environment variables with the prefix `SUPPORT_STAFF_`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.gateway.settings import SettingsError


class StaffSettings(BaseSettings):
    """Everything the staff's side reads from its environment; all of it works without being set."""

    model_config = SettingsConfigDict(env_prefix="SUPPORT_STAFF_", extra="ignore", frozen=True)

    url: str = ""
    """The console's own address as staff type it, `https://…/personal/`; for links and OpenID Connect."""
    session_hours: float = Field(default=10, gt=0)
    session_idle_minutes: float = Field(default=120, gt=0)
    lock_after: int = Field(default=5, ge=2)
    lock_minutes: float = Field(default=15, gt=0)
    sign_ins_per_minute: int = Field(default=30, ge=1)

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "organisationens inloggning"
    oidc_role_claim: str = "roles"
    oidc_roles: dict[str, Literal["agent", "supervisor", "admin"]] = {
        "agent": "agent",
        "supervisor": "supervisor",
        "admin": "admin",
    }
    """What the claim's values mean here."""

    webhook_url: SecretStr = SecretStr("")
    webhook_format: Literal["slack", "teams"] = "slack"
    notice_email: str = ""

    retention_anonymous_days: int = Field(default=30, ge=1)
    retention_verified_days: int = Field(default=365, ge=1)
    retention_hour: int = Field(default=3, ge=0, le=23)
    """The hour of the night, Swedish time, in which chats past their time are erased."""

    @model_validator(mode="after")
    def _oidc_complete(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError("SUPPORT_STAFF_OIDC_CLIENT_ID and _CLIENT_SECRET go with _ISSUER")
        return self


def load_staff_settings() -> StaffSettings:
    """The settings of this process; raises `SettingsError` with one line that names what is wrong."""
    try:
        return StaffSettings()
    except ValidationError as error:
        raise SettingsError(
            "; ".join(
                f"SUPPORT_STAFF_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}"
                if item["loc"]
                else item["msg"]
                for item in error.errors(include_input=False, include_url=False)
            ).replace("Value error, ", "")
        ) from None
