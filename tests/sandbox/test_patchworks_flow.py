"""The flow's duties: no key works twice, errors leave the key free, what is unknown can be asked for."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.kit.faults import Fault
from sandbox.patchworks import PatchworksSandbox
from tests.sandbox.patchworks_wire import KEY, NOW, ORDER, Wire, cancel, new_return, receipt, wire


@pytest.fixture
async def patchworks() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


async def test_a_key_makes_one_document_whatever_its_case(patchworks: Wire) -> None:
    first = await patchworks.open_return(KEY.upper())
    again = await patchworks.open_return(KEY, quantity=2)
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert first["erp"]["documentNumber"] == again["erp"]["documentNumber"] == "RA4711"
    assert (await patchworks.known(KEY))["erp"] == again["erp"]
    assert patchworks.made("return_authorization") == 1


async def test_a_key_is_for_one_operation(patchworks: Wire) -> None:
    number = await patchworks.opened()
    assert await patchworks.refused("receive_return", KEY, **receipt(number)) == "CONFLICT"
    assert (await patchworks.known(KEY))["of"] == "create_return"
    assert await patchworks.refused("receive_return", "", **receipt(number)) == "VALIDATION"
    assert await patchworks.refused("make_coffee", "k") == "VALIDATION"


async def test_an_error_does_not_use_the_key_up(patchworks: Wire) -> None:
    assert (await patchworks.known(KEY))["status"] == "not_found"
    assert (await patchworks.open_return(quantity=4))["error"]["code"] == "QUANTITY_EXCEEDED"
    known = await patchworks.known(KEY)
    assert (known["status"], known["error"]["code"], known["error"]["retryable"]) == (
        "error", "QUANTITY_EXCEEDED", False,
    )  # fmt: skip
    assert (await patchworks.open_return(quantity=3))["status"] == "ok"


@pytest.mark.parametrize("kind", ["lost_answer", "cut_body"])
async def test_a_lost_answer_is_applied_once_and_found_again(patchworks: Wire, kind: str) -> None:
    patchworks.sandbox.faults.add(Fault.model_validate({"kind": kind, "match": "create_return", "status": 0}))
    with pytest.raises(httpx.RemoteProtocolError):
        await patchworks.open_return()
    assert patchworks.made("return_authorization") == 1
    assert (await patchworks.known(KEY))["erp"]["documentNumber"] == "RA4711"
    assert (await patchworks.open_return())["duplicate"] is True
    assert patchworks.made("return_authorization") == 1


async def test_the_erp_may_be_out_of_reach_of_the_flow(patchworks: Wire) -> None:
    for seconds, code in ((0, "ERP_UNAVAILABLE"), (1, "ERP_TIMEOUT"), (2, "RATE_LIMITED")):
        patchworks.sandbox.faults.add(Fault(kind="unavailable", status=200, seconds=seconds))
        element = await patchworks.open_return()
        assert (element["error"]["code"], element["error"]["retryable"]) == (code, True)
        assert (await patchworks.known(KEY))["error"]["code"] == code
    assert (await patchworks.open_return())["duplicate"] is False


async def test_a_timeout_of_the_erp_may_hide_a_document(patchworks: Wire) -> None:
    patchworks.sandbox.turn(erp_timeouts=1)
    element = await patchworks.open_return()
    assert (element["error"]["code"], element["error"]["retryable"]) == ("ERP_TIMEOUT", True)
    assert (await patchworks.known(KEY))["status"] == "ok"
    assert (await patchworks.open_return())["duplicate"] is True
    assert patchworks.made("return_authorization") == 1


async def test_a_call_may_end_before_the_flow_does(patchworks: Wire) -> None:
    patchworks.sandbox.turn(slow_calls=1, slow_seconds=0.3)
    answer = await patchworks.post({"operation": "create_return", "idempotencyKey": KEY, **new_return()})
    assert answer.status_code == 504
    assert (await patchworks.known(KEY))["status"] == "in_progress"
    assert (await patchworks.open_return())["status"] == "in_progress"
    undo = await patchworks.ask("cancel_return", f"{KEY}-undo", **cancel(key=KEY))
    assert undo["status"] == "in_progress"
    await asyncio.to_thread(patchworks.sandbox.drain)
    assert (await patchworks.known(KEY))["status"] == "ok"
    assert patchworks.made("return_authorization") == 1


@pytest.mark.parametrize(("shape", "is_list", "length"), [("empty", True, 0), ("object", False, 0), ("two", True, 2)])
async def test_replies_of_another_shape_were_applied(patchworks: Wire, shape: str, is_list: bool, length: int) -> None:
    patchworks.sandbox.turn(odd_answers=1, odd_shape=shape)
    answer = await patchworks.post({"operation": "create_return", "idempotencyKey": KEY, **new_return()})
    value = json.loads(answer.text)
    assert isinstance(value, list) is is_list
    assert not is_list or len(value) == length
    assert (await patchworks.known(KEY))["status"] == "ok"


async def test_reads_may_lag(patchworks: Wire) -> None:
    number = await patchworks.opened()
    for operation, asked in (("get_operation", {}), ("get_return", {"documentNumber": number})):
        patchworks.sandbox.faults.add(Fault(kind="stale_read", match=operation, seconds=60))
        before = await patchworks.ask(operation, KEY, **asked)
        assert before["status"] in ("not_found", "error")
        assert (await patchworks.ask(operation, KEY, **asked))["status"] == "ok"


async def test_R136_the_shop_is_told_of_every_write_once(patchworks: Wire) -> None:
    number = await patchworks.opened()
    element = await patchworks.ask("receive_return", "k-1", **receipt(number))
    assert element["commerce"] == {"status": "told"}
    await patchworks.ask("receive_return", "k-1", **receipt(number))
    told = [(row["what"], row["key"], row["status"]) for row in patchworks.sandbox.journal.entries("commerce_told")]
    assert told == [("create_return", KEY, "return_approved"), ("receive_return", "k-1", "restocked")]


async def test_R136_a_shop_that_is_down_is_told_later(patchworks: Wire) -> None:
    patchworks.sandbox.commerce_down()
    element = await patchworks.open_return()
    assert (element["status"], element["commerce"]["status"]) == ("ok", "failed")
    assert (await patchworks.open_return())["commerce"]["status"] == "failed"
    tell = await patchworks.ask("tell_commerce", KEY, of="create_return")
    assert (tell["status"], tell["commerce"]["status"]) == ("ok", "failed")
    patchworks.sandbox.commerce_down(False)
    assert (await patchworks.known(KEY))["commerce"]["status"] == "failed"
    assert (await patchworks.ask("tell_commerce", KEY, of="create_return"))["commerce"]["status"] == "told"
    assert (await patchworks.known(KEY))["commerce"]["status"] == "told"
    assert await patchworks.refused("tell_commerce", "unknown", of="create_return") == "DOCUMENT_NOT_FOUND"
    assert patchworks.made("commerce_told") == 1


async def test_a_flow_without_a_shop_says_so() -> None:
    async with wire(PatchworksSandbox(clock=lambda: NOW, commerce=False)) as patchworks:
        assert (await patchworks.open_return())["commerce"] == {"status": "not_configured"}
        assert patchworks.made("commerce_told") == 0


async def test_switches_seeds_and_the_journal_are_there_over_http(patchworks: Wire) -> None:
    post, get = patchworks.http.post, patchworks.http.get
    assert (await post("/_sandbox/switches", json={"commerce_down": True})).status_code == 204
    assert (await post("/_sandbox/switches", json={"nonsense": 1})).status_code == 422
    assert (await patchworks.open_return())["commerce"]["status"] == "failed"
    order = {"number": "O77", "lines": [{"sku": "P5-RED", "price": "10.00"}], "discounts": ["1.00"]}
    seeded = await post("/_sandbox/seed", json={"orders": [order], "stock": [{"sku": "P5-RED", "quantity": 2}]})
    assert (seeded.status_code, seeded.json()) == (201, {"orders": ["O77"]})
    bad = {"orders": [order | {"number": "O78", "lines": [{"sku": "P5-RED", "price": "10.001"}]}]}
    assert (await post("/_sandbox/seed", json=bad)).status_code == 422
    state = (await get("/_sandbox/state")).json()
    assert (state["orders"]["O77"], state["invoices"]["INVO77"], state["commerce_down"]) == ("Billed", "9.00", True)
    assert state["returns"] == {"RA4711": {"status": "Pending Receipt", "key": KEY}}
    assert [row["op"] for row in (await get("/_sandbox/journal")).json()] == ["return_authorization"]
    assert (await post("/_sandbox/orders/O77/due", json={"amount": "0"})).json()["status"] == "Billed"
    assert (await get("/_sandbox/state")).json()["invoices"]["INVO77"] == "0"
    assert (await post("/_sandbox/orders/none/despatch")).status_code == 404
    assert (await post(f"/_sandbox/orders/{ORDER}/despatch")).status_code == 409
