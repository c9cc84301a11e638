"""Every vendor we can talk to, one line each, and what a connection must say before it may start (R18)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from adapters.prima.port import CREDIT_STATUSES as PRIMA_CREDIT_STATUSES
from adapters.prima.port import build as build_prima
from adapters.prima.settings import PrimaSettings
from adapters.reveni.port import build as build_reveni
from adapters.reveni.port import build_webhooks as build_reveni_webhooks
from adapters.reveni.settings import PLATFORM_RETURN_TYPES as REVENI_RETURN_TYPES
from adapters.reveni.settings import ReveniSettings
from domain.connection import Connection
from domain.ports import Erp, ReturnsPlatform, WebhookReceiver

S = TypeVar("S", bound=BaseModel)
CREDIT_MEANINGS = ("live", "void")
FROM_ENV = "_env"


@dataclass(frozen=True)
class PlatformAdapter(Generic[S]):
    """A returns platform.

    return_types: its words for the kind of a return; each needs a target in ``mappings.return_types``
    secrets: settings fields that only the environment may hold: ``api_key_env = "REVENI_UK_API_KEY"``
    """

    settings: type[S]
    build: Callable[[S, httpx.AsyncClient], ReturnsPlatform]
    webhooks: Callable[[S], WebhookReceiver]
    return_types: tuple[str, ...]
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErpAdapter(Generic[S]):
    """An ERP.

    credit_statuses: every status of its credit documents; each needs a target in ``mappings.credit_statuses``
    secrets: as for platforms
    """

    settings: type[S]
    build: Callable[[S, httpx.AsyncClient], Erp]
    credit_statuses: tuple[str, ...]
    secrets: tuple[str, ...] = ()


PLATFORMS: Mapping[str, PlatformAdapter[Any]] = MappingProxyType(
    {
        "reveni": PlatformAdapter(
            ReveniSettings, build_reveni, build_reveni_webhooks, REVENI_RETURN_TYPES, secrets=("api_key",)
        ),
    }
)

ERPS: Mapping[str, ErpAdapter[Any]] = MappingProxyType(
    {
        "prima": ErpAdapter(PrimaSettings, build_prima, PRIMA_CREDIT_STATUSES),
    }
)


def connection_problems(connection: Connection, environ: Mapping[str, str] | None = None) -> list[str]:
    """Everything that keeps this connection from starting, each a full sentence naming connection and key.

    Without `environ`, what is to come from the environment counts as good. No setting's value is ever quoted.
    """
    problems = [*_platform_problems(connection, environ), *_erp_problems(connection, environ)]
    return [f"Connection {connection.name}: {problem}" for problem in problems]


def resolve_settings(
    raw: Mapping[str, object], environ: Mapping[str, str], model: type[S]
) -> tuple[S | None, list[str]]:
    """An adapter's settings, with each ``<field>_env`` of the configuration filled from the environment.

    The settings, or None and the problems: sentences that begin with the key and never quote a value.
    """
    return _resolve(raw, environ, model)


def _resolve(
    raw: Mapping[str, object], environ: Mapping[str, str] | None, model: type[S]
) -> tuple[S | None, list[str]]:
    values: dict[str, object] = {}
    open_fields: set[str] = set()
    problems: list[str] = []
    for key, value in raw.items():
        field = key.removesuffix(FROM_ENV)
        if field == key or field not in model.model_fields:
            values[key] = value
        elif problem := _variable_problem(key, value, raw, environ):
            problems.append(problem)
            open_fields.add(field)
        elif environ is None:
            open_fields.add(field)
        else:
            values[field] = environ[str(value)]
    try:
        settings = model.model_validate(values)
    except ValidationError as trouble:
        return None, problems + _value_problems(trouble, open_fields)
    return (None, problems) if problems else (settings, [])


def _variable_problem(key: str, variable: object, raw: Mapping[str, object], environ: Mapping[str, str] | None) -> str:
    """What is wrong with one ``<field>_env``; empty when nothing is."""
    field = key.removesuffix(FROM_ENV)
    if field in raw:
        return f"{key} and {field} are both given; keep one."
    if not isinstance(variable, str) or not variable:
        return f"{key} must be the name of an environment variable."
    if environ is not None and not environ.get(variable):
        return f"{key} names {variable}, which is not set in the environment."
    return ""


def _value_problems(trouble: ValidationError, open_fields: set[str]) -> list[str]:
    """pydantic's messages without the input, except those about fields whose value is not here."""
    errors = trouble.errors(include_url=False, include_context=False, include_input=False)
    return [
        f"{'.'.join(str(step) for step in error['loc']) or 'The whole'}: {error['msg']}."
        for error in errors
        if not (error["loc"] and error["loc"][0] in open_fields)
    ]


def _platform_problems(connection: Connection, environ: Mapping[str, str] | None) -> Iterator[str]:
    adapter = PLATFORMS.get(connection.platform)
    if adapter is None:
        yield f"platform {connection.platform!r} is not known; known are {', '.join(PLATFORMS)}."
        return
    for problem in _settings_problems(connection.platform_settings, environ, adapter):
        yield f"platform_settings.{problem}"
    for word in adapter.return_types:
        if not connection.mappings.return_types.get(word):
            yield f"mappings.return_types has no target for {word}, a return type of {connection.platform}."


def _erp_problems(connection: Connection, environ: Mapping[str, str] | None) -> Iterator[str]:
    adapter = ERPS.get(connection.erp)
    if adapter is None:
        yield f"erp {connection.erp!r} is not known; known are {', '.join(ERPS)}."
        return
    for problem in _settings_problems(connection.erp_settings, environ, adapter):
        yield f"erp_settings.{problem}"
    targets = connection.mappings.credit_statuses
    for status in adapter.credit_statuses:
        if not targets.get(status):
            yield f"mappings.credit_statuses has no target for {status}, a credit status of {connection.erp}."
    for status, target in targets.items():
        if target and target not in CREDIT_MEANINGS:
            yield f"mappings.credit_statuses.{status} must be live or void, not {target!r}."


def _settings_problems(
    raw: Mapping[str, object],
    environ: Mapping[str, str] | None,
    adapter: PlatformAdapter[Any] | ErpAdapter[Any],
) -> list[str]:
    in_plain_sight = [
        f"{name} is a secret and must not be in the configuration; name its variable in {name}{FROM_ENV}."
        for name in adapter.secrets
        if name in raw
    ]
    return in_plain_sight + _resolve(raw, environ, adapter.settings)[1]
