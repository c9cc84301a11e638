"""ReturnGO with Prima: its own users inspect, and only what is finished there moves stock and money (R139, R140)."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

import pytest

from adapters.assembly import load_connections
from domain.exceptions import ExceptionCode
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.kit.server import serve
from sandbox.kit.wanted import ExchangeSpec, ItemSpec, ReturnSpec
from sandbox.prima import PrimaSandbox, PrimaWorld
from sandbox.returngo import ReturnGoSandbox, Verdict
from tests.patience import PATIENCE
from tests.running import Running, running
from tests.world import COAT, SHIRT, connection_table

TOKEN = "a-token-in-the-address-of-the-webhook"
SHIRT_L = "P2001-WHT-L"
_numbers = itertools.count(800_001)


@dataclass
class GradedWorld(Running):
    """Prima's and ReturnGO's journals are the sandboxes'."""

    prima: PrimaSandbox
    returngo: ReturnGoSandbox

    def returned(self, *items: ItemSpec, **spec: Any) -> ReturnRef:
        """A return of an order of two coats and a shirt."""
        number = str(next(_numbers))
        lines = [
            {"sku": COAT, "quantity": 2, "price": "245.00", "discount": "49.00"},
            {"sku": SHIRT, "quantity": 1, "price": "30.00"},
        ]
        self.prima.add_order(number, lines)
        given = items or (item(COAT, "1", "220.50"),)
        return_id = self.returngo.add_return(ReturnSpec(order_external_id=number, items=given, currency="GBP", **spec))
        return ReturnRef(connection="uk", return_id=return_id)

    def validate(self, ref: ReturnRef, *found: tuple[bool, bool, str]) -> None:
        """ReturnGO's users look at the items: came back, may be sold again, why not."""
        self.returngo.receive(ref.return_id)
        items = self.returngo.get(ref.return_id)["items"]
        verdicts = [
            Verdict(
                item_id=str(one["returnedItemId"]), returned=returned, restockable=good, reason=why, location="LDN-1"
            )
            for one, (returned, good, why) in zip(items, found, strict=True)
        ]
        self.returngo.validate(ref.return_id, verdicts)

    def made(self, op: str, key: str) -> list[dict[str, Any]]:
        return [entry for entry in self.prima.journal.entries(op) if entry["return_number"] == key]


def item(sku: str, line: str, price: str, reason: str = "changed_mind", swap: str = "", quantity: int = 1) -> ItemSpec:
    return ItemSpec(
        external_id=line,
        sku=sku,
        quantity=quantity,
        unit_price=Decimal(price),
        tax_rate=Decimal("0.20"),
        reason=reason,
        exchange=ExchangeSpec(sku=swap, unit_price=Decimal(price)) if swap else None,
    )


