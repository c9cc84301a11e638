"""R3, R7, R33, R125: the order as the basis of money, from the read API's JSON."""

from datetime import date
from typing import Any

import pytest

from adapters.bluecherry import orders
from adapters.bluecherry.wire import WireItem, WireOrder
from domain.documents import ItemRecord
from domain.exceptions import ExceptionCode
from domain.order import Charge, Component, LineTax, OrderStatus, TaxMode
from domain.outcomes import Rejected, RetryLater
from domain.slots import value_order
from tests.adapters.bluecherry.samples import COAT, SHIRT
from tests.adapters.bluecherry.shop import Shop


def line(number: int = 1, **changes: Any) -> dict[str, Any]:
    item = {"style": "P1001", "color": "BLK", "dim": "-", "size": "080"}
    money = {"unitPrice": "100.00", "discount": "0.00", "tax": "20.00"}
    return {"lineNo": number, **item, "qtyOrdered": 1, **money, "kitParentLine": None} | changes


def order(*lines: dict[str, Any], **changes: Any) -> WireOrder:
    body = {
        "orderNo": "SO1",
        "status": "SHIPPED",
        "archived": False,
        "customerNo": "C1",
        "currency": "GBP",
        "orderDate": "20260314",
        "invoices": [{"invoiceNo": "INV1"}],
        "shipTo": {"name": "Ada Byron"},
        "freight": "0.00",
        "taxTotal": "20.00",
        "total": "120.00",
        "lines": list(lines) or [line()],
    }
    return WireOrder.model_validate(body | changes)


def part(number: int, parent: int, **changes: Any) -> dict[str, Any]:
    return line(number, kitParentLine=parent, unitPrice="0.00", tax="0.00", **changes)


def read_fails(wire: WireOrder) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        orders.snapshot(wire, "-")
    return refusal.value


def test_R125_the_order_with_every_amount() -> None:
    lines = [line(unitPrice="110.00", discount="10.00"), line(2, size="M", qtyOrdered=2, unitPrice="9.99", tax="0.00")]
    wire = order(*lines, freight="5.00", taxTotal="21.00", total="145.98")
    found = orders.snapshot(wire, "-")
    assert (found.tax_mode, found.ordered_on, found.customer_ref) == (TaxMode.EXCLUSIVE, date(2026, 3, 14), "C1")
    assert (found.invoice_number, found.status, found.total) == ("INV1", OrderStatus.OPEN, 14598)
    assert [(row.sku, row.gross_of_discount, row.line_discount) for row in found.lines] == [
        (COAT, 11000, 1000),
        ("P1001-BLK-M", 1998, 0),
    ]
    assert found.lines[0].taxes == (LineTax(code="TAX", rate="20.00", amount=2000),)
    assert found.lines[1].taxes == ()
    assert found.shipping == (Charge(code="FREIGHT", amount=500, tax=100),)
    value_order(found)
    assert "Byron" not in repr(found)
    assert "Byron" not in repr(wire)


@pytest.mark.parametrize(
    ("currency", "price", "minor"), [("JPY", "1100.00", 1100), ("KWD", "6.375", 6375), ("USD", "6.37", 637)]
)
def test_amounts_are_exact_in_0_2_and_3_decimals(currency: str, price: str, minor: int) -> None:
    wire = order(line(unitPrice=price, tax="0"), currency=currency, taxTotal="0", total=price)
    assert orders.snapshot(wire, "-").lines[0].gross_of_discount == minor


def test_an_amount_that_would_have_to_be_rounded_is_refused() -> None:
    assert read_fails(order(line(unitPrice="6.375"))).code is ExceptionCode.AMOUNT_PRECISION


@pytest.mark.parametrize(
    ("status", "archived", "ours"),
    [
        ("OPEN", False, OrderStatus.OPEN),
        ("INVOICED", True, OrderStatus.LOCKED),
        ("CLOSED", False, OrderStatus.LOCKED),
        ("CANCELLED", True, OrderStatus.CANCELLED),
    ],
)
def test_R16_closed_and_archived_orders_are_locked(status: str, archived: bool, ours: OrderStatus) -> None:
    assert orders.snapshot(order(status=status, archived=archived), "-").status is ours


