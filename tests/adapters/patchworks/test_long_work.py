"""Operations that are started as runs of their own: started, watched, and their outcome fetched by key."""

import json
from typing import Any

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.patchworks.port import build
from domain.documents import Posted
from domain.exceptions import ExceptionCode as E
from domain.outcomes import CredentialsRefused, InDoubt, RetryLater
from sandbox.kit.faults import Fault
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.flows import NOW, settings
from tests.adapters.patchworks.shop import Shop, opened, shop

LONG: dict[str, Any] = {"long_operations": ["get_credit_notes", "receive_return"], "long_wait_seconds": 10}


async def test_a_long_read_comes_back_by_its_key() -> None:
    async with shop(**LONG) as patchworks:
        number = await opened(patchworks)
        note = desk.number(await patchworks.erp.post_credit(desk.credit(number)))
        (record,) = (await patchworks.erp.list_credits(desk.TODAY, desk.TODAY)).records
        assert (record.number, record.key, record.total) == (note, desk.CREDIT_KEY, 21555)


async def test_a_long_write_is_one_document_and_found_again() -> None:
    async with shop(**LONG) as patchworks:
        number = await opened(patchworks)
        first = await patchworks.erp.receive_goods(desk.receipt(number))
        again = await patchworks.erp.receive_goods(desk.receipt(number))
        assert patchworks.one("item_receipt")["number"] == first.number == again.number
        assert again.adopted


async def test_a_refusal_of_a_long_write_is_the_erps_own() -> None:
    async with shop(**LONG) as patchworks:
        number = await opened(patchworks)
        refusal = await desk.refused(patchworks.erp.receive_goods(desk.receipt(number, depot="99")))
        assert (refusal.code, refusal.vendor_code) == (E.STOCK_REJECTED, "LOCATION_NOT_FOUND")


async def test_N2_a_start_whose_answer_was_lost_is_found_by_key() -> None:
    async with shop(**LONG) as patchworks:
        number = await opened(patchworks)
        patchworks.flows.faults.add(Fault(kind="lost_answer", status=0, match="receive_return"))
        posted = await until_there(patchworks, number)
        assert patchworks.one("item_receipt")["number"] == posted.number


async def until_there(patchworks: Shop, number: str) -> Posted:
    for _ in range(50):
        try:
            return await patchworks.erp.receive_goods(desk.receipt(number))
        except (InDoubt, RetryLater):
            continue
    raise AssertionError("never posted")


async def test_a_wrong_api_key_is_one_alarm_for_the_connection() -> None:
    async with shop(**LONG, api_key="wrong") as patchworks:
        with pytest.raises(CredentialsRefused):
            await patchworks.erp.list_credits(desk.TODAY, desk.TODAY)


class Company:
    """A start API, a list of runs and a callback that say what they are told to."""

    def __init__(self, start: dict[str, Any], runs: list[list[dict[str, Any]]], outcome: dict[str, Any]) -> None:
        self.start, self.runs, self.outcome = start, runs, outcome
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith("/start/raw"):
            return httpx.Response(200, json=self.start)
        if request.url.path.endswith("/flow-runs"):
            return httpx.Response(200, json={"data": self.runs.pop(0) if len(self.runs) > 1 else self.runs[0]})
        asked = json.loads(request.content)
        head = {"status": "ok", "operation": asked["operation"], "idempotencyKey": asked["idempotencyKey"]}
        return httpx.Response(200, json=[head | self.outcome])

    async def receive(self, **changes: Any) -> Any:
        values: dict[str, Any] = {"api_key": "k", "flow_id": "12", "poll_seconds": 0.01, "virtual_environment_id": 2}
        values |= {"long_operations": ["get_credit_notes"], "long_wait_seconds": 1}
        async with httpx.AsyncClient(transport=httpx.MockTransport(self)) as http:
            erp = build(settings(**values | changes), Outside(http, clock=lambda: NOW))
            return await erp.list_credits(desk.TODAY, desk.TODAY)


NOTES: dict[str, Any] = {"of": "get_credit_notes", "creditNotes": []}


def run(status: object, run_id: object = 8812345, *, flat: bool = False) -> dict[str, Any]:
    return {"id": run_id, "status": status} if flat else {"id": run_id, "attributes": {"status": status}}


@pytest.mark.parametrize("start", [{"flow_run_id": 8812345}, {"id": "8812345"}, {"data": {"id": 8812345}}])
@pytest.mark.parametrize("flat", [True, False])
async def test_every_shape_of_start_and_run_is_read(start: dict[str, Any], flat: bool) -> None:
    company = Company(start, [[], [run(1, flat=flat)], [run(9, 7), run(2, flat=flat)]], NOTES)
    assert (await company.receive()).records == []
    first, *polls, last = company.requests
    assert first.headers["authorization"] == "k"
    assert str(first.url) == "https://start.wearepatchworks.com/api/v1/flows/12/start/raw?virtual_environment_id=2"
    assert len(polls) == 3
    assert dict(polls[0].url.params) == {
        "filter[flow_id]": "12",
        "filter[started_after]": "2026-03-20T09:06:05Z",
        "sort": "-started_at",
        "page": "1",
        "per_page": "50",
    }
    sent, asked = json.loads(first.content), json.loads(last.content)
    assert (sent["operation"], asked["operation"]) == ("get_credit_notes", "get_operation")
    assert sent["idempotencyKey"] == asked["idempotencyKey"]


@pytest.mark.parametrize("state", [2, 3, 4, 5])
async def test_the_state_of_a_run_never_decides_alone(state: int) -> None:
    there = Company({"id": 1}, [[run(state, 1)]], NOTES)
    assert (await there.receive()).records == []
    absent = Company({"id": 1}, [[run(state, 1)]], {"status": "not_found"})
    with pytest.raises(RetryLater, match=f"state {state}"):
        await absent.receive()


async def test_a_run_that_is_still_queued_is_asked_about_later() -> None:
    with pytest.raises(RetryLater, match="queued"):
        await Company({"id": 1}, [[]], NOTES).receive()


async def test_a_full_page_of_other_runs_is_looked_behind() -> None:
    others = [run(2, n) for n in range(100, 150)]
    company = Company({"id": 1}, [others, [run(2, 1)]], NOTES)
    assert (await company.receive()).records == []
    assert [request.url.params["page"] for request in company.requests[1:-1]] == ["1", "2"]


@pytest.mark.parametrize("start", [{}, {"message": "Flow initialised."}, {"data": []}, {"flow_run_id": None}])
async def test_a_start_that_names_no_run_is_lost(start: dict[str, Any]) -> None:
    with pytest.raises(RetryLater, match="names no run"):
        await Company(start, [[]], NOTES).receive()
