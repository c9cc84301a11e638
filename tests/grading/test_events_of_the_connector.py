"""Patchworks reports by its connector what the warehouse inspected; ERP and shop are both told (R133, R136, R45)."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

import pytest

from adapters.assembly import load_connections
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.kit.server import serve
from sandbox.kit.wanted import ItemSpec, ReturnSpec
from sandbox.patchworks import PatchworksSandbox, PatchworksWorld
from sandbox.reveni import ReveniSandbox
from tests.patience import PATIENCE
from tests.running import Running, running
from tests.world import API_KEY, COAT, connection_table, subscribe

TOKEN = "a-token-for-the-connector-of-this-connection"
_numbers = itertools.count(900_001)


@dataclass
class ConnectedWorld(Running):
    """Journals are the sandboxes'."""

    erp: PatchworksSandbox
    reveni: ReveniSandbox

    def returned(self, **header: Any) -> ReturnRef:
        """One of two coats comes back."""
        number = str(next(_numbers))
        self.erp.add_order(number, [{"sku": COAT, "quantity": 2, "price": "220.50"}], **header)
        item = ItemSpec(external_id="1", sku=COAT, quantity=1, unit_price=Decimal("220.50"), tax_rate=Decimal("0.20"))
        spec = ReturnSpec(order_external_id=number, items=(item,), currency="GBP")
        return ReturnRef(connection="uk", return_id=self.reveni.add_return(spec))

    def made(self, op: str, ref: ReturnRef) -> list[dict[str, Any]]:
        return [entry for entry in self.erp.journal.entries(op) if ref.return_id in entry.get("key", "")]

    def inspected(self, ref: ReturnRef, event_id: str = "") -> str:
        """The connector's event."""
        line = {"sku": COAT, "order_line_item_id": "1", "disposition": "restock", "condition": "new"}
        more = {"event_id": event_id} if event_id else {}
        return self.erp.send_event(
            "return.inspected", f"reveni:{ref.return_id}", location="LDN-1", lines=[line], **more
        )


@pytest.fixture(scope="module")
async def shop(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ConnectedWorld]:
    async with AsyncExitStack() as stack:
        erp = PatchworksSandbox(PatchworksWorld(), inbound_token=TOKEN)
        erp_server = await stack.enter_async_context(serve(erp.app))
        reveni = await stack.enter_async_context(ReveniSandbox(store_id="uk", api_key=API_KEY, retry_seconds=(0.2,)))
        platform = await stack.enter_async_context(serve(reveni.app))
        table = connection_table("http://unused.example", platform.url, "uk")
        table.pop("prima")
        table |= {"erp": "patchworks", "ledger": "pw-test"}
        table["patchworks"] = {
            "callbacks_url": erp_server.url,
            "company": "acme",
            "callback_id": "cb-1",
            "signature_env": "PW_SIGNATURE",
            "inbound_token_env": "PW_TOKEN",
            "source_platform": "reveni",
            "exchange_order_type": "EXCHANGE",
            "requests_per_second": 100,
        }
        actions = table["mappings"]["stock_actions"]
        actions["SELLABLE"] = {**actions["SELLABLE"], "condition": "restock"}
        actions["DAMAGED"] = {**actions["DAMAGED"], "condition": "damaged"}
        actions["QUARANTINE"] = {**actions["QUARANTINE"], "condition": "quarantine"}
        actions["RETURN_TO_CUSTOMER"] = {**actions["RETURN_TO_CUSTOMER"], "condition": "return_to_customer"}
        table["mappings"] |= {
            "dispositions": {"A": "SELLABLE", "restock": "SELLABLE"},
            "credit_statuses": {"posted": "live", "voided": "void"},
            "tax_codes": {"S": "S", "20.00": "20.00"},
        }
        keys = {"REVENI_KEY": API_KEY, "PW_SIGNATURE": "sandbox-patchworks-signature", "PW_TOKEN": TOKEN}
        ready = load_connections({"connections": {"uk": table}}, keys)
        backhaul = await stack.enter_async_context(running(temporal_server, tmp_path_factory.mktemp("pw"), ready))
        await subscribe(backhaul.http, f"{platform.url}{reveni.base_path}", f"{backhaul.bridge_url}/webhooks/uk")
        erp.connector.url = f"{backhaul.bridge_url}/v1/inbound/patchworks/events"
        shop = ConnectedWorld(**{p.name: getattr(backhaul, p.name) for p in fields(Running)}, erp=erp, reveni=reveni)
        stack.push_async_callback(shop.stop_worker)
        yield shop


