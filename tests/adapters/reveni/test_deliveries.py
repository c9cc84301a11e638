"""The sandbox's own signed deliveries, over real HTTP, through our receiver."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.reveni.port import build_webhooks
from domain.ports import BadDelivery
from domain.returns import Delivery
from sandbox.kit.server import serve
from sandbox.reveni import DeliveryPolicy, ItemSpec, ReturnSpec, ReveniSandbox
from tests.adapters.reveni.world import KEY, STORE, settings_for
from tests.patience import PATIENCE

SPEC = ReturnSpec("SO-1", (ItemSpec("1", "TS", 2, Decimal("29.95")),), delivery=DeliveryPolicy(duplicate=True))


class Bridge:
    """A receiver that only verifies."""

    def __init__(self, api_key: str) -> None:
        self.deliveries: list[Delivery] = []
        self.refused: list[str] = []
        self._receiver = build_webhooks(settings_for("http://reveni.test", api_key=api_key))
        self.app = Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        try:
            delivery = self._receiver.verify(request.headers, await request.body(), datetime.now(UTC))
        except BadDelivery as bad:
            self.refused.append(str(bad))
            return Response(status_code=401)
        self.deliveries.append(delivery)
        return Response(status_code=202)


@pytest.fixture(params=[KEY, "another key"], ids=["our key", "another key"])
async def played(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bridge, str]]:
    """A bridge with that key after a return was opened and shipped."""
    bridge = Bridge(request.param)
    async with serve(bridge.app) as server:
        vendor = ReveniSandbox(STORE, KEY, webhook_url=server.url + "/hook", retry_seconds=())
        async with vendor:
            return_id = vendor.add_return(SPEC)
            vendor.ship(return_id)
            await vendor.drain(PATIENCE)
            yield bridge, return_id


async def test_the_sandboxs_deliveries(played: tuple[Bridge, str], request: pytest.FixtureRequest) -> None:
    bridge, return_id = played
    if "another" in request.node.name:
        assert bridge.deliveries == []
        assert set(bridge.refused) == {"the signature does not fit the body and our API key"}
        return
    assert bridge.refused == []
    assert {d.return_id for d in bridge.deliveries} == {return_id}
    assert {d.event for d in bridge.deliveries} == {"return.created", "return.updated"}
    ids = [d.delivery_id for d in bridge.deliveries]
    assert len(ids) == 2 * len(set(ids)), "each came twice, under one id"
