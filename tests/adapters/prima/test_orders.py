"""OrderDetail → snapshot: amounts, states, kits; pure, with the XML of the contract."""

from datetime import date
from xml.etree.ElementTree import Element, fromstring

import pytest

from adapters.prima.codec import Record, Unreadable
from adapters.prima.orders import Draft, read
from domain.exceptions import ExceptionCode
from domain.order import Charge, LineTax, OrderStatus, TaxMode
from domain.outcomes import Rejected
from tests.adapters.prima.shop import settings

CONFIG = settings("http://prima.example/wsa", shipping_charges=["RM24"])

#: The answer of the contract, section D, to the letter.
ORDER = """<Data OrderNumber="2011234" PrimaOrder="0098123" OrderStatus="Despatched" OrderType="WEB"
  Archived="No" Customer="C001" Currency="GBP" VatInclusive="Yes" OrderDate="2026-03-14"
  InvoiceNumber="INV55012" CustomerEmail="a@example.com">
 <OrderLineData OrderLine="1" Product="P1001" MtrxCode1="BLK" MtrxCode2="080" MtrxCode3="" MtrxCode4=""
   Quantity="1" DespatchedQuantity="1" ReturnedQuantity="0" Price="245.00" DiscountValue="24.50"
   VatRate="20.00" VatValue="36.75" Warehouse="01" LineReference="L1" KitLine="0"/>
 <OrderChargeData Charge="RM24" ChargeValue="4.95"/>
 <OrderDeliveryData Forename="Ada" Surname="Byron" AddrLine1="1 High St" PostCode="LS1 1AA" Country="GB"/>
</Data>"""


def record(element: Element) -> Record:
    return Record(element.tag, dict(element.attrib), tuple(record(child) for child in element))


def draft(*changes: tuple[str, str]) -> Draft:
    text = ORDER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read(record(fromstring(text)), CONFIG)


def line(number: int, sku: str, quantity: int, price: str, vat: str = "0.00", kit: int = 0) -> str:
    return (
        f'<OrderLineData OrderLine="{number}" Product="{sku}" Quantity="{quantity}" Price="{price}" '
        f'DiscountValue="0.00" VatRate="20.00" VatValue="{vat}" KitLine="{kit}"/>'
    )


def with_lines(*lines: str) -> Draft:
    head, tail = ORDER.split(" <OrderLineData", 1)[0], ORDER[ORDER.index(" <OrderChargeData") :]
    return read(record(fromstring(head + "".join(lines) + tail)), CONFIG)


def refused(*changes: tuple[str, str]) -> ExceptionCode:
    with pytest.raises(Rejected) as refusal:
        draft(*changes)
    return refusal.value.code


def test_the_order_of_the_contract() -> None:
    order = draft().snapshot({})
    assert (order.order_number, order.currency, order.tax_mode) == ("2011234", "GBP", TaxMode.INCLUSIVE)
    assert (order.ordered_on, order.status, order.erp_status) == (
        date(2026, 3, 14),
        OrderStatus.OPEN,
        "Despatched",
    )
    assert (order.customer_ref, order.invoice_number) == ("C001", "INV55012")
    (sold,) = order.lines
    assert (sold.line_id, sold.sku, sold.quantity) == ("1", "P1001-BLK-080", 1)
    assert (sold.gross_of_discount, sold.line_discount) == (24500, 2450)
    assert sold.taxes == (LineTax(code="20.00", rate="20.00", amount=3675),)
    assert order.shipping == (Charge(code="RM24", amount=495),)
    assert (order.fees, order.total) == ((), 22050 + 495)


def test_no_personal_data_is_mapped() -> None:
    text = draft().snapshot({}).model_dump_json()
    assert not [word for word in ("Ada", "Byron", "High St", "LS1", "example.com") if word in text]


def test_other_charges_are_fees() -> None:
    order = draft(('Charge="RM24"', 'Charge="GIFT"')).snapshot({})
    assert (order.shipping, order.fees) == ((), (Charge(code="GIFT", amount=495),))


def test_exclusive_order_adds_stated_tax_to_its_total() -> None:
    order = draft(('VatInclusive="Yes"', 'VatInclusive="No"')).snapshot({})
    assert (order.tax_mode, order.total) == (TaxMode.EXCLUSIVE, 22050 + 3675 + 495)


def test_tax_that_is_only_a_rate_is_computed_for_the_total() -> None:
    order = draft(('VatInclusive="Yes"', 'VatInclusive="No"'), ('VatValue="36.75"', 'VatValue=""')).snapshot({})
    assert order.lines[0].taxes[0].amount is None
    assert order.total == 22050 + 4410 + 495


