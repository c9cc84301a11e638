"""Every write of the port, ready to be run under faults, and what it must leave in the sandbox's journal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from domain.documents import Posted, Posting
from tests.adapters.centra import shop as desk
from tests.adapters.centra.shop import Shop


@dataclass(frozen=True)
class Write:
    """One write. `ops` are the effects that one success leaves, `requests` the mutating requests that make them."""

    name: str
    ops: dict[str, int]
    prepare: Callable[[Shop], Awaitable[str]]
    call: Callable[[Shop, str], Awaitable[Posting]]
    requests: tuple[str, ...] = ()

    @property
    def faulty(self) -> tuple[str, ...]:
        """Names of the requests to break."""
        return self.requests or tuple(self.ops)


async def _nothing(centra: Shop) -> str:
    return ""


async def _rma(centra: Shop) -> str:
    return (await centra.erp.open_rma(desk.rma())).number


async def _two_coats(centra: Shop) -> str:
    return (await centra.erp.open_rma(desk.rma(lines=desk.both_lines(2)))).number


async def _credit(centra: Shop) -> str:
    return (await centra.erp.post_credit(desk.credit(await _rma(centra)))).number


async def _replacement(centra: Shop) -> str:
    return (await centra.erp.order_replacement(desk.replacement(rma_number=await _rma(centra)))).number


WRITES = [
    Write("rma", {"createReturn": 1}, _nothing, lambda s, _: s.erp.open_rma(desk.rma())),
    Write("cancel rma", {"deleteReturn": 1}, _rma, lambda s, n: s.erp.cancel_rma(desk.cancel_rma(n))),
    Write("receipt", {"changeStock": 1}, _rma, lambda s, n: s.erp.receive_goods(desk.receipt(n))),
    Write("adjustment", {"changeStock": 1}, _nothing, lambda s, _: s.erp.adjust_stock(desk.adjustment())),
    Write("transfer", {"changeStock": 1}, _nothing, lambda s, _: s.erp.transfer_stock(desk.transfer())),
    Write("credit of all", {"completeReturn": 1}, _rma, lambda s, n: s.erp.post_credit(desk.credit(n))),
    Write(
        "credit of a part",
        {"deleteReturn": 1, "createReturn": 2, "completeReturn": 1},
        _two_coats,
        lambda s, n: s.erp.post_credit(desk.credit(n)),
        ("deleteReturn+createReturn", "createReturn", "completeReturn"),
    ),
    Write(
        "credit with a fee",
        {"deleteReturn": 1, "createReturn": 1, "completeReturn": 1},
        _rma,
        lambda s, n: s.erp.post_credit(desk.credit(n, charges=[desk.fee()], total=17505)),
        ("deleteReturn+createReturn", "completeReturn"),
    ),
    Write(
        "cancel credit",
        {"uncompleteReturn": 1, "deleteReturn": 1},
        _credit,
        lambda s, n: s.erp.cancel_credit(desk.cancel_credit(n)),
    ),
    Write(
        "exchange",
        {"newOrder": 1},
        _rma,
        lambda s, n: s.erp.order_replacement(desk.replacement(rma_number=n)),
        ("POST /order",),
    ),
    Write(
        "cancel exchange",
        {"cancelOrder": 1},
        _replacement,
        lambda s, n: s.erp.cancel_replacement(desk.cancel_replacement(n)),
        ("cancelDirectToConsumerOrder",),
    ),
]


class Crash(BaseException):
    """Our process is gone."""


class Dying(httpx.AsyncBaseTransport):
    """Hands over `calls` requests; then our process dies, the answer to the last one unread. `crash` may be an httpx
    error instead: then only that answer is lost."""

    def __init__(self, calls: int, crash: Callable[[], BaseException] = Crash) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self.left = calls
        self._crash = crash

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        self.left -= 1
        if self.left == 0:
            await response.aread()
            raise self._crash()
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def posted(posting: Posting) -> Posted:
    assert isinstance(posting, Posted)
    return posting
