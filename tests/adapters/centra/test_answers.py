"""What Centra answers → the four outcomes (D2)."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from adapters.centra import contract
from adapters.centra.client import CentraClient
from adapters.centra.pace import Window
from adapters.centra.wire import Order
from adapters.kit.once import AlreadyThere
from adapters.kit.outside import Outside
from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater, VendorTrouble
from tests.adapters.centra import bodies

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
FORBIDDEN = {
    "errors": [
        {
            "message": "You need Order:read permission to access orderConnection.",
            "extensions": {"category": "authorization"},
            "path": ["orderConnection"],
        }
    ],
    "extensions": {"complexity": 50, "permissionsUsed": ["Order:read"]},
}


def client(answer: Callable[[httpx.Request], httpx.Response]) -> CentraClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer), trust_env=False)
    return CentraClient(bodies.settings(), Outside(http, clock=lambda: NOW))


def says(body: Any = None, status: int = 200, **parts: Any) -> CentraClient:
    return client(
        lambda request: (
            httpx.Response(status, json=body, **parts) if body is not None else httpx.Response(status, **parts)
        )
    )


async def read(centra: CentraClient) -> list[Order]:
    return await centra.rows(contract.ORDERS, Order, n=[39790])


async def write(centra: CentraClient) -> object:
    return await centra.mutate(contract.CREATE_RETURN, i={})


def refused(message: str) -> dict[str, Any]:
    errors = [{"message": message, "path": ["input", "lines"]}]
    return {"data": {"createReturn": {"return": None, "userErrors": errors, "userWarnings": []}}}


async def test_the_sample_order_is_read_under_our_token() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        text = (
            '{"data":{"orders":[{"id":"0a","number":39790,"status":"SHIPPED","createdAt":"2026-03-14T09:30:00+01:00",'
        )
        text += '"grandTotal":{"value":0.1,"currency":{"code":"GBP"}},"totals":{},"lines":[]}]}}'
        return httpx.Response(200, text=text)

    (order,) = await read(client(answer))
    assert order.grand_total.value == "0.1"
    assert seen[0].headers["authorization"] == "Bearer a-token"
    assert seen[0].url == "http://centra.example/graphql"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Quantity 2 exceeds returnable quantity 1", ExceptionCode.VALIDATION_QTY),
        ("Order 39790 is archived", ExceptionCode.ORDER_LOCKED),
        ("Could not find shipment with ID 1338", ExceptionCode.RMA_REJECTED),
        ("something new", ExceptionCode.RMA_REJECTED),
    ],
)
async def test_a_no_inside_http_200_is_a_refusal(message: str, code: ExceptionCode) -> None:
    with pytest.raises(Rejected) as refusal:
        await write(says(refused(message)))
    assert refusal.value.code is code
    assert message in str(refusal.value)


async def test_no_address_leaves_with_a_refusal() -> None:
    with pytest.raises(Rejected) as refusal:
        await write(says(refused("customer ada@example.com is blocked")))
    assert "ada@" not in str(refusal.value)


async def test_a_warning_is_recorded_and_the_work_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    payload = {"return": {"id": 315}, "userErrors": [], "userWarnings": [{"message": "mail to a@b.c failed"}]}
    with caplog.at_level(logging.WARNING):
        await write(says({"data": {"createReturn": payload}}))
    assert "createReturn warns" in caplog.text
    assert "a@b.c" not in caplog.text


@pytest.mark.parametrize("call", [read, write])
async def test_a_missing_permission_is_of_the_connection(call: Callable[[CentraClient], Any]) -> None:
    with pytest.raises(CredentialsRefused):
        await call(says(FORBIDDEN))
    with pytest.raises(CredentialsRefused):
        await call(says(status=401))


async def test_retry_after_is_a_moment() -> None:
    later = str(int(NOW.timestamp()) + 8)
    with pytest.raises(RetryLater) as busy:
        await write(says(status=429, headers={"Retry-After": later}))
    assert busy.value.delay is not None
    assert busy.value.delay.total_seconds() == 8


UNUSABLE: list[Any] = [
    {"data": {"createReturn": {"return": {"id": "x"}, "userErrors": []}, "orders": [{"id": 1}]}},
    {"data": {"createReturn": {"return": {"id": 1}}, "orders": {}}},
    {"data": {}},
    {"data": None},
    [],
    {"errors": [{"message": "boom", "extensions": {"category": "internal"}}]},
    {"errors": "yes"},
]


@pytest.mark.parametrize("body", UNUSABLE, ids=str)
async def test_nonsense_leaves_a_write_in_doubt_and_a_read_to_repeat(body: Any) -> None:
    with pytest.raises(InDoubt):
        await write(says(body))
    with pytest.raises(RetryLater):
        await read(says(body))


@pytest.mark.parametrize("text", ["", "<html>", '{"data":', "[" * 100_000, '{"data":{"orders":NaN}}'])
async def test_what_is_no_json_too(text: str) -> None:
    with pytest.raises(InDoubt):
        await write(client(lambda _: httpx.Response(200, text=text)))
    with pytest.raises(RetryLater):
        await read(client(lambda _: httpx.Response(200, text=text)))


async def test_a_query_that_this_centra_does_not_know_is_our_configuration() -> None:
    body = {"errors": [{"message": 'Cannot query field "shipments" on type "Order".'}]}
    with pytest.raises(Rejected, match="shipments") as refusal:
        await read(says(body))
    assert refusal.value.code is ExceptionCode.CONFIG_INVALID


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, ExceptionCode.SKU_NOT_IN_MASTER),
        (-2, ExceptionCode.EXCHANGE_OOS),
        (-4, ExceptionCode.EXCHANGE_DATA),
        (-7, ExceptionCode.EXCHANGE_DATA),
    ],
)
async def test_the_order_api_says_no_by_numbers_and_its_words_are_not_quoted(code: int, outcome: ExceptionCode) -> None:
    with pytest.raises(Rejected) as refusal:
        await says({"status": "no", "code": code, "msg": "Ada Byron lives at 1 High St"}).place_order({})
    assert refusal.value.code is outcome
    assert "Ada" not in str(refusal.value)


async def test_a_taken_number_is_there_already() -> None:
    with pytest.raises(AlreadyThere):
        await says({"status": "no", "code": -5, "msg": "exists"}).place_order({})


async def test_every_number_of_a_split_order_is_kept() -> None:
    assert await says({"status": "ok", "orders": [910010234, "910010235"]}).place_order({}) == [
        "910010234",
        "910010235",
    ]


@pytest.mark.parametrize("body", [{"status": "ok"}, {"status": "no"}, {"orders": [1]}, []], ids=str)
async def test_an_order_answer_that_says_nothing_is_doubt(body: Any) -> None:
    with pytest.raises(InDoubt):
        await says(body).place_order({})


async def test_R34_our_own_pace_stays_below_the_quota() -> None:
    now, slept = 0.0, []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    window = Window("requests", 2, 10, clock=lambda: now, sleep=sleep)
    for _ in range(4):
        await window.turn()
    assert slept == [10, 10]
    now = 21.0
    await window.turn()
    assert len(slept) == 2
    hourly = Window("mutations an hour", 1, 3600, clock=lambda: now, sleep=sleep)
    await hourly.turn()
    with pytest.raises(RetryLater, match="mutations an hour") as full:
        await hourly.turn()
    assert full.value.delay is not None
    assert full.value.delay.total_seconds() == 3600
    assert isinstance(full.value, VendorTrouble)