@pytest.mark.parametrize(
    ("state", "archived", "status"),
    [
        ("Entered", "No", OrderStatus.OPEN),
        ("Held", "No", OrderStatus.OPEN),
        ("Part Despatched", "No", OrderStatus.OPEN),
        ("PART DESPATCHED", "No", OrderStatus.OPEN),
        ("Invoiced", "No", OrderStatus.OPEN),
        ("Despatched", "Yes", OrderStatus.LOCKED),
        ("Closed", "No", OrderStatus.LOCKED),
        ("Cancelled", "Yes", OrderStatus.CANCELLED),
    ],
)
def test_R16_states(state: str, archived: str, status: OrderStatus) -> None:
    order = draft(('OrderStatus="Despatched"', f'OrderStatus="{state}"'), ('Archived="No"', f'Archived="{archived}"'))
    assert order.snapshot({}).status is status


def test_an_unknown_state_is_named_and_parks() -> None:
    with pytest.raises(Rejected, match="'Frozen'") as refusal:
        draft(('OrderStatus="Despatched"', 'OrderStatus="Frozen"'))
    assert refusal.value.code is ExceptionCode.ORDER_LOCKED


def test_amounts_that_cannot_be_held_park() -> None:
    assert refused(('Price="245.00"', 'Price="245.005"')) is ExceptionCode.AMOUNT_PRECISION
    assert refused(('DiscountValue="24.50"', 'DiscountValue="24.505"')) is ExceptionCode.AMOUNT_PRECISION
    assert refused(('Currency="GBP"', 'Currency="JPY"')) is ExceptionCode.AMOUNT_PRECISION


def test_negative_lines_park() -> None:
    assert refused(('DiscountValue="24.50"', 'DiscountValue="300.00"')) is ExceptionCode.SNAPSHOT_NOT_FOOTING
    assert refused(('Price="245.00"', 'Price="-245.00"')) is ExceptionCode.SNAPSHOT_NOT_FOOTING


@pytest.mark.parametrize("name", ["OrderNumber", "Currency", "VatInclusive", "OrderDate", "Quantity", "VatRate"])
def test_missing_attributes_are_unreadable(name: str) -> None:
    with pytest.raises(Unreadable, match=name):
        draft((f" {name}=", f" Old{name}="))


def test_lines_taken_off_the_order_are_left_out() -> None:
    order = with_lines(line(1, "A", 0, "5.00"), line(2, "B", 1, "7.00", "1.17")).snapshot({})
    assert [sold.sku for sold in order.lines] == ["B"]


def test_R33_kit_with_part_lines() -> None:
    """The kit holds the money; its parts are components that know their own order line."""
    order = with_lines(
        line(1, "KIT", 2, "79.99", "26.66"),
        line(2, "SCARF", 2, "0.00", kit=1),
        line(3, "CANDLE", 4, "0.00", kit=1),
        line(4, "HAT", 1, "10.00", "1.67"),
    )
    kit, hat = order.snapshot({}).lines
    assert (kit.sku, kit.gross_of_discount, hat.sku) == ("KIT", 15998, "HAT")
    found = [(part.sku, part.quantity_per_bundle, part.weight, part.order_line_id) for part in kit.components]
    assert found == [("SCARF", 1, 1, "2"), ("CANDLE", 2, 2, "3")]
    assert order.sold_skus == ["HAT"]


def test_R33_priced_parts_are_ordinary_lines() -> None:
    order = with_lines(line(1, "KIT", 1, "0.00"), line(2, "A", 1, "5.00", kit=1), line(3, "B", 1, "0.00", kit=1))
    lines = order.snapshot({}).lines
    assert [(sold.sku, sold.line_id, sold.components) for sold in lines] == [("A", "2", ()), ("B", "3", ())]


def test_R33_kit_priced_twice_parks() -> None:
    with pytest.raises(Rejected) as refusal:
        with_lines(line(1, "KIT", 1, "9.00"), line(2, "A", 1, "5.00", kit=1))
    assert refusal.value.code is ExceptionCode.SNAPSHOT_NOT_FOOTING


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((line(1, "KIT", 2, "9.00"), line(2, "A", 3, "0.00", kit=1)), id="broken units"),
        pytest.param(
            (line(1, "KIT", 1, "9.00"), line(2, "BOX", 1, "0.00", kit=1), line(3, "A", 1, "0.00", kit=2)),
            id="kit in a kit",
        ),
    ],
)
def test_R33_recipes_that_make_no_sense_park(lines: tuple[str, ...]) -> None:
    with pytest.raises(Rejected) as refusal:
        with_lines(*lines)
    assert refusal.value.code is ExceptionCode.BUNDLE_RECIPE_MISSING


def test_R33_recipe_of_the_item_master() -> None:
    order = with_lines(line(1, "KIT", 1, "9.00"), line(2, "A", 1, "5.00"))
    assert order.sold_skus == ["KIT", "A"]
    kit, plain = order.snapshot({"KIT": {"A": 1, "B": 2}, "A": {}}).lines
    assert [(part.sku, part.weight, part.order_line_id) for part in kit.components] == [
        ("A", 1, ""),
        ("B", 2, ""),
    ]
    assert plain.components == ()


def test_a_part_without_its_kit_is_an_ordinary_line() -> None:
    assert [sold.sku for sold in with_lines(line(2, "A", 1, "5.00", kit=9)).snapshot({}).lines] == ["A"]
