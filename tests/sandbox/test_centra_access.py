"""Who may ask the Centra sandbox, how often, and what the caller knows when an answer is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.centra import CentraSandbox
from sandbox.kit.faults import Fault
from tests.sandbox.centra_wire import CREATE, FIND, KEY, add_plain_order, exact, wire

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
LIMITS = "{rateLimits{type intervalSeconds quota usedQuota remainingQuota}}"
DELETE = "mutation{deleteReturn(id:9){userErrors{message}}}"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def categories(answer: httpx.Response) -> list[str]:
    return [error["extensions"]["category"] for error in exact(answer.content)["errors"]]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nope"}])
async def test_a_wrong_token_is_refused(headers: dict[str, str]) -> None:
    async with wire() as centra:
        answer = await centra.post(LIMITS, headers)
        assert (answer.status_code, categories(answer)) == (401, ["authorization"])
        cookie = await centra.post(LIMITS, {"Cookie": "graphql-access=sandbox-centra-token"})
        assert cookie.status_code == 200


async def test_a_missing_permission_is_named() -> None:
    async with wire(CentraSandbox(permissions={"Order:read"})) as centra:
        assert await centra.ask("{orders{id}}") == {"orders": []}
        answer = await centra.post(DELETE)
        assert (answer.status_code, categories(answer)) == (200, ["authorization"])
        body = exact(answer.content)
        assert body["errors"][0]["message"] == "You need Return:write permission to access deleteReturn."
        assert "data" not in body
        assert (await centra.ask(LIMITS))["rateLimits"]


async def test_a_wrong_key_of_the_order_api_is_refused() -> None:
    async with wire() as centra:
        path = f"{centra.centra.order_api_path}/orders"
        assert (await centra.http.get(path)).status_code == 401
        assert (await centra.http.get(path, headers={"API-Authorization": "x"})).json()["status"] == "no"
        assert (await centra.rest("GET", "/orders")) == {"status": "ok", "orders": []}
        assert (await centra.rest("GET", "/orders", limit="x"))["status"] == "no"


async def test_requests_over_the_limit_are_told_when_to_come_again() -> None:
    clock = Clock()
    async with wire(CentraSandbox(clock=clock, requests_per_10s=2)) as centra:
        await centra.ask(LIMITS)
        clock.now += timedelta(seconds=3, milliseconds=500)
        rows = {row["type"]: row for row in (await centra.ask(LIMITS))["rateLimits"]}
        assert (rows["REQUEST_COUNT"]["quota"], rows["REQUEST_COUNT"]["remainingQuota"]) == (2, 0)
        late = await centra.post(LIMITS)
        assert late.status_code == 429
        assert late.headers["Retry-After"] == str(int((NOW + timedelta(seconds=10)).timestamp()))
        clock.now = NOW + timedelta(seconds=10)
        assert (await centra.post(LIMITS)).status_code == 200


async def test_failed_mutations_cost_quota_too() -> None:
    clock = Clock()
    async with wire(CentraSandbox(clock=clock, mutations_per_hour=2)) as centra:
        for _ in range(2):
            assert (await centra.do(DELETE))["userErrors"]
        late = await centra.post(DELETE)
        assert late.headers["Retry-After"] == str(int((NOW + timedelta(hours=1)).timestamp()))
        assert (await centra.post(LIMITS)).status_code == 200


async def test_a_throttle_fault_speaks_as_centra_does() -> None:
    async with wire(CentraSandbox(clock=Clock())) as centra:
        centra.centra.faults.add(Fault(kind="throttle", match="deleteReturn", seconds=7))
        answer = await centra.post(DELETE)
        later = str(int((NOW + timedelta(seconds=7)).timestamp()))
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, later)


@pytest.mark.parametrize("kind", ["lost_answer", "cut_body"])
async def test_a_lost_answer_is_applied_and_found_again(kind: str) -> None:
    async with wire() as centra:
        add_plain_order(centra.centra)
        given = await centra.return_input(39790, {2: 1})
        centra.centra.faults.add(Fault.model_validate({"kind": kind, "match": "createReturn", "status": 0}))
        with pytest.raises(httpx.RemoteProtocolError):
            await centra.post(CREATE, i=given)
        assert len((await centra.ask(FIND, e=[KEY]))["returns"]) == 1
        await centra.do(CREATE, i=given)
        assert len(centra.centra.journal.entries("createReturn")) == 2


async def test_a_fault_can_aim_at_one_call_of_the_order_api() -> None:
    async with wire() as centra:
        centra.centra.faults.add(Fault(kind="unavailable", match="POST /order", key="bh-2", times=None))
        path = f"{centra.centra.order_api_path}/order"
        headers = {"API-Authorization": "sandbox-centra-order-key"}
        for key, status in (("bh-1", 200), ("bh-2", 503)):
            answer = await centra.http.post(path, json={"internalComment": key}, headers=headers)
            assert answer.status_code == status


async def test_a_read_that_lags_does_not_see_the_new_return() -> None:
    async with wire() as centra:
        add_plain_order(centra.centra)
        await centra.open_return(39790, {2: 1})
        centra.centra.faults.add(Fault(kind="stale_read", match="returns", seconds=60))
        seen = [(await centra.ask(FIND, e=[KEY]))["returns"] for _ in range(2)]
        assert [len(rows) for rows in seen] == [0, 1]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"query":5}', b'{"query":"{orders{id}}","variables":[]}'])
async def test_a_body_that_is_no_request_is_refused(body: bytes) -> None:
    async with wire() as centra:
        headers = {"Authorization": "Bearer sandbox-centra-token"}
        answer = await centra.http.post("/graphql", content=body, headers=headers)
        assert answer.status_code == 400


async def test_several_root_fields_make_one_operation_name() -> None:
    async with wire() as centra:
        centra.centra.faults.add(Fault(kind="unavailable", match="orders+returns", status=500))
        query = "{orders{id} returns{id}}"
        statuses = [(await centra.post(query)).status_code for _ in range(2)]
        assert statuses == [500, 200]


async def test_the_schema_can_be_asked_for() -> None:
    async with wire() as centra:
        kind = '{__type(name:"MonetaryValueInput"){inputFields{name type{ofType{name}}}}}'
        fields: Any = (await centra.ask(kind))["__type"]["inputFields"]
        assert [(row["name"], row["type"]["ofType"]["name"]) for row in fields] == [
            ("value", "Float"), ("currencyIsoCode", "String"),
        ]  # fmt: skip


async def test_amounts_come_as_numbers_only() -> None:
    async with wire() as centra:
        add_plain_order(centra.centra)
        given = await centra.return_input(39790, {2: 1}, returnCost={"value": "1.00", "currencyIsoCode": "GBP"})
        assert exact((await centra.post(CREATE, i=given)).content)["errors"]
        inline = (
            "mutation($s:Int!,$l:Int!){createReturn(input:{shipment:{id:$s},lines:[{shipmentLine:{id:$l},quantity:1}],"
        )
        inline += 'returnStockActionPolicy:{removeItemsFromStock:true},returnCost:{value:1.09,currencyIsoCode:"GBP"}})'
        inline += "{return{grandTotal{value}} userErrors{message}}}"
        ids = {"s": given["shipment"]["id"], "l": given["lines"][0]["shipmentLine"]["id"]}
        assert str((await centra.do(inline, **ids))["return"]["grandTotal"]["value"]) == "17"
