"""Hand-written wire for the Centra sandbox: the contract's own queries, over a real socket."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from sandbox.centra import CentraSandbox
from sandbox.kit.server import serve

ID = "0123456789abcdef0123456789abcdef"
KEY = f"bh-{ID}-r-1"
COAT, SHIRT = "P1001-BLK-080", "P2001-WHT-M"
TOKEN = {"Authorization": "Bearer sandbox-centra-token"}
ORDER_KEY = {"API-Authorization": "sandbox-centra-order-key"}
Node = dict[str, Any]

READ_ORDER = """query O($n:[Int!]){orders(where:{number:$n},limit:1){id number status isOnHold isLocked createdAt
 grandTotal{value currency{code}} totals{shipping{value} handling{value} taxIncluded{value} discounts{value}}
 lines(includeFullyCancelled:true){id quantity cancelledQuantity returnedQuantity taxPercent unitPrice{value}
 unitOriginalPrice{value} lineValue{value} productVariant{id variantNumber} productSize{id SKU EAN}}
 shippingAddress{firstName lastName address1 address2 city zipCode stateOrProvince country{code} email phoneNumber}
 ...on DirectToConsumerOrder{customer{id email}} shipments{id number isShipped lines{id quantity orderLine{id}}}}}"""
CREATE = """mutation R($i:ReturnCreateInput!){createReturn(input:$i){
 return{id returnStatus grandTotal{value} lines{id quantity shipmentLine{id}}}
 userErrors{message path} userWarnings{message path}}}"""
FIND = "query F($e:[String!]){returns(where:{externalId:$e},limit:1){id returnStatus externalId lines{quantity}}}"
CHANGE = "mutation C($i:StockChangeInput!){changeStock(input:$i){stockChange{id} userErrors{message path}}}"


def exact(text: bytes | str) -> Any:
    return json.loads(text, parse_float=Decimal)


@dataclass
class Wire:
    """A client at the running sandbox."""

    centra: CentraSandbox
    http: httpx.AsyncClient

    async def post(self, query: str, headers: dict[str, str] = TOKEN, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return await self.http.post(self.centra.path, json=body, headers=headers)

    async def ask(self, query: str, **variables: Any) -> Node:
        """`data` of an answer without errors."""
        answer = await self.post(query, **variables)
        assert answer.status_code == 200, answer.text
        body: Node = exact(answer.content)
        assert "errors" not in body, body
        data: Node = body["data"]
        return data

    async def do(self, query: str, **variables: Any) -> Node:
        """The payload of one mutation."""
        payload: Node = next(iter((await self.ask(query, **variables)).values()))
        return payload

    async def refused(self, query: str, **variables: Any) -> Node:
        """The only userError of a mutation."""
        (error,) = (await self.do(query, **variables))["userErrors"]
        found: Node = error
        return found

    async def order(self, number: int) -> Node:
        (found,) = (await self.ask(READ_ORDER, n=[number]))["orders"]
        node: Node = found
        return node

    async def shipment(self, number: int, which: int = 0) -> Node:
        found: Node = (await self.order(number))["shipments"][which]
        return found

    async def return_input(self, number: int, units: dict[int, int], which: int = 0, **more: Any) -> Node:
        """Input of createReturn for units of order lines, none of which touch stock."""
        parcel = await self.shipment(number, which)
        ids = {row["orderLine"]["id"]: row["id"] for row in parcel["lines"]}
        lines = [{"shipmentLine": {"id": ids[line]}, "quantity": quantity} for line, quantity in units.items()]
        policy = {"returnStockActionPolicy": {"removeItemsFromStock": True}}
        return {"shipment": {"id": parcel["id"]}, "lines": lines, "externalId": KEY, **policy, **more}

    async def open_return(self, number: int, units: dict[int, int], which: int = 0, **more: Any) -> Node:
        """The new return."""
        payload = await self.do(CREATE, i=await self.return_input(number, units, which, **more))
        assert payload["userErrors"] == []
        found: Node = payload["return"]
        return found

    async def returned(self, do: str, number: int) -> Node:
        """completeReturn, uncompleteReturn, deleteReturn or refundReturn: its payload."""
        fields = "" if do == "deleteReturn" else "return{id returnStatus}"
        return await self.do(f"mutation D($id:Int!){{{do}(id:$id){{{fields} userErrors{{message}}}}}}", id=number)

    async def rest(self, method: str, path: str, body: Node | None = None, **query: str) -> Node:
        address = f"{self.centra.order_api_path}{path}"
        answer = await self.http.request(method, address, json=body, params=query, headers=ORDER_KEY)
        assert answer.status_code == 200, answer.text
        found: Node = exact(answer.content)
        return found


def add_plain_order(centra: CentraSandbox, number: str = "39790", **header: Any) -> None:
    """A coat for 220.50 after discount and three shirts for 54.26, shipping 4.95."""
    lines = [
        {"sku": COAT, "quantity": 1, "price": "245.00", "discount": "24.50"},
        {"sku": SHIRT, "quantity": 3, "price": "19.99", "discount": "5.71"},
    ]
    centra.add_order(number, header.pop("lines", lines), charges=header.pop("charges", {"RM24": "4.95"}), **header)


@asynccontextmanager
async def wire(centra: CentraSandbox | None = None) -> AsyncIterator[Wire]:
    centra = centra or CentraSandbox()
    async with serve(centra.app) as server, httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        yield Wire(centra, http)


def money(value: str, currency: str = "GBP") -> Node:
    """A MonetaryValueInput. JSON numbers are written from their digits."""
    number = Decimal(value)
    return {"value": int(number) if number == int(number) else float(value), "currencyIsoCode": currency}