@pytest.fixture(scope="module")
async def shop(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[GradedWorld]:
    async with AsyncExitStack() as stack:
        prima = PrimaSandbox(seed=PrimaWorld())
        prima_server = await stack.enter_async_context(serve(prima.app))
        returngo = await stack.enter_async_context(ReturnGoSandbox(shop_name="uk.example", retry_seconds=(0.2, 0.5)))
        platform = await stack.enter_async_context(serve(returngo.app))
        table = connection_table(prima_server.url + prima.path, "http://unused.example", "uk")
        table.pop("reveni")
        table["platform"] = "returngo"
        table["returngo"] = {
            "base_url": platform.url,
            "shop_name": "uk.example",
            "api_key_env": "RG_KEY",
            "webhook_token_env": "RG_TOKEN",
            "requests_per_second": 100,
        }
        table["policy"] = {**table["policy"], "inspected_by": "platform"}
        table["mappings"] |= {
            "dispositions": {"restockable": "SELLABLE", "not_restockable": "by_reason", "not_returned": "MISSING"},
            "reasons": {"changed_mind": "CM", "defective": "DF", "size_too_small": "TS"},
            "reason_dispositions": {"defective": "QUARANTINE", "changed_mind": "DAMAGED"},
        }
        environ = {"RG_KEY": "sandbox-returngo-key", "RG_TOKEN": TOKEN}
        ready = load_connections({"connections": {"uk": table}}, environ)
        backhaul = await stack.enter_async_context(running(temporal_server, tmp_path_factory.mktemp("graded"), ready))
        headers = {"x-api-key": environ["RG_KEY"], "x-shop-name": "uk.example"}
        for event in ("RMA_CREATED", "RMA_STATUS_UPDATED", "SHIPMENT_STATUS_UPDATED", "TRANSACTION_CREATED"):
            body = {"url": f"{backhaul.bridge_url}/webhooks/uk/{TOKEN}", "eventName": event}
            answer = await backhaul.http.post(f"{platform.url}/webhook", json=body, headers=headers)
            answer.raise_for_status()
        shop = GradedWorld(
            **{p.name: getattr(backhaul, p.name) for p in fields(Running)}, prima=prima, returngo=returngo
        )
        stack.push_async_callback(shop.stop_worker)
        yield shop


async def test_R139_earlier_statuses_move_neither_stock_nor_money(shop: GradedWorld) -> None:
    ref = shop.returned()
    record = await shop.stage(ref, "AWAITING_GOODS")
    shop.returngo.ship(ref.return_id)
    shop.returngo.receive(ref.return_id)
    await asyncio.sleep(2)
    assert shop.made("ReturnReceipt", record.rma_number) == []
    assert shop.made("NewCreditNote", record.rma_number) == []
    shop.validate(ref, (True, True, ""))
    await shop.closed(ref)
    [receipt] = shop.made("ReturnReceipt", record.rma_number)
    assert [(row["sku"], row["depot"]) for row in receipt["lines"]] == [(COAT, "01")]
    assert [note["total"] for note in shop.made("NewCreditNote", record.rma_number)] == ["220.50"]


async def test_R24_R139_what_cannot_be_restocked_goes_where_its_reason_says(shop: GradedWorld) -> None:
    ref = shop.returned(item(COAT, "1", "220.50", "defective"), item(SHIRT, "2", "30.00"))
    record = await shop.stage(ref, "AWAITING_GOODS")
    shop.validate(ref, (True, False, "stain"), (True, True, ""))
    await shop.closed(ref)
    rows = [row for entry in shop.made("ReturnReceipt", record.rma_number) for row in entry["lines"]]
    assert {(row["sku"], row["depot"]) for row in rows} == {(COAT, "QT"), (SHIRT, "01")}
    assert await shop.exceptions(ref, None) == []


async def test_E21_R139_what_was_not_in_the_box_is_neither_stock_nor_money(shop: GradedWorld) -> None:
    ref = shop.returned(item(COAT, "1", "220.50", quantity=2))
    record = await shop.stage(ref, "AWAITING_GOODS")
    shop.validate(ref, (True, True, ""), (False, False, "box was empty"))
    await shop.closed(ref)
    rows = [row for entry in shop.made("ReturnReceipt", record.rma_number) for row in entry["lines"]]
    assert sum(row["quantity"] for row in rows) == 1
    assert [note["total"] for note in shop.made("NewCreditNote", record.rma_number)] == ["220.50"]


async def test_E16_a_second_verdict_of_the_platform_is_a_conflict_and_moves_nothing(shop: GradedWorld) -> None:
    ref = shop.returned(item(COAT, "1", "220.50", quantity=2))
    record = await shop.stage(ref, "AWAITING_GOODS")
    shop.validate(ref, (True, True, ""), (True, True, ""))
    async with asyncio.timeout(PATIENCE):
        while len(shop.made("ReturnReceipt", record.rma_number)) < 1:
            await asyncio.sleep(0.05)
    first = shop.returngo.get(ref.return_id)["items"][0]["returnedItemId"]
    shop.returngo.validate(ref.return_id, [Verdict(item_id=str(first), restockable=False, reason="torn")])
    shop.returngo.done(ref.return_id)  # the new verdict alone emits no event
    async with asyncio.timeout(PATIENCE):
        while not [e for e in await shop.exceptions(ref, None) if e.code is ExceptionCode.INSPECTION_CONFLICT]:
            await asyncio.sleep(0.1)
    assert len(shop.made("ReturnReceipt", record.rma_number)) == 1


async def test_R140_R60_an_exchange_takes_customer_and_references_from_the_erp(shop: GradedWorld) -> None:
    """ReturnGO's own exchange order arrives without customer and address; ours is made from the original one."""
    shop.prima.add_item(SHIRT_L)
    shop.prima.add_stock(SHIRT_L, 5)
    ref = shop.returned(item(SHIRT, "2", "30.00", swap=SHIRT_L))
    record = await shop.stage(ref, "AWAITING_GOODS")
    async with asyncio.timeout(PATIENCE):
        while not [e for e in shop.prima.journal.entries("MultiNewOrder") if e["customer_ref"] == record.rma_number]:
            await asyncio.sleep(0.05)
    [order] = [e for e in shop.prima.journal.entries("MultiNewOrder") if e["customer_ref"] == record.rma_number]
    assert (order["original_order"], order["delivery_matches"], order["total"]) == (record.order_number, True, "0.00")


async def test_R8_a_webhook_without_the_token_is_refused(shop: GradedWorld) -> None:
    body = {"eventName": "RMA_CREATED", "rmaId": "10000001", "shopName": "uk.example"}
    for path in ("uk", "uk/another-token-of-the-right-length-x"):
        answer = await shop.http.post(f"{shop.bridge_url}/webhooks/{path}", json=body)
        assert answer.status_code == 401
