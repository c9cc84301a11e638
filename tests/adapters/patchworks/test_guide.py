"""The guide for the builders of the flows: each of its requests is what is sent, each of its replies is understood."""

import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.patchworks import contract
from domain.outcomes import InDoubt, RetryLater
from domain.slots import value_order
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.flows import Envelope, Flow, Flows, element, made, port
from tests.adapters.patchworks.guide import CALLS, GUIDE, sections

SECTIONS = sections()


def as_guide(operation: str, reply: int = 0) -> Flow:
    """Answers what the guide says, to whatever key was asked about."""

    def answer(envelope: Envelope) -> Any:
        (said,) = SECTIONS[operation].replies[reply]
        return said | {"idempotencyKey": envelope["idempotencyKey"]}

    return lambda envelope: _json(answer(envelope))


def _json(reply: dict[str, Any]) -> Any:
    return json.loads(json.dumps(reply, default=str))  # decimals as text are as good as numbers


def guided() -> Flows:
    answers = {name: as_guide(name) for name in SECTIONS if name != "get_operation"}
    return Flows(**answers)


def prepared(operation: str) -> Flows:
    """Flows in the state in which Backhaul comes to send this operation."""
    flows = guided()
    if operation == "apply_credit_note":
        flows.flows["create_credit_note"] = made("CM1001", applied="0.00", unapplied="215.55")
    if operation == "tell_commerce":
        flows.flows["get_operation"] = lambda e: element(
            e, erp={"documentNumber": "IR1001"}, commerce={"status": "failed", "message": ""}
        )
    return flows


def test_the_guide_has_the_operations_of_the_contract_and_no_other() -> None:
    assert list(SECTIONS) == list(CALLS)
    assert set(SECTIONS) == set(contract.OPERATIONS)


def test_the_guide_names_every_error_code_and_event() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for word in (*contract.FINAL, *contract.TRANSIENT, *contract.EVENTS, *contract.OPERATIONS):
        assert f"`{word}`" in text, word


@pytest.mark.parametrize("operation", list(CALLS))
async def test_the_guides_request_is_what_is_sent(operation: str) -> None:
    flows = prepared(operation)
    async with port(flows) as erp:
        await CALLS[operation](erp)
    sent = next(
        json.loads(request.content, parse_float=Decimal)
        for request, envelope in zip(flows.requests, flows.asked, strict=True)
        if envelope["operation"] == operation
    )
    said = dict(SECTIONS[operation].request)
    if said["idempotencyKey"].startswith("read-"):
        said["idempotencyKey"] = said["correlationId"] = sent["idempotencyKey"]
    assert sent == said


@pytest.mark.parametrize("operation", list(SECTIONS))
def test_the_guides_replies_are_one_element_about_the_request(operation: str) -> None:
    section = SECTIONS[operation]
    for reply in section.replies:
        (only,) = reply
        assert (only["operation"], only["idempotencyKey"]) == (operation, section.request["idempotencyKey"])


@pytest.mark.parametrize("operation", list(CALLS))
async def test_the_guides_replies_are_understood(operation: str) -> None:
    async with port(prepared(operation)) as erp:
        assert await CALLS[operation](erp) is not None


async def test_the_guides_order_adds_up() -> None:
    async with port(guided()) as erp:
        order = await erp.read_order(desk.ORDER)
    assert [line.sku for line in value_order(order).lines] == ["P1001-BLK-080", "TOP-1", "SOCK-1"]


async def test_the_four_answers_of_get_operation() -> None:
    found, _error, working, _absent = range(4)
    for reply, outcome in ((found, None), (working, RetryLater)):
        flows = Flows(get_operation=as_guide("get_operation", reply))
        async with port(flows) as erp:
            if outcome is None:
                assert (await erp.receive_goods(desk.receipt("RA1001"))).adopted
            else:
                with pytest.raises(outcome):
                    await erp.receive_goods(desk.receipt("RA1001"))
        assert flows.operations == ["get_operation"]
    for reply in (_error, _absent):
        flows = Flows(get_operation=as_guide("get_operation", reply), receive_return=element)
        async with port(flows) as erp:
            with pytest.raises(InDoubt):
                await erp.receive_goods(desk.receipt("RA1001"))
        assert flows.operations == ["get_operation", "receive_return", "get_operation"]
