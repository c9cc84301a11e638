"""Every vendor we can talk to, one line each, and what a connection must say before it may start (R18)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.bluecherry.port import CREDIT_STATUSES as BLUECHERRY_CREDIT_STATUSES
from adapters.bluecherry.port import RECEIPT_CONDITIONS as BLUECHERRY_CONDITIONS
from adapters.bluecherry.port import BlueCherryErp
from adapters.bluecherry.port import build as build_bluecherry
from adapters.bluecherry.port import depot_problems as bluecherry_depots
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.centra.port import CREDIT_STATUSES as CENTRA_CREDIT_STATUSES
from adapters.centra.port import CentraErp
from adapters.centra.port import build as build_centra
from adapters.centra.settings import CentraSettings
from adapters.centra.settings import depot_problems as centra_depots
from adapters.kit.outside import Outside
from adapters.patchworks.port import CREDIT_STATUSES as PATCHWORKS_CREDIT_STATUSES
from adapters.patchworks.port import RECEIPT_CONDITIONS as PATCHWORKS_CONDITIONS
from adapters.patchworks.port import PatchworksErp
from adapters.patchworks.port import build as build_patchworks
from adapters.patchworks.port import build_feed as build_patchworks_feed
from adapters.patchworks.settings import PatchworksSettings
from adapters.prima.port import CREDIT_STATUSES as PRIMA_CREDIT_STATUSES
from adapters.prima.port import PrimaErp
from adapters.prima.port import build as build_prima
from adapters.prima.settings import PrimaSettings
from adapters.resolving import FROM_ENV, known_values, resolve_settings
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
    depots: what is wrong with depots as the connection writes them, for ERPs whose depots have a form; it is given
        the settings as they are written
    conditions: every word that a receipt may have as its condition, with an empty one where it needs none; none at all:
        the ERP's owner makes them up
    feed: reads what an integration on the ERP's side reports of the warehouse, where there is one
    """

    settings: type[S]
    build: Callable[[S, Outside], Erp]
    credit_statuses: tuple[str, ...]
    capabilities: ErpCapabilities
    secrets: tuple[str, ...] = ()
    depots: Callable[[Mapping[str, object], Sequence[str]], list[str]] | None = None
    conditions: frozenset[str] = frozenset()
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
            depots=bluecherry_depots,
            conditions=BLUECHERRY_CONDITIONS,
        ),
        "centra": ErpAdapter(
            CentraSettings,
            build_centra,
            CENTRA_CREDIT_STATUSES,
            CentraErp.capabilities,
            secrets=("token", "order_api_key"),
            depots=centra_depots,
        ),
        "patchworks": ErpAdapter(
            PatchworksSettings,
            build_patchworks,
            PATCHWORKS_CREDIT_STATUSES,
            PatchworksErp.capabilities,
            secrets=("signature", "api_key", "inbound_token"),
            conditions=PATCHWORKS_CONDITIONS,
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
    unnamed = [f"timing.{one}" for one in RecordClass if connection.timing.of(one) is None]
    if adapter.capabilities.batch and unnamed:
        yield f"{connection.erp} takes documents in files: name its windows in {', '.join(unnamed)}."
    yield from _stock_problems(connection, adapter, environ)
    targets = connection.mappings.credit_statuses
    for status in adapter.credit_statuses:
        if not targets.get(status):
            yield f"mappings.credit_statuses has no target for {status}, a credit status of {connection.erp}."
    for status, target in targets.items():
        if target and target not in CREDIT_MEANINGS:
            yield f"mappings.credit_statuses.{status} must be live or void, not {target!r}."


def _stock_problems(
    connection: Connection, adapter: ErpAdapter[Any], environ: Mapping[str, str] | None
) -> Iterator[str]:
    """Stock documents and depots that the ERP would always refuse."""
    mappings = connection.mappings
    for disposition, action in _actions(mappings.stock_actions).items():
        where = f"mappings.stock_actions.{disposition}"
        if action.document is StockDocument.ADJUSTMENT and not adapter.capabilities.stock_adjustments:
            yield f"{where}: {connection.erp} knows no stock adjustments."
        known = adapter.conditions if action.document is StockDocument.RECEIPT else ()
        if known and action.condition not in known:
            words = ", ".join(sorted(filter(None, known)))
            yield f"{where}: condition {action.condition!r} is no word of {connection.erp}; known are {words}."
    if adapter.depots is not None:
        settings = known_values(connection.erp_settings, environ, adapter.settings)
        tables: list[object] = [*mappings.locations.values(), *mappings.reason_depots.values()]
        named = {str(depot) for table in tables if isinstance(table, Mapping) for depot in table.values() if depot}
        for problem in adapter.depots(settings, sorted(named)):
            yield f"mappings.locations: {problem}"


def _actions(table: Mapping[Disposition, object]) -> dict[str, StockAction]:
    """The stock actions that are right by themselves; a draft's are not checked."""
    found: dict[str, StockAction] = {}
    for disposition, action in table.items():
        with suppress(ValidationError):
            found[str(disposition)] = StockAction.model_validate(action)
    return found


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
    return in_plain_sight + resolve_settings(raw, environ, adapter.settings)[1]
