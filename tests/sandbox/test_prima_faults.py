"""Prima under its fault plan: what was applied, what the caller can know, how it finds back."""

import asyncio
from collections.abc import AsyncIterator
from xml.etree.ElementTree import ParseError, fromstring

import httpx
import pytest

from sandbox.kit.faults import Fault
from tests.sandbox.prima_wire import KEY, Wire, envelope, inner, new_return, wire


@pytest.fixture
async def prima() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


def returns(prima: Wire) -> int:
    return len(prima.prima.journal.entries("NewReturn"))


@pytest.mark.parametrize("kind", ["lost_answer", "cut_body"])
async def test_a_lost_answer_is_applied_once_and_found_again(prima: Wire, kind: str) -> None:
    prima.prima.faults.add(Fault.model_validate({"kind": kind, "match": "NewReturn", "status": 0}))
    with pytest.raises(httpx.RemoteProtocolError):
        await prima.open_return()
    assert returns(prima) == 1
    assert (await prima.open_return()).code == "DUP"
    assert (await prima.ask("ReturnDetail", f'<Data TPGUID="{KEY}"/>')).data.get("ReturnNumber") == "R0004711"
    assert returns(prima) == 1


async def test_a_gateway_timeout_after_the_effect(prima: Wire) -> None:
    prima.prima.faults.add(Fault(kind="lost_answer", status=504))
    answer = await prima.post(envelope(inner("NewReturn", new_return())))
    assert (answer.status_code, returns(prima)) == (504, 1)


async def test_a_malformed_answer_after_the_effect(prima: Wire) -> None:
    prima.prima.faults.add(Fault(kind="malformed_body"))
    answer = await prima.post(envelope(inner("NewReturn", new_return())))
    assert (answer.status_code, returns(prima)) == (200, 1)
    with pytest.raises(ParseError):
        fromstring(answer.content)


async def test_locked_and_system_are_errors_with_http_200(prima: Wire) -> None:
    prima.prima.faults.add(Fault(kind="unavailable", status=200))
    prima.prima.faults.add(Fault(kind="unavailable", status=200, seconds=1))
    locked, system, after = [await prima.open_return() for _ in range(3)]
    assert (locked.code, system.code, after.ok) == ("LOCKED", "SYSTEM", True)
    assert returns(prima) == 1


async def test_http_trouble_refuses(prima: Wire) -> None:
    prima.prima.faults.add(Fault(kind="unavailable", status=503))
    prima.prima.faults.add(Fault(kind="throttle", seconds=7))
    answers = [await prima.post(envelope(inner("NewReturn", new_return()))) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 429]
    assert answers[1].headers["Retry-After"] == "7"
    assert returns(prima) == 0


async def test_a_fault_can_aim_at_one_return(prima: Wire) -> None:
    prima.prima.faults.add(Fault(kind="unavailable", match="NewReturn", key="b-2", times=None))
    assert (await prima.open_return(key="b-1")).ok
    blocked = await prima.post(envelope(inner("NewReturn", new_return(key="b-2"))))
    assert blocked.status_code == 503


async def test_a_read_that_lags_does_not_see_the_new_document(prima: Wire) -> None:
    await prima.open_return()
    prima.prima.faults.add(Fault(kind="stale_read", match="ReturnDetail", seconds=60))
    asked = f'<Data TPGUID="{KEY}"/>'
    assert (await prima.ask("ReturnDetail", asked)).code == "NOTFOUND"
    assert (await prima.ask("ReturnDetail", asked)).ok


async def test_a_third_request_at_once_finds_the_company_locked(prima: Wire) -> None:
    prima.prima.faults.add(Fault(kind="latency", seconds=0.5, times=None, match="OrderStatus"))
    asked = '<Data OrderNumber="2011234"/>'
    answers = await asyncio.gather(*(prima.ask("OrderStatus", asked) for _ in range(3)))
    assert sorted(str(answer.code) for answer in answers) == ["LOCKED", "None", "None"]


async def test_the_world_can_be_seeded_and_looked_at(prima: Wire) -> None:
    line = {"sku": "P7-RED", "quantity": 2, "price": "10.00"}
    body = {
        "orders": [{"number": "77", "customer": "C7", "lines": [line]}],
        "stock": [{"sku": "P7-RED", "quantity": 5}],
        "active": {"P7-RED": False},
        "closed_until": "2026-01-31",
    }
    assert (await prima.http.post("/_sandbox/seed", json=body)).json() == {"orders": ["77"]}
    state = (await prima.http.get("/_sandbox/state")).json()
    assert (state["stock"]["P7-RED @ 01"], state["closed_until"]) == (5, "2026-01-31")
    assert "P7-RED" in state["inactive"]
    assert (await prima.http.post("/_sandbox/seed", json={"orders": [{}]})).status_code == 422
    assert (await prima.http.post("/_sandbox/seed", json={"active": {"NOPE": True}})).status_code == 422
