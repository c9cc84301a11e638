"""The read API's answers: rows as JSON. Money is text with two decimals (three where the currency has them)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.bluecherry.model import Item, Memo, Order, OrderLine, Ra, Sku
from sandbox.bluecherry.money import write_amount
from sandbox.bluecherry.state import WAREHOUSES, World

Json = dict[str, Any]


class NotServed(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Ask:
    """One request: what it asks by, and how far back it must look (`as_of` says when that was)."""

    world: World
    query: dict[str, str]
    lag: float
    as_of: str

    def __getitem__(self, name: str) -> str:
        """A needed parameter."""
        if not (text := self.query.get(name, "")):
            raise NotServed(400, "BAD_REQUEST", f"{name} is needed")
        return text

    def allow(self, *names: str) -> None:
        """Refuse misspelt parameters instead of ignoring them."""
        if unknown := self.query.keys() - set(names):
            raise NotServed(400, "BAD_REQUEST", f"{min(unknown)} is not a parameter of this call")

    @property
    def ours(self) -> bool:
        """Whether it asks for this division."""
        return self["division"] == self.world.division


def order(ask: Ask, number: str) -> Json:
    """`GET /orders/{orderNo}`."""
    ask.allow("division")
    found = ask.world.orders.get(number, ask.lag) if ask.ours else None
    if found is None:
        raise NotServed(404, "NOT_FOUND", f"order {number} not found")
    return _order(ask, found)


def items(ask: Ask) -> list[Json]:
    """`GET /items` by UPC, or by all four parts of a SKU."""
    ask.allow("upc", "style", "color", "dim", "size")
    if ask.query.get("upc"):
        found = [row for row in ask.world.items.values(ask.lag) if row.upc == ask["upc"]]
    else:
        row = ask.world.items.get(Sku(ask["style"], ask["color"], ask["size"], ask["dim"]), ask.lag)
        found = [row] if row else []
    return [_item(row) for row in found]


def stock(ask: Ask) -> list[Json]:
    """`GET /stock` of one warehouse: one SKU by its UPC, else all that were ever there."""
    ask.allow("warehouse", "upc")
    warehouse, upc = ask["warehouse"], ask.query.get("upc")
    if warehouse not in WAREHOUSES:
        raise NotServed(404, "NOT_FOUND", f"warehouse {warehouse} not found")
    if upc:
        skus = [row.sku for row in ask.world.items.values(ask.lag) if row.upc == upc]
    else:
        skus = sorted({sku for place, sku, _ in ask.world.stock if place == warehouse})
    return [_stock(ask, warehouse, sku) for sku in skus]


def returns(ask: Ask) -> list[Json]:
    """`GET /returns` by EXTREF."""
    ask.allow("division", "extRef")
    found = _claimed(ask, "RAH")
    row = ask.world.returns.get(found, ask.lag) if found else None
    return [_ra(row)] if row else []


def ra(ask: Ask, number: str) -> Json:
    """`GET /returns/{raNo}`."""
    ask.allow("division")
    if (found := ask.world.returns.get(number, ask.lag)) is None:
        raise NotServed(404, "NOT_FOUND", f"RA {number} not found")
    return _ra(found)


def sales_orders(ask: Ask) -> list[Json]:
    """`GET /salesorders` by EXTREF."""
    ask.allow("division", "extRef")
    found = _claimed(ask, "SOH")
    row = ask.world.orders.get(found, ask.lag) if found else None
    return [_sales_order(row)] if row else []


def credit_memos(ask: Ask) -> list[Json]:
    """`GET /creditmemos` dated within both days, lowest number first."""
    ask.allow("division", "dateFrom", "dateTo", "page")
    first, last = _day(ask, "dateFrom"), _day(ask, "dateTo")
    rows = ask.world.memos.values(ask.lag) if ask.ours else []
    return [_memo(row) for row in rows if first <= f"{row.day:%Y%m%d}" <= last]


LISTS: dict[str, Callable[[Ask], list[Json]]] = {
    "items": items,
    "stock": stock,
    "returns": returns,
    "salesorders": sales_orders,
    "creditmemos": credit_memos,
}
SINGLES: dict[str, Callable[[Ask, str], Json]] = {"orders": order, "returns": ra}


def _claimed(ask: Ask, kind: str) -> str:
    claim = ask.world.claims.get((kind, ask["extRef"])) if ask.ours else None
    return claim.number if claim else ""


def _day(ask: Ask, name: str) -> str:
    text = ask[name]
    if len(text) != 8 or not text.isdecimal():
        raise NotServed(400, "BAD_REQUEST", f"{name} is not a date YYYYMMDD")
    return text


def _order(ask: Ask, row: Order) -> Json:
    money = row.currency
    invoices = []
    if row.invoice:
        day = row.invoiced_on or row.ordered_on
        invoices = [{"invoiceNo": row.invoice, "date": f"{day:%Y%m%d}", "total": write_amount(row.total, money)}]
    return {
        "orderNo": row.number,
        "division": ask.world.division,
        "status": row.status,
        "archived": row.archived,
        "orderType": row.order_type,
        "customerNo": row.customer,
        "currency": money,
        "orderDate": f"{row.ordered_on:%Y%m%d}",
        "invoices": invoices,
        "shipTo": dict(row.ship_to),
        "freight": write_amount(row.freight, money),
        "taxTotal": write_amount(row.tax, money),
        "total": write_amount(row.total, money),
        "lines": [_line(ask, line, money) for line in row.lines],
    }


def _line(ask: Ask, row: OrderLine, money: str) -> Json:
    item = ask.world.items.get(row.sku, ask.lag)
    return {
        "lineNo": row.line,
        **row.sku.fields,
        "upc": item.upc if item else "",
        "qtyOrdered": row.ordered,
        "qtyShipped": row.shipped,
        "qtyReturned": row.returned,
        "unitPrice": write_amount(row.unit_price, money),
        "discount": write_amount(row.discount, money),
        "tax": write_amount(row.tax, money),
        "kitParentLine": row.kit_parent,
    }


def _item(row: Item) -> Json:
    return {
        **row.sku.fields,
        "upc": row.upc,
        "description": row.description,
        "active": row.active,
        "isPrepack": bool(row.components),
        "components": [{**sku.fields, "qty": quantity} for sku, quantity in row.components],
    }


def _stock(ask: Ask, warehouse: str, sku: Sku) -> Json:
    return {
        "warehouse": warehouse,
        **sku.fields,
        "onHand": ask.world.on_hand(warehouse, sku, ask.lag),
        "allocated": ask.world.promised(warehouse, sku, ask.lag),
        "available": ask.world.available(warehouse, sku, ask.lag),
        "asOf": ask.as_of,
    }


def _ra(row: Ra) -> Json:
    return {
        "raNo": row.number,
        "extRef": row.ext_ref,
        "orderNo": row.order,
        "status": row.status,
        "lines": [{"lineNo": line.line, "qty": line.quantity, "qtyReceived": line.received} for line in row.lines],
    }


def _sales_order(row: Order) -> Json:
    return {
        "orderNo": row.number,
        "extRef": row.ext_ref,
        "orderType": row.order_type,
        "status": row.status,
        "linkedRaNo": row.linked_ra,
        "total": write_amount(row.total, row.currency),
    }


def _memo(row: Memo) -> Json:
    money = row.currency
    return {
        "cmNo": row.number,
        "extRef": row.ext_ref,
        "raNo": row.ra,
        "invoiceNo": row.invoice,
        "date": f"{row.day:%Y%m%d}",
        "currency": money,
        "subtotal": write_amount(row.subtotal, money),
        "tax": write_amount(row.tax, money),
        "freight": write_amount(row.freight, money),
        "fees": write_amount(row.fees, money),
        "total": write_amount(row.total, money),
        "status": row.status,
        "voidedBy": row.voided_by or None,
    }
