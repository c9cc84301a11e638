"""A second world, whose vendors stand behind fronts, for what the sandboxes themselves never do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from adapters.assembly import ReadyConnection
from domain.ports import CallCounter, Erp
from runtime.devserver import DevServer
from sandbox.kit.server import serve
from sandbox.prima import PrimaSandbox
from tests.returns.front import Front
from tests.world import World, running_world


class LinkedOnly(ReadyConnection):
    """A connection whose ERP knows no standalone RMAs (R17); for the rest it is Prima."""

    def erp(self, http: httpx.AsyncClient, counter: CallCounter | None = None) -> Erp:
        """Prima, without one of its capabilities."""
        erp = super().erp(http, counter)
        erp.capabilities = erp.capabilities.model_copy(update={"standalone_rma": False})
        return erp


@pytest.fixture(scope="session")
async def policies(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world of other policies. ``early`` credits what was accepted before its refund; ``half`` gives half of the
    value for damaged units; ``month`` dates notes into the next period; ``chased`` misses a refund after a second.
    """
    connections: dict[str, dict[str, Any]] = {
        "early": {"policy": {"credit_on": "inspection"}},
        "half": {"policy": {"credit_shares": {"DAMAGED": 50, "QUARANTINE": 100}}},
        "month": {"policy": {"closed_period": "next_month"}},
        "chased": {"policy": {"refund_limit": "1s"}},
    }
    async with running_world(temporal_server, tmp_path_factory.mktemp("policies"), connections) as running:
        yield running


@dataclass
class Fronted:
    """`world` has connection ``odd``, whose vendors are behind the fronts, and ``linked`` (LinkedOnly)."""

    world: World
    reveni: Front
    prima: Front


@pytest.fixture(scope="session")
async def fronted(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fronted]:
    """One for all tests; they share neither orders nor returns."""
    reveni, prima = Front("application/json"), Front("text/xml; charset=UTF-8")
    quick = {"order_lag": "3s", "return_lag": "1s", "outage_limit": "1s"}
    async with serve(reveni) as reveni_server, serve(prima) as prima_server:
        connections: dict[str, dict[str, Any]] = {
            "odd": {
                "ledger": "odd-books",
                "reveni": {"base_url": reveni_server.url},
                "prima": {"url": prima_server.url + PrimaSandbox().path},
                "policy": quick,
            },
            "linked": {"ledger": "linked-books"},
        }
        folder = tmp_path_factory.mktemp("fronted")
        async with running_world(temporal_server, folder, connections, worker=False) as world:
            reveni.app, prima.app = world.reveni["odd"].app, world.prima.app
            world.ready = [_linked_only(one) if one.name == "linked" else one for one in world.ready]
            await world.start_worker()
            yield Fronted(world, reveni, prima)


def _linked_only(ready: ReadyConnection) -> LinkedOnly:
    return LinkedOnly(**vars(ready))
