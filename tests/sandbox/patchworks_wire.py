"""Hand-written wire for the Patchworks sandbox: JSON as in the vendor contract, over a real socket."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from sandbox.kit.server import serve
from sandbox.patchworks import PatchworksSandbox

HEADERS = {
    "patchworks-signature": "sandbox-patchworks-signature",
    "Content-Type": "application/json",
    "Accept": "application/json",
}
CORE = {"Authorization": "sandbox-patchworks-key", "Content-Type": "application/json", "Accept": "application/json"}
ID = "0123456789abcdef0123456789abcdef"
KEY = f"bh-{ID}-r-1"
ORDER, SHIRT, PULLOVER = "7000000000001", "P2001-WHT-M", "P2002-BLU-L"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
Json = dict[str, Any]


@dataclass
class Wire:
    """A client at the running sandbox."""

    sandbox: PatchworksSandbox
    http: httpx.AsyncClient

    async def post(self, body: Json) -> httpx.Response:
        return await self.http.post(self.sandbox.callback_path, content=json.dumps(body), headers=HEADERS)

    async def ask(self, operation: str, key: str = "read-1", **blocks: Any) -> Json:
        """The one element of the reply; amounts are Decimal."""
        answer = await self.post({"operation": operation, "idempotencyKey": key, **blocks})
        assert answer.status_code == 200, answer.text
        elements = json.loads(answer.text, parse_float=Decimal)
        assert isinstance(elements, list) and len(elements) == 1
        element: Json = elements[0]
        assert (element["operation"], element["idempotencyKey"]) == (operation, key)
        return element

    async def refused(self, operation: str, key: str = "read-1", **blocks: Any) -> str:
        """The code of the error."""
        element = await self.ask(operation, key, **blocks)
        assert element["status"] == "error", element
        code: str = element["error"]["code"]
        return code

    async def open_return(self, key: str = KEY, **facts: Any) -> Json:
        return await self.ask("create_return", key, **new_return(**facts))

    async def opened(self, key: str = KEY, **facts: Any) -> str:
        """The number of a new return authorization."""
        element = await self.open_return(key, **facts)
        assert element["status"] == "ok", element
        number: str = element["erp"]["documentNumber"]
        return number

    async def known(self, key: str) -> Json:
        return await self.ask("get_operation", key)

    def made(self, op: str) -> int:
        return len(self.sandbox.journal.entries(op))

    def stock(self, sku: str, location: str) -> int:
        return self.sandbox.world.on_hand(sku, location)


@asynccontextmanager
async def wire(sandbox: PatchworksSandbox | None = None) -> AsyncIterator[Wire]:
    sandbox = sandbox or PatchworksSandbox(clock=lambda: NOW)
    async with serve(sandbox.app) as server, httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        yield Wire(sandbox, http)


def new_return(
    order: str = ORDER, line: str = "1", sku: str = SHIRT, quantity: int = 1, standalone: bool = False
) -> Json:
    row = {
        "id": "1", "orderLineItemId": line, "sku": sku, "quantityReturned": quantity, "returnReason": "TS",
        "unitPrice": 18,
    }  # fmt: skip
    fields = [{"name": "standalone", "value": "true" if standalone else "false"}]
    goods = {
        "externalId": f"reveni:{ID}", "orderId": order, "status": "approved", "outcome": "refund",
        "returnTotal": 18, "returnLineItems": [row], "exchangeLineItems": [], "customFields": fields,
    }  # fmt: skip
    return {"return": goods}


def receipt(
    number: str, location: str = "DM", quantity: int = 1, sku: str = SHIRT, line: str = "1", order: str = ORDER
) -> Json:
    row = {
        "id": line, "sku": sku, "quantityReturned": quantity,
        "inspection": {"warehouseLocationId": location, "dispositionOutcome": "restock"},
    }  # fmt: skip
    goods = {
        "externalId": f"reveni:{ID}", "returnNumber": number, "orderId": order, "locationId": location,
        "receivedAt": "2026-03-20T00:00:00Z", "returnLineItems": [row],
    }  # fmt: skip
    return {"return": goods}


def credit(
    number: str,
    amount: str = "18.09",
    quantity: int = 1,
    price: str | None = None,
    order: str = ORDER,
    currency: str = "GBP",
    on: str = "2026-03-20",
    tax: str = "3.01",
    included: bool = True,
    sku: str = SHIRT,
    charges: list[Json] | None = None,
) -> Json:
    row = {
        "id": "1", "orderLineItemId": "1", "sku": sku, "quantity": quantity, "unitPrice": price or amount,
        "taxAmount": tax, "taxCode": "S", "taxRate": "20.00",
    }  # fmt: skip
    note = {
        "amount": amount, "taxAmount": tax, "taxIncluded": included, "reason": "refund", "paidBy": "platform",
        "invoiceNumber": "", "date": on, "lines": [row], "charges": charges or [],
    }  # fmt: skip
    goods = {"externalId": f"reveni:{ID}", "returnNumber": number, "orderId": order}
    return {"currency": currency, "return": goods, "creditNote": note}


def exchange(
    number: str, key: str, sku: str = SHIRT, quantity: int = 1, order: str = ORDER, due: float | None = None
) -> Json:
    goods = {
        "externalId": f"reveni:{ID}", "returnNumber": number, "orderId": order,
        "exchangeLineItems": [{"id": "1", "sku": sku, "quantity": quantity, "unitPrice": 0}],
    }  # fmt: skip
    facts: Json = {
        "zeroPayable": due is None, "originalOrderId": order, "platformOrderId": key, "orderNumber": key,
        "returnNumber": number, "orderType": "EXCHANGE",
    }  # fmt: skip
    if due is not None:
        facts |= {"amountDue": due, "feeCode": "EXCH"}
    return {"currency": "GBP", "return": goods, "exchange": facts}


def cancel(number: str = "", key: str = "") -> Json:
    return {"cancel": {"documentNumber": number, "documentKey": key, "reason": "called off"}}
