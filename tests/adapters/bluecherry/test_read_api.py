"""Answers of the read API that are late, broken, hostile or a refusal: one of the four outcomes each."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.bluecherry.port import BlueCherryErp, build
from adapters.kit.outside import Outside
from domain.documents import CreditRecord
from domain.documents import DocumentKind as K
from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, Rejected, RetryLater
from sandbox.kit.server import serve
from tests.adapters.bluecherry.samples import COAT, CREDIT_KEY, RMA_KEY, TODAY, rma, settings


class Api:
    """Answers what a test wants it to, and notes the request."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.requests: list[Request] = []

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        self.requests.append(Request(scope))
        await self.answers.pop(0)(scope, receive, send)

    def page(self, *rows: dict[str, Any], page: int = 1, total: int | None = None) -> None:
        size = max(len(rows), 1)
        body = {"data": rows, "page": page, "pageSize": size, "total": len(rows) if total is None else total}
        self.answers.append(JSONResponse(body))


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
async def erp(api: Api) -> AsyncIterator[BlueCherryErp]:
    async with serve(api) as server, httpx.AsyncClient(trust_env=False) as http:
        yield build(settings(f"{server.url}/bcapi/v1"), Outside(http))


def memo(number: int, **changes: Any) -> dict[str, Any]:
    ours = {"cmNo": f"CM{number}", "extRef": f"x-c-{number}", "raNo": "RA1", "invoiceNo": "I1", "date": "20260320"}
    return ours | {"currency": "USD", "total": "1.50", "status": "POSTED", "voidedBy": None} | changes


async def test_the_key_goes_in_its_header_and_the_division_in_the_query(api: Api, erp: BlueCherryErp) -> None:
    api.page()
    assert await erp.find_document(K.RMA, RMA_KEY) is None
    (request,) = api.requests
    assert request.headers["x-api-key"] == "sandbox-bluecherry-key"
    assert str(request.url).endswith(f"/bcapi/v1/returns?division=10&extRef={RMA_KEY[3:]}")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Response(status_code=401), CredentialsRefused),
        (Response(status_code=403), CredentialsRefused),
        (Response(status_code=409), RetryLater),
        (Response(status_code=429, headers={"Retry-After": "7"}), RetryLater),
        (Response(status_code=500), RetryLater),
        (Response(status_code=503), RetryLater),
        (PlainTextResponse("<html>"), RetryLater),
        (JSONResponse([]), RetryLater),
        (JSONResponse({"data": [{"raNo": 1}], "page": 1, "total": 1}), RetryLater),
        (JSONResponse({"data": [], "page": 2, "pageSize": 200, "total": 1}), RetryLater),
        (JSONResponse({"error": {"code": "BAD", "message": "for ada@example.com"}}, 400), Rejected),
        (PlainTextResponse("no", 400), Rejected),
    ],
)
async def test_answers_that_give_no_result(
    api: Api, erp: BlueCherryErp, answer: Response, outcome: type[Exception]
) -> None:
    api.answers.append(answer)
    with pytest.raises(outcome) as trouble:
        await erp.find_document(K.RMA, RMA_KEY)
    assert "ada@example.com" not in str(trouble.value)


async def test_retry_after_is_passed_on(api: Api, erp: BlueCherryErp) -> None:
    api.answers.append(Response(status_code=429, headers={"Retry-After": "7"}))
    with pytest.raises(RetryLater) as wait:
        await erp.read_rma("RA1")
    assert wait.value.delay == timedelta(seconds=7)


async def test_an_answer_about_another_document_is_no_answer(api: Api, erp: BlueCherryErp) -> None:
    api.answers.append(JSONResponse({"raNo": "RA2", "status": "OPEN"}))
    with pytest.raises(RetryLater):
        await erp.read_rma("RA1")
    order = {"orderNo": "SO2", "status": "OPEN", "customerNo": "C", "currency": "USD", "orderDate": "20260320"}
    api.answers.append(JSONResponse(order | {"total": "0", "lines": []}))
    with pytest.raises(RetryLater):
        await erp.read_order("SO1")
    api.page({"raNo": "RA2", "extRef": "somebody-else", "status": "OPEN"})
    assert await erp.find_document(K.RMA, RMA_KEY) is None


