"""What the command line reads from the environment (prefix `SUPPORT_`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.cli.errors import CommandError


class CliSettings(BaseSettings):
    """Where the parts listen. The gateway alone may listen on another address than loopback."""

    model_config = SettingsConfigDict(env_prefix="SUPPORT_", extra="ignore", hide_input_in_errors=True)

    mode: Literal["local", "production"] = "local"
    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(default=8000, ge=1, le=65535)
    engine_port: int = Field(default=5005, ge=1, le=65535)
    actions_port: int = Field(default=5055, ge=1, le=65535)

    @property
    def gateway_url(self) -> str:
        """Base address of the gateway as this computer reaches it."""
        host = "127.0.0.1" if self.gateway_host in {"0.0.0.0", "::"} else self.gateway_host  # noqa: S104
        return f"http://{host}:{self.gateway_port}"

    @property
    def engine_url(self) -> str:
        """Base address of the engine, always loopback."""
        return f"http://127.0.0.1:{self.engine_port}"

    @property
    def actions_url(self) -> str:
        """Base address of the actions, always loopback."""
        return f"http://127.0.0.1:{self.actions_port}"


def load_settings() -> CliSettings:
    """The settings of this process; raises CommandError with a line that names the variable."""
    try:
        return CliSettings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise CommandError(f"SUPPORT_{str(first['loc'][0]).upper()}: {first['msg']}") from None
