"""Settings of the process, from the environment. What connects to what stands in the TOML file instead.

The address, namespace and credentials of Temporal come from Temporal's own variables (``TEMPORAL_ADDRESS``,
``TEMPORAL_NAMESPACE``, ``TEMPORAL_PROFILE``, ``TEMPORAL_API_KEY`` …): see `runtime.client`.
"""

import re
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.keys import PayloadKey, parse_keys
from runtime.problems import ConfigurationError, sentences

PREFIX = "BACKHAUL_"
_ADDRESS = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})")
_DATABASES = ("sqlite", "postgresql")


class Settings(BaseSettings):
    """One variable each: the field's name in capitals after ``BACKHAUL_``. Empty means the default."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    config: Path = Field(default=Path("backhaul.toml"), description="Path of the TOML file with the connections.")
    database_url: str = Field(
        default="sqlite:///.backhaul/backhaul.db",
        repr=False,  # it may hold a password
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE.",
    )
    bridge_host: str = Field(default="127.0.0.1", min_length=1, description="Address that the bridge listens on.")
    bridge_port: int = Field(default=8090, ge=0, le=65535, description="A port from 0 to 65535; 0 takes any free one.")
    body_cap_bytes: int = Field(
        default=262_144,
        ge=1_024,
        le=10_485_760,
        description="Largest request body that the bridge reads, from 1024 to 10485760 bytes.",
    )
    orders_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Token of platforms that look orders up, 16 characters or more. Without it: no GET /orders.",
    )
    inspection_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Token of warehouse systems, 16 characters or more. Without it: no POST /inspections.",
    )
    console_url: str = Field(
        default="http://127.0.0.1:8091",
        pattern=r"^https?://[^\s/]+(/\S*)?$",
        description="Address under which people open the console, http:// or https://; alerts link to it.",
    )
    console_host: str = Field(default="127.0.0.1", min_length=1, description="Address that the console listens on.")
    console_port: int = Field(default=8091, ge=0, le=65535, description="A port from 0 to 65535; 0 takes any free one.")
    timezone: str = Field(default="UTC", description="Time zone of the console's times, such as Europe/London.")
    temporal_ui_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/]+(/\S*)?)?$",
        description="Address of the Temporal UI for people's browsers; without it the console has no links to it.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Token of the console's GET /metrics, 16 characters or more. Without it: no metrics there.",
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https://[^\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/\S*)?)?$",
        description="Issuer of the OpenID Connect provider, https://…; without it: local accounts only.",
    )
    oidc_client_id: str = Field(default="", description="The console's client id at the provider.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="The console's client secret there.")
    oidc_roles_claim: str = Field(
        default="groups",
        min_length=1,
        description="Claim of the identity token that lists groups, with dots for nested ones.",
    )
    oidc_roles: str = Field(default="", description="Roles of the provider's groups: group=role,group=role.")
    payload_keys: SecretStr = Field(
        default=SecretStr(""),
        description="Keys of Temporal payloads, newest first: keyid:base64,keyid:base64 of 32 bytes each.",
    )
    metrics_address: str | None = Field(
        default=None,
        description="HOST:PORT where the worker shows Prometheus metrics. Without it: no metrics.",
    )
    shadow: str = Field(
        default="",
        description="Name of the one connection that the worker rehearses with posting off; backhaul shadow sets it.",
    )
    shadow_calls_url: str = Field(
        default="",
        repr=False,  # it may hold a password
        description="Database of live work, where a rehearsal counts its calls of the day; backhaul shadow sets it.",
    )
    log_format: Literal["json", "console"] = Field(default="json", description="json or console.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    connect_seconds: float = Field(
        default=60, gt=0, description="How long the worker and commands wait for Temporal at the start."
    )
    shutdown_seconds: float = Field(
        default=20,
        ge=0,
        le=600,
        description="How long work in flight may go on after SIGTERM; below the orchestrator's grace.",
    )

    @field_validator("log_level", mode="before")
    @classmethod
    def _capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        scheme, separator, _ = value.partition("://")
        if not separator or scheme.split("+")[0] not in _DATABASES:
            raise ValueError("the URL does not begin with sqlite:// or postgresql://")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("there is no such time zone") from None
        return value

    @field_validator("payload_keys")
    @classmethod
    def _readable_keys(cls, value: SecretStr) -> SecretStr:
        parse_keys(value.get_secret_value())
        return value

    @field_validator("metrics_address")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        match = _ADDRESS.fullmatch(value or "")
        if value is not None and (not match or int(match[1]) > 65535):
            raise ValueError("it is not HOST:PORT")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def keys(self) -> tuple[PayloadKey, ...]:
        """The payload keys, newest first; empty when payloads are not encrypted."""
        return parse_keys(self.payload_keys.get_secret_value())


def load_settings() -> Settings:
    """Settings from the environment. Raises ConfigurationError with every problem at once."""
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError("The environment has unusable settings", sentences(error, _variable, _fix)) from None


def _variable(path: tuple[int | str, ...]) -> str:
    name = str(path[0]) if path else ""
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}".upper()


def _fix(path: tuple[int | str, ...]) -> str:
    name = str(path[0]).lower().removeprefix(PREFIX.lower()) if path else ""
    field = Settings.model_fields.get(name)
    return f"Expected: {field.description}" if field and field.description else ""