def test_a_state_that_is_not_known_is_not_guessed() -> None:
    assert read_fails(order(status="MOON")).code is ExceptionCode.ORDER_LOCKED


def test_an_order_without_an_invoice_or_a_date() -> None:
    assert orders.snapshot(order(invoices=[]), "-").invoice_number == ""
    with pytest.raises(RetryLater):
        orders.snapshot(order(orderDate="14.3.2026"), "-")


def test_R33_parts_of_a_prepack_are_its_components() -> None:
    wire = order(line(qtyOrdered=2), part(2, 1, size="M", qtyOrdered=2), part(3, 1, size="L", qtyOrdered=4))
    (row,) = orders.snapshot(wire, "-").lines
    assert row.components == (
        Component(sku="P1001-BLK-M", quantity_per_bundle=1, weight=1, order_line_id="2"),
        Component(sku="P1001-BLK-L", quantity_per_bundle=2, weight=2, order_line_id="3"),
    )


def test_R33_parts_with_prices_are_ordinary_lines() -> None:
    free = line(unitPrice="0.00", tax="0.00")
    found = orders.snapshot(order(free, line(2, kitParentLine=1), total="120.00"), "-")
    assert [row.line_id for row in found.lines] == ["2"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line(), line(2, kitParentLine=1)], ExceptionCode.SNAPSHOT_NOT_FOOTING),
        ([line(qtyOrdered=2), part(2, 1, qtyOrdered=3)], ExceptionCode.BUNDLE_RECIPE_MISSING),
        ([line(), part(2, 1), part(3, 2)], ExceptionCode.BUNDLE_RECIPE_MISSING),
        ([line(discount="200.00")], ExceptionCode.SNAPSHOT_NOT_FOOTING),
        ([line(style="P-1")], ExceptionCode.SKU_NOT_IN_MASTER),
    ],
)
def test_R33_lines_that_cannot_be_valued(lines: list[dict[str, Any]], code: ExceptionCode) -> None:
    assert read_fails(order(*lines)).code is code


def test_R33_a_prepack_without_parts_is_refused() -> None:
    item = WireItem.model_validate({"style": "SET", "active": True, "isPrepack": True})
    with pytest.raises(Rejected) as refusal:
        orders.item_record("SET", item, "-")
    assert refusal.value.code is ExceptionCode.BUNDLE_RECIPE_MISSING


async def test_R6_the_item_master_is_definitive(bluecherry: Shop) -> None:
    bluecherry.sandbox.set_item_active(SHIRT, False)
    found = await bluecherry.erp.check_items([COAT, SHIRT, "NOPE-1", "SET1"])
    assert found == [
        ItemRecord(sku=COAT, active=True),
        ItemRecord(sku=SHIRT, active=False),
        ItemRecord(sku="NOPE-1", active=False),
        ItemRecord(sku="SET1", active=True, components={COAT: 1, SHIRT: 2}),
    ]


async def test_R125_an_order_of_the_sandbox_adds_up(bluecherry: Shop) -> None:
    found = await bluecherry.erp.read_order("2011234")
    value_order(found)
    assert [row.sku for row in found.lines] == [COAT, SHIRT]
    assert found.shipping == (Charge(code="FREIGHT", amount=495),)


async def test_R33_a_prepack_whose_parts_are_not_on_the_order(bluecherry: Shop) -> None:
    bluecherry.sandbox.add_order("2011777", [{"sku": "SET1", "price": "100.00"}])
    (row,) = (await bluecherry.erp.read_order("2011777")).lines
    assert {part.sku: part.quantity_per_bundle for part in row.components} == {COAT: 1, SHIRT: 2}


async def test_R126_stock_is_told_by_division_and_warehouse(bluecherry: Shop) -> None:
    rows = await bluecherry.erp.depot_stock([COAT, COAT])
    assert [(row.sku, row.depot, row.physical) for row in rows if row.physical] == [(COAT, "10/01", 5)]
    with pytest.raises(Rejected) as refusal:
        await bluecherry.erp.depot_stock(["NOPE-1"])
    assert refusal.value.code is ExceptionCode.SKU_NOT_IN_MASTER
