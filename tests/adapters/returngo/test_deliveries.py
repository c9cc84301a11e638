"""The sandbox's own deliveries, over real HTTP, through our receiver."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.returngo.port import build_webhooks
from domain.ports import BadDelivery
from domain.returns import Delivery
from sandbox.kit.server import serve
from sandbox.returngo import DeliveryPolicy, ItemSpec, ReturnGoSandbox, ReturnSpec
from tests.adapters.returngo.bodies import KEY, TOKEN, settings_for
from tests.adapters.returngo.world import SHOP
from tests.patience import PATIENCE

SPEC = ReturnSpec("SO-1", (ItemSpec("1", "TS", 2, Decimal("29.95")),), delivery=DeliveryPolicy(duplicate=True))


class Bridge:
    """A receiver that only verifies."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.refused: list[str] = []
        self._receiver = build_webhooks(settings_for(shop_name=SHOP))
        self.app = Starlette(routes=[Route("/returngo/{token}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            delivery = self._receiver.verify(request.headers, await request.body(), datetime.now(UTC), token)
        except BadDelivery as bad:
            self.refused.append(str(bad))
            return Response(status_code=401)
        self.deliveries.append(delivery)
        return Response(status_code=200)


@pytest.fixture(params=[TOKEN, "another-token"], ids=["our token", "another token"])
async def played(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bridge, str]]:
    """A bridge at that address after a return was opened, shipped and received."""
    bridge = Bridge()
    async with serve(bridge.app) as server:
        hook = f"{server.url}/returngo/{request.param}"
        async with ReturnGoSandbox(SHOP, KEY, webhook_url=hook, retry_seconds=()) as vendor:
            return_id = vendor.add_return(SPEC)
            vendor.ship(return_id)
            vendor.receive(return_id)
            await vendor.drain(PATIENCE)
            yield bridge, return_id


async def test_the_sandboxs_deliveries(played: tuple[Bridge, str], request: pytest.FixtureRequest) -> None:
    bridge, return_id = played
    if "another" in request.node.name:
        assert bridge.deliveries == []
        assert set(bridge.refused) == {"the token in the address is not ours"}
        return
    assert bridge.refused == []
    assert {d.return_id for d in bridge.deliveries} == {return_id}, "as a number or as text"
    assert {"RMA_CREATED", "RMA_STATUS_UPDATED", "SHIPMENT_STATUS_UPDATED"} <= {d.event for d in bridge.deliveries}
    ids = [d.delivery_id for d in bridge.deliveries]
    assert all(ids.count(one) >= 2 for one in ids), "each came twice, under one id"
    assert all(d.occurred_at is not None for d in bridge.deliveries)
