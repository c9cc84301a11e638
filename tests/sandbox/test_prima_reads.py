"""OrderDetail, ProductDetail and stock reads as in the contract's samples."""

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.prima_wire import SKU, Wire, new_return, receipt, wire


@pytest.fixture
async def prima() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


async def test_order_detail_has_exactly_the_contract_s_attributes(prima: Wire) -> None:
    data = (await prima.ask("OrderDetail", '<Data OrderNumber="2011234"/>')).data
    assert set(data.attrib) == set(
        "OrderNumber PrimaOrder OrderStatus OrderType Archived Customer Currency VatInclusive OrderDate "
        "InvoiceNumber CustomerEmail".split()
    )
    line = data.find("OrderLineData")
    assert line is not None
    assert line.attrib == {
        "OrderLine": "1", "Product": "P1001", "MtrxCode1": "BLK", "MtrxCode2": "080", "MtrxCode3": "",
        "MtrxCode4": "", "Quantity": "1", "DespatchedQuantity": "1", "ReturnedQuantity": "0",
        "Price": "245.00", "DiscountValue": "24.50", "VatRate": "20.00", "VatValue": "36.75",
        "Warehouse": "01", "LineReference": "L1", "KitLine": "0",
    }  # fmt: skip
    charge, delivery = data.find("OrderChargeData"), data.find("OrderDeliveryData")
    assert charge is not None
    assert charge.attrib == {"Charge": "RM24", "ChargeValue": "4.95"}
    assert delivery is not None
    assert set(delivery.attrib) == {"Forename", "Surname", "AddrLine1", "AddrLine2", "PostCode", "Country"}


@pytest.mark.parametrize(
    ("number", "price", "vat"),
    [("2011236", "100.00", "36.00"), ("2011237", "1100", "272"), ("2011238", "6.375", "0.000")],
)
async def test_amounts_have_the_decimals_of_the_currency(prima: Wire, number: str, price: str, vat: str) -> None:
    line = (await prima.ask("OrderDetail", f'<Data OrderNumber="{number}"/>')).data.find("OrderLineData")
    assert line is not None
    assert (line.get("Price"), line.get("VatValue")) == (price, vat)


async def test_a_kit_order_shows_the_kit_and_its_parts(prima: Wire) -> None:
    data = (await prima.ask("OrderDetail", '<Data OrderNumber="2011239"/>')).data
    rows = [(row.get("Product"), row.get("Quantity"), row.get("KitLine")) for row in data.findall("OrderLineData")]
    assert rows == [("P4000", "2", "0"), ("P4001", "2", "1"), ("P4002", "2", "1"), ("P4003", "4", "1")]
    assert [row.get("Price") for row in data.findall("OrderLineData")] == ["79.99", "0.00", "0.00", "0.00"]
    item = (await prima.ask("ProductDetail", '<Data><sku Product="P4000" MtrxCode1="GIFT"/></Data>')).data.find("SKU")
    assert item is not None
    assert item.get("Kit") == "Yes"
    assert [(part.get("Product"), part.get("Quantity")) for part in item.findall("KitData")] == [
        ("P4001", "1"), ("P4002", "1"), ("P4003", "2"),
    ]  # fmt: skip


async def test_an_archived_order_is_readable(prima: Wire) -> None:
    data = (await prima.ask("OrderDetail", '<Data OrderNumber="2011240"/>')).data
    assert (data.get("Archived"), data.get("OrderStatus")) == ("Yes", "Closed")


async def test_unknown_orders_are_not_found(prima: Wire) -> None:
    for message in ("OrderDetail", "OrderStatus"):
        assert (await prima.ask(message, '<Data OrderNumber="nope"/>')).code == "NOTFOUND"


async def test_unknown_and_inactive_items_are_rows(prima: Wire) -> None:
    jumper = '<sku Product="P2002" MtrxCode1="BLU" MtrxCode2="L"/>'
    rows = f'<sku Product="NOPE"/><sku Product="P9001" MtrxCode1="OLD"/>{jumper}'
    unknown, inactive, active = (await prima.ask("ProductDetail", f"<Data>{rows}</Data>")).data.findall("SKU")
    assert (unknown.get("Active"), unknown.get("RowError")) == ("No", "Product not found")
    assert (inactive.get("Active"), inactive.get("RowError")) == ("No", None)
    assert (active.get("Active"), active.get("Description")) == ("Yes", "Müller & Söhne Pullover")
    prima.prima.set_item_active("P9001-OLD", True)
    again = (await prima.ask("ProductDetail", f"<Data>{rows}</Data>")).data.findall("SKU")
    assert again[1].get("Active") == "Yes"


async def test_receipts_show_in_stock_and_on_the_order(prima: Wire) -> None:
    number = (await prima.ask("NewReturn", new_return())).data.get("ReturnNumber", "")
    assert (await prima.ask("ReturnReceipt", receipt(number, depot="QT"))).ok
    stock = (await prima.ask("DepotStock", f"<Data><sku {SKU}/></Data>")).data
    held = {row.get("Depot"): row.get("PhysicalQuantity") for row in stock.findall("SKU")}
    assert held == {"01": "12", "02": "0", "QT": "1", "DM": "0", "HC": "0"}
    line = (await prima.ask("OrderDetail", '<Data OrderNumber="2011234"/>')).data.find("OrderLineData")
    assert line is not None
    assert line.get("ReturnedQuantity") == "1"
    sellable = (await prima.ask("MultiAvailableToSell", f"<Data><sku {SKU}/></Data>")).data.find("SKU")
    assert sellable is not None
    assert sellable.get("AvailableQuantity") == "12"


async def test_stock_of_one_depot_and_refusals(prima: Wire) -> None:
    one = (await prima.ask("DepotStock", f'<Data Depot="01"><sku {SKU}/></Data>')).data.findall("SKU")
    assert [row.get("AvailableQuantity") for row in one] == ["12"]
    assert (await prima.ask("DepotStock", f'<Data Depot="ZZ"><sku {SKU}/></Data>')).code == "DEPOT"
    assert (await prima.ask("DepotStock", '<Data><sku Product="NOPE"/></Data>')).code == "SKU"
