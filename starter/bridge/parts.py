"""What the routes of the bridge work with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from domain.ports import WebhookReceiver
from starter.bridge.dispatch import Dispatcher
from starter.clock import Clock
from starter.link import TemporalLink
from starter.receiving import Warehouse
from store import Store


@dataclass(frozen=True)
class BridgeLimits:
    """Bounds of one request.

    body_cap: largest body in bytes
    inspection_token: bearer token of warehouse systems; None keeps ``POST /inspections`` closed
    inspection_wait: seconds that a worker has to confirm an inspection
    """

    body_cap: int = 262_144
    inspection_token: SecretStr | None = None
    inspection_wait: float = 5.0


@dataclass(frozen=True)
class BridgeParts:
    """Shared by all requests. `receivers` has one entry per connection."""

    store: Store
    receivers: Mapping[str, WebhookReceiver]
    link: TemporalLink
    dispatcher: Dispatcher
    warehouse: Warehouse
    limits: BridgeLimits
    clock: Clock