async def test_numbers_from_outside_cannot_leave_their_place_in_the_address(api: Api, erp: BlueCherryErp) -> None:
    for number in ("../returns/RA1", "a/b?x=1#y", "..", "%2e%2e", "\u2028"):
        api.answers.append(JSONResponse({"error": {"code": "NOT_FOUND"}}, status_code=404))
        with pytest.raises(Rejected) as refusal:
            await erp.read_order(number)
        assert refusal.value.code is ExceptionCode.ORDER_NOT_FOUND
    assert {request.query_params.get("division") for request in api.requests} == {"10"}
    assert [request.url.path for request in api.requests if "RA1" in request.url.path] == [
        "/bcapi/v1/orders/../returns/RA1"  # starlette shows it decoded; on the wire the slash was %2F
    ]
    assert b"..%2Freturns%2FRA1" in api.requests[0].scope["raw_path"]


async def test_a_page_not_found_of_another_web_server_is_no_news_about_the_order(api: Api, erp: BlueCherryErp) -> None:
    api.answers.append(Response(status_code=404, content=b"<h1>Not Found</h1>"))
    with pytest.raises(RetryLater, match="not the read API"):
        await erp.read_order("SO1")


async def test_N14_the_listing_of_credits_is_read_page_by_page(api: Api, erp: BlueCherryErp) -> None:
    api.page(memo(1), total=2)
    api.page(memo(2, status="VOIDED", voidedBy="CM3", extRef=""), page=2, total=2)
    first = await erp.list_credits(TODAY, TODAY)
    assert first.next_page == 2
    second = await erp.list_credits(TODAY, TODAY, 2)
    assert (second.next_page, api.requests[1].query_params["page"]) == (None, "2")
    (record,) = second.records
    assert record == CreditRecord(
        number="CM2",
        key="",
        rma_number="RA1",
        order_number="",
        credited_on=TODAY,
        total=150,
        currency="USD",
        reversed=True,
    )
    assert first.records[0].key == "bh-x-c-1"


async def test_a_credit_is_looked_for_on_every_page(api: Api, erp: BlueCherryErp) -> None:
    api.page(memo(1), total=2)
    api.page(memo(2, extRef=CREDIT_KEY[3:]), page=2, total=2)
    found = await erp.find_document(K.CREDIT, CREDIT_KEY)
    assert found is not None
    assert (found.number, found.total) == ("CM2", 150)


async def test_R18_a_credit_status_that_is_not_known_is_raised(api: Api, erp: BlueCherryErp) -> None:
    api.page(memo(1, status="DRAFT"))
    with pytest.raises(Rejected) as refusal:
        await erp.list_credits(TODAY, TODAY)
    assert refusal.value.code is ExceptionCode.CONFIG_INVALID


async def test_stock_of_an_item_without_a_upc_is_read_from_its_warehouse(api: Api, erp: BlueCherryErp) -> None:
    item = {"style": "P1001", "color": "BLK", "dim": "-", "size": "080"}
    row = {"warehouse": "01", "onHand": 7, "available": 6, "allocated": 1, "asOf": "20260320141500"}
    api.page(item | {"upc": None, "active": True})
    for warehouse in ("01", "02", "DM", "HC", "QT"):
        api.page(item | {"size": "090"} | row | {"warehouse": warehouse}, total=2)
        api.page(item | row | {"warehouse": warehouse}, page=2, total=2)
    rows = await erp.depot_stock([COAT])
    assert [(row.depot, row.physical, row.available) for row in rows[:2]] == [("10/01", 7, 6), ("10/02", 7, 6)]
    assert "upc" not in api.requests[1].query_params


async def test_an_rma_of_another_order_is_not_adopted(api: Api, erp: BlueCherryErp) -> None:
    api.page({"raNo": "RA1", "extRef": RMA_KEY[3:], "orderNo": "other", "status": "OPEN", "lines": []})
    with pytest.raises(Rejected) as refusal:
        await erp.open_rma(rma())
    assert refusal.value.code is ExceptionCode.RMA_REJECTED
