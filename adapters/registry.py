"""Every vendor we can talk to, one line each, and what a connection must say before it may start (R18)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.bluecherry.port import CREDIT_STATUSES as BLUECHERRY_CREDIT_STATUSES
from adapters.bluecherry.port import BlueCherryErp, depot_problems
from adapters.bluecherry.port import build as build_bluecherry
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.centra.port import CREDIT_STATUSES as CENTRA_CREDIT_STATUSES
from adapters.centra.port import CentraErp
from adapters.centra.port import build as build_centra
from adapters.centra.settings import CentraSettings
from adapters.kit.outside import Outside
from adapters.patchworks.port import CREDIT_STATUSES as PATCHWORKS_CREDIT_STATUSES
from adapters.patchworks.port import PatchworksErp
from adapters.patchworks.port import build as build_patchworks
from adapters.patchworks.port import build_feed as build_patchworks_feed
from adapters.patchworks.settings import PatchworksSettings
from adapters.prima.port import CREDIT_STATUSES as PRIMA_CREDIT_STATUSES
from adapters.prima.port import PrimaErp
from adapters.prima.port import build as build_prima
from adapters.prima.settings import PrimaSettings
from adapters.returngo.port import GRADES as RETURNGO_GRADES
from adapters.returngo.port import PLATFORM_RETURN_TYPES as RETURNGO_RETURN_TYPES
from adapters.returngo.port import ReturnGoPlatform
from adapters.returngo.port import build as build_returngo
from adapters.returngo.port import build_webhooks as build_returngo_webhooks
from adapters.returngo.port import quota as returngo_quota
from adapters.returngo.settings import ReturnGoSettings
from adapters.reveni.port import ReveniPlatform
from adapters.reveni.port import build as build_reveni
from adapters.reveni.port import build_webhooks as build_reveni_webhooks
from adapters.reveni.settings import PLATFORM_RETURN_TYPES as REVENI_RETURN_TYPES
from adapters.reveni.settings import ReveniSettings
from domain.batches import RecordClass
from domain.connection import Connection, InspectedBy
from domain.dispositions import Disposition, StockAction, StockDocument
from domain.ports import (
    CallQuota,
    Erp,
    ErpCapabilities,
    PlatformCapabilities,
    ReturnsPlatform,
    WarehouseFeed,
    WebhookReceiver,
)

S = TypeVar("S", bound=BaseModel)
CREDIT_MEANINGS = ("live", "void")
FROM_ENV = "_env"
ORDER_TYPE = "exchange_order_type"
"""Setting of every ERP whose orders have types. A usual value is no excuse for not looking it up (R57, R104)."""


@dataclass(frozen=True)
class PlatformAdapter(Generic[S]):
    """A returns platform.

    return_types: its words for the kind of a return; each needs a target in ``mappings.return_types``
    capabilities: what it can do at all; a connection that asks for more does not start
    secrets: settings fields that only the environment may hold: ``api_key_env = "REVENI_UK_API_KEY"``
    grades: what its own users can find of an item; each needs a target in ``mappings.dispositions`` where they inspect
    quota: how many calls it takes in a day, where it counts them
    """

    settings: type[S]
    build: Callable[[S, Outside], ReturnsPlatform]
    webhooks: Callable[[S], WebhookReceiver]
    return_types: tuple[str, ...]
    capabilities: PlatformCapabilities
    secrets: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    quota: Callable[[S], CallQuota] | None = None


@dataclass(frozen=True)
class ErpAdapter(Generic[S]):
    """An ERP.

    credit_statuses: every status of its credit documents; each needs a target in ``mappings.credit_statuses``
    capabilities, secrets: as for platforms
    depots: what is wrong with depots as the connection writes them, for ERPs whose depots have a form
    feed: reads what an integration on the ERP's side reports of the warehouse, where there is one
    """

    settings: type[S]
    build: Callable[[S, Outside], Erp]
    credit_statuses: tuple[str, ...]
    capabilities: ErpCapabilities
    secrets: tuple[str, ...] = ()
    depots: Callable[[S, Sequence[str]], list[str]] | None = None
    feed: Callable[[S], WarehouseFeed] | None = None


PLATFORMS: Mapping[str, PlatformAdapter[Any]] = MappingProxyType(
    {
        "reveni": PlatformAdapter(
            ReveniSettings,
            build_reveni,
            build_reveni_webhooks,
            REVENI_RETURN_TYPES,
            ReveniPlatform.capabilities,
            secrets=("api_key",),
        ),
        "returngo": PlatformAdapter(
            ReturnGoSettings,
            build_returngo,
            build_returngo_webhooks,
            RETURNGO_RETURN_TYPES,
            ReturnGoPlatform.capabilities,
            secrets=("api_key", "webhook_token"),
            grades=RETURNGO_GRADES,
            quota=returngo_quota,
        ),
    }
)

ERPS: Mapping[str, ErpAdapter[Any]] = MappingProxyType(
    {
        "bluecherry": ErpAdapter(
            BlueCherrySettings,
            build_bluecherry,
            BLUECHERRY_CREDIT_STATUSES,
            BlueCherryErp.capabilities,
            secrets=("api_key", "drop_secret"),
            depots=depot_problems,
        ),
        "centra": ErpAdapter(
            CentraSettings,
            build_centra,
            CENTRA_CREDIT_STATUSES,
            CentraErp.capabilities,
            secrets=("token", "order_api_key"),
        ),
        "patchworks": ErpAdapter(
            PatchworksSettings,
            build_patchworks,
            PATCHWORKS_CREDIT_STATUSES,
            PatchworksErp.capabilities,
            secrets=("signature", "api_key", "inbound_token"),
            feed=build_patchworks_feed,
        ),
        "prima": ErpAdapter(PrimaSettings, build_prima, PRIMA_CREDIT_STATUSES, PrimaErp.capabilities),
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
    if connection.policy.inspected_by is InspectedBy.PLATFORM and not adapter.capabilities.inspects:
        yield f"policy.inspected_by is platform, but nobody can inspect goods in {connection.platform}."
    if connection.policy.inspected_by is InspectedBy.PLATFORM:
        for word in adapter.grades:
            if not connection.mappings.dispositions.get(word):
                yield f"mappings.dispositions has no target for {word}, which the users of {connection.platform} find."
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
    if adapter.capabilities.exchange_orders and ORDER_TYPE in adapter.settings.model_fields:
        given = connection.erp_settings.get(ORDER_TYPE) or connection.erp_settings.get(ORDER_TYPE + FROM_ENV)
        if not given:
            yield f"erp_settings.{ORDER_TYPE} is missing; name the order type of {connection.erp}'s replacement orders."
    yield from _capability_problems(connection, adapter)
    targets = connection.mappings.credit_statuses
    for status in adapter.credit_statuses:
        if not targets.get(status):
            yield f"mappings.credit_statuses has no target for {status}, a credit status of {connection.erp}."
    for status, target in targets.items():
        if target and target not in CREDIT_MEANINGS:
            yield f"mappings.credit_statuses.{status} must be live or void, not {target!r}."


def _capability_problems(connection: Connection, adapter: ErpAdapter[Any]) -> Iterator[str]:
    """What the connection asks of its ERP and the ERP cannot do, or needs and is not told."""
    able, mappings = adapter.capabilities, connection.mappings
    missing = [f"timing.{one}" for one in RecordClass if connection.timing.of(one) is None]
    if able.batch and missing:
        yield f"{connection.erp} takes documents in files: name its windows in {', '.join(missing)}."
    actions: Mapping[Disposition, object] = mappings.stock_actions  # a draft's are unchecked
    for disposition, action in actions.items():
        adjusts = isinstance(action, StockAction) and action.document is StockDocument.ADJUSTMENT
        if adjusts and not able.stock_adjustments:
            yield f"mappings.stock_actions.{disposition}: {connection.erp} knows no stock adjustments."
    settings, _ = _resolve(connection.erp_settings, None, adapter.settings)
    if adapter.depots is not None and settings is not None:
        tables: list[object] = [*mappings.locations.values(), *mappings.reason_depots.values()]
        named = {str(depot) for table in tables if isinstance(table, Mapping) for depot in table.values()}
        for problem in adapter.depots(settings, sorted(named)):
            yield f"mappings.locations: {problem}"


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
