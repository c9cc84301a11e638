"""What a connection must say about its BlueCherry, and whether its depots can be ones of it (R126)."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import asyncssh
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from adapters.kit.settings import BaseUrl
from domain.model import Value


def _public_key(line: str) -> str:
    try:
        asyncssh.import_public_key(line)
    except (asyncssh.KeyImportError, ValueError):
        raise ValueError("is no public key line such as 'ssh-ed25519 AAAA…'") from None
    return line


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("is no time zone such as 'Europe/London'") from None
    return name


Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,10}$")]


class DirectorySettings(Value):
    """Drop directories on a mounted share. `path` holds ``inbound`` and ``outbound``."""

    kind: Literal["directory"]
    path: str = Field(min_length=1)


class SftpSettings(Value):
    """Drop directories on an SFTP server.

    path: where ``inbound`` and ``outbound`` are; empty: where the login lands
    auth: what ``drop_secret`` is
    host_key: the server's public key line, asked of its operator: no other server is ever talked to
    """

    kind: Literal["sftp"]
    host: str = Field(min_length=1)
    port: int = Field(default=22, ge=1, le=65535)
    username: str = Field(min_length=1)
    auth: Literal["password", "private_key"] = "password"
    host_key: Annotated[str, AfterValidator(_public_key)]
    path: str = ""


class Division(Value):
    """One division of one company, and what its depots are written by."""

    division: Code
    warehouses: dict[Code, frozenset[Code]]

    def warehouse(self, depot: str) -> str | None:
        """The warehouse that a depot names, ``10/01`` → ``01``; None when it is none of our division's."""
        division, _, warehouse = depot.partition("/")
        ours = division == self.division and warehouse in self.warehouses[division]
        return warehouse if ours else None

    def depot(self, warehouse: str) -> str:
        """The inverse of `warehouse`."""
        return f"{self.division}/{warehouse}"


class BlueCherrySettings(Division):
    """`erp_settings` of a connection with BlueCherry: one division of one company.

    base_url: of the read API, e.g. ``https://tenant.example/bcapi/v1``
    api_key, drop_secret: from the environment; drop_secret is the password or private key of an SFTP drop
    warehouses: division → its warehouses; depots of a connection are written ``<division>/<warehouse>``
    return_warehouse: on the header of every RMA, where the goods are expected
    exchange_warehouse, exchange_order_type, ship_via: of replacement orders
    sender: our name in the header of a file; time_zone: of every date and time in files
    credit_lookback_days: how far back a credit memo is looked for by key; the read API has them by date only
    """

    base_url: BaseUrl
    api_key: SecretStr = Field(min_length=1)
    return_warehouse: Code
    exchange_warehouse: Code
    exchange_order_type: str = Field(default="EX", min_length=1)
    ship_via: str = ""
    sender: str = Field(default="RETURNS", pattern=r"^[A-Za-z0-9]{1,20}$")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    sku_separator: str = Field(default="-", min_length=1, max_length=1)
    drop: Annotated[DirectorySettings | SftpSettings, Field(discriminator="kind")]
    drop_secret: SecretStr | None = Field(default=None, validate_default=True)
    credit_lookback_days: int = Field(default=31, ge=1, le=366)
    timeout_seconds: int = Field(default=30, ge=1, le=600)
    max_in_flight: int = Field(default=4, ge=1, le=20)

    @field_validator("drop_secret")
    @classmethod
    def _secret_fits(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        drop = info.data.get("drop")
        if isinstance(drop, DirectorySettings) and secret is not None:
            raise ValueError("a directory needs no secret")
        if isinstance(drop, SftpSettings):
            if secret is None or not secret.get_secret_value():
                raise ValueError(f"an sftp drop needs its {drop.auth.replace('_', ' ')}")
            if drop.auth == "private_key":
                _check_private_key(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _warehouses_exist(self) -> "BlueCherrySettings":
        ours = self.warehouses.get(self.division, frozenset())
        lacking = [name for name in ("return_warehouse", "exchange_warehouse") if getattr(self, name) not in ours]
        if lacking:
            raise ValueError(f"{' and '.join(lacking)} must be in warehouses.{self.division}")
        return self


def depot_problems(settings: Mapping[str, object], depots: Iterable[str]) -> list[str]:
    """A sentence for each mapped depot that is no ``division/warehouse`` of the settings, or not of our division.

    Nothing where the settings do not say which there are.
    """
    try:
        ours = Division.model_validate({name: settings.get(name) for name in Division.model_fields})
    except ValidationError:
        return []
    problems = []
    for depot in sorted(set(depots)):
        division, slash, warehouse = depot.partition("/")
        if not slash:
            problems.append(f"depot {depot!r} is not written division/warehouse, such as '{ours.division}/01'.")
        elif warehouse not in ours.warehouses.get(division, ()):
            problems.append(f"depot {depot!r} is in no division's warehouses in the settings.")
        elif division != ours.division:
            problems.append(f"depot {depot!r} is of division {division}; this connection is {ours.division}.")
    return problems


def _check_private_key(text: str) -> None:
    try:
        asyncssh.import_private_key(text)
    except (asyncssh.KeyImportError, ValueError):
        raise ValueError("is no private key without a passphrase") from None