async def test_R133_R136_R45_an_inspection_by_event_becomes_receipt_and_applied_credit(shop: ConnectedWorld) -> None:
    ref = shop.returned()
    await shop.stage(ref, "AWAITING_GOODS")
    event = shop.inspected(ref)
    shop.inspected(ref, event)  # the connector may repeat itself
    await shop.closed(ref)
    [receipt], [memo] = shop.made("item_receipt", ref), shop.made("credit_memo", ref)
    assert receipt["location"] == "01"
    assert (memo["total"], Decimal(memo["unapplied"]), memo["from_ra"]) == ("220.50", Decimal(0), True)
    told = {entry["what"] for entry in shop.made("commerce_told", ref)}
    assert {"create_return", "receive_return", "create_credit_note"} <= told


async def test_N14_R132_a_closed_order_gets_its_stock_back_once(shop: ConnectedWorld) -> None:
    """A standalone authorisation: receipt moves the stock, and the credit memo made from it does not again."""
    ref = shop.returned(status="Closed", archived=True)
    await shop.stage(ref, "AWAITING_GOODS")
    before = _on_hand(shop)
    shop.inspected(ref)
    await shop.closed(ref)
    [authorisation] = shop.made("return_authorization", ref)
    assert authorisation["standalone"] is True
    assert _on_hand(shop) == before + 1


async def test_R45_without_an_open_invoice_the_credit_parks_and_is_applied_later(shop: ConnectedWorld) -> None:
    ref = shop.returned()
    record = await shop.stage(ref, "AWAITING_GOODS")
    shop.erp.pay_invoice(record.order_number)
    shop.inspected(ref)
    item = await shop.parked(ref)
    assert item.code is ExceptionCode.NOTHING_TO_APPLY
    shop.erp.open_invoice(record.order_number)
    await shop.resolve(item, ResolutionKind.RETRY)
    await shop.closed(ref)
    [memo] = shop.made("credit_memo", ref)
    assert [e["number"] for e in shop.erp.journal.entries("credit_applied")] == [memo["number"]]


async def test_R136_a_shop_that_was_not_told_is_a_drift_and_is_told_on_retry(shop: ConnectedWorld) -> None:
    ref = shop.returned()
    await shop.stage(ref, "AWAITING_GOODS")
    shop.erp.commerce_down()
    try:
        shop.inspected(ref)
        item = await shop.parked(ref)
        assert item.code is ExceptionCode.STATUS_DRIFT
    finally:
        shop.erp.commerce_down(down=False)
    await shop.resolve(item, ResolutionKind.RETRY)
    await shop.closed(ref)
    assert len(shop.made("item_receipt", ref)) == 1


async def test_R8_an_event_without_the_connections_token_is_refused(shop: ConnectedWorld) -> None:
    url = f"{shop.bridge_url}/v1/inbound/patchworks/events"
    answer = await shop.http.post(url, json={"eventId": "e-1"}, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def _on_hand(shop: ConnectedWorld) -> int:
    """Coats in the sellable location, as the ERP's journal adds them up."""
    entries = shop.erp.journal.entries()
    received = [row for e in entries if e["op"] == "item_receipt" and e["location"] == "01" for row in e["lines"]]
    by_credit = [row for e in entries if e["op"] == "credit_memo" for row in e.get("stock") or []]
    return sum(row["quantity"] for row in (*received, *by_credit) if row["sku"] == COAT)


async def test_E20_an_event_for_a_return_nobody_knows_is_refused_with_words(shop: ConnectedWorld) -> None:
    ref = ReturnRef(connection="uk", return_id="0" * 32)
    url = f"{shop.bridge_url}/v1/inbound/patchworks/events"
    line = {
        "id": "1",
        "orderLineItemId": "1",
        "sku": COAT,
        "quantityReturned": 1,
        "returnReason": "other",
        "inspection": {"dispositionOutcome": "restock", "warehouseLocationId": "LDN-1"},
    }
    event = {
        "eventId": "e-unknown",
        "type": "return.inspected",
        "occurredAt": "2026-02-09T10:00:00Z",
        "return": {
            "externalId": f"reveni:{ref.return_id}",
            "orderId": "1",
            "outcome": "refund",
            "locationId": "LDN-1",
            "returnLineItems": [line],
        },
    }
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "e-unknown"}
    async with asyncio.timeout(PATIENCE):
        answer = await shop.http.post(url, json=event, headers=headers)
    assert answer.status_code == 422
    assert "takes no inspection" in answer.text
