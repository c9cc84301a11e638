"""What the routes of the bridge work with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from desk.clock import Clock
from desk.link import TemporalLink
from desk.receiving import Warehouse
from domain.ports import WarehouseFeed, WebhookReceiver
from starter.bridge.dispatch import Dispatcher
from starter.order_lookup import OrderDesk
from store import Store


@dataclass(frozen=True)
class BridgeLimits:
    """Bounds of one request.

    body_cap: largest body in bytes
    inspection_token: bearer token of warehouse systems; None keeps ``POST /inspections`` closed
    orders_token: bearer token of platforms that look orders up; None keeps ``GET /orders`` closed
    inspection_wait: seconds that a worker has to confirm an inspection
    """

    body_cap: int = 262_144
    inspection_token: SecretStr | None = None
    orders_token: SecretStr | None = None
    inspection_wait: float = 5.0


@dataclass(frozen=True)
class BridgeParts:
    """Shared by all requests. `receivers` has one entry per connection, `feeds` one where the ERP's side reports."""

    store: Store
    receivers: Mapping[str, WebhookReceiver]
    link: TemporalLink
    dispatcher: Dispatcher
    warehouse: Warehouse
    orders: OrderDesk | None
    feeds: Mapping[str, WarehouseFeed]
    limits: BridgeLimits
    clock: Clock
