"""get_order → the snapshot that all money comes from."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapters.patchworks.orders import missing_data, snapshot
from adapters.patchworks.shapes import WireOrder
from domain.exceptions import ExceptionCode as E
from domain.order import OrderSnapshot, OrderStatus, TaxMode
from domain.outcomes import Rejected
from domain.slots import value_order

SAMPLE = """{
  "id": "7000000000001", "orderNumber": "7000000000001", "status": "Billed", "archived": false, "currency": "GBP",
  "taxIncluded": true, "orderDate": "2026-03-14",
  "customer": {"id": "C001", "email": "a@example.com", "firstName": "A", "lastName": "B"},
  "shippingAddress": {"firstName": "A", "lastName": "B", "address1": "1 High St", "address2": "", "city": "Leeds",
                      "zipCodeOrPostalCode": "LS1 1AA", "country": "GB"},
  "lineItems": [{"id": "1", "sku": "P1001-BLK-080", "quantity": 3, "unitPrice": 19.99, "lineDiscount": 0,
    "taxCode": "S", "taxRate": "20.00", "taxAmount": 9.04, "quantityFulfilled": 3, "quantityReturnable": 3,
    "components": []}],
  "discounts": [{"type": "order", "amount": 10.00}], "shippingPrice": 5.95, "fees": [{"code": "FEE1", "amount": 0}],
  "rounding": 0, "totalPrice": 55.92, "invoices": [{"number": "INV55012", "total": 55.92, "amountDue": 55.92}]}"""


def wire(text: str = SAMPLE, **changes: Any) -> WireOrder:
    return WireOrder.model_validate(json.loads(text, parse_float=Decimal) | changes)


def read(**changes: Any) -> OrderSnapshot:
    return snapshot(wire(**changes))


def line(**changes: Any) -> dict[str, Any]:
    found = json.loads(SAMPLE, parse_float=Decimal)["lineItems"][0]
    return found | changes  # type: ignore[no-any-return]


def rejection(**changes: Any) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        read(**changes)
    return refusal.value


def test_the_agreed_sample_is_read_to_the_last_amount() -> None:
    order = read()
    assert (order.order_number, order.currency, order.tax_mode) == ("7000000000001", "GBP", TaxMode.INCLUSIVE)
    assert (order.ordered_on, order.status, order.erp_status) == (date(2026, 3, 14), OrderStatus.OPEN, "Billed")
    assert (order.customer_ref, order.invoice_number) == ("C001", "INV55012")
    (coat,) = order.lines
    assert (coat.line_id, coat.sku, coat.quantity, coat.gross_of_discount) == ("1", "P1001-BLK-080", 3, 5997)
    (tax,) = coat.taxes
    assert (tax.code, tax.rate, tax.amount) == ("S", "20.00", 904)
    assert [discount.amount for discount in order.discounts] == [1000]
    assert [(charge.code, charge.amount) for charge in order.shipping] == [("shipping", 595)]
    assert order.fees == ()
    assert order.total == 5592
    assert value_order(order).lines  # it adds up


def test_nothing_personal_is_in_the_snapshot_or_a_repr() -> None:
    assert "Leeds" not in read().model_dump_json()
    assert "Leeds" not in repr(wire())


@pytest.mark.parametrize(
    ("currency", "price", "total", "minor"),
    [("JPY", 1100, 3300, 3300), ("GBP", Decimal("19.99"), "59.97", 5997), ("KWD", "6.375", "19.125", 19125)],
)
def test_N4_amounts_are_exact_in_0_2_and_3_decimals(currency: str, price: Any, total: Any, minor: int) -> None:
    plain = line(unitPrice=price, taxAmount=0)
    order = read(currency=currency, lineItems=[plain], discounts=[], shippingPrice=0, totalPrice=total)
    assert order.lines[0].gross_of_discount == minor == order.total


def test_only_the_line_has_to_be_exact_not_its_unit_price() -> None:
    third = line(unitPrice="3.3333333", quantity=3, taxAmount=0)
    assert rejection(lineItems=[third]).code is E.AMOUNT_PRECISION
    assert read(lineItems=[line(unitPrice="2.505", quantity=2)]).lines[0].gross_of_discount == 501


def test_amounts_that_the_currency_cannot_hold_are_refused_not_rounded() -> None:
    assert rejection(totalPrice="55.925").code is E.AMOUNT_PRECISION
    assert rejection(currency="JPY").code is E.AMOUNT_PRECISION


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "Closed"}, OrderStatus.LOCKED),
        ({"status": "closed"}, OrderStatus.LOCKED),
        ({"archived": True}, OrderStatus.LOCKED),
        ({"status": "Cancelled", "archived": True}, OrderStatus.CANCELLED),
        ({"status": "Pending Fulfillment"}, OrderStatus.OPEN),
    ],
)
def test_R16_what_the_erp_still_allows(changes: dict[str, Any], status: OrderStatus) -> None:
    assert read(**changes).status is status


def test_an_unknown_state_locks_the_order() -> None:
    refusal = rejection(status="Sleeping")
    assert (refusal.code, refusal.vendor_code) == (E.ORDER_LOCKED, "Sleeping")


def test_exclusive_orders_have_tax_on_their_charges_too() -> None:
    order = read(
        taxIncluded=False,
        lineItems=[line(quantity=1, unitPrice="100.00", taxAmount="20.00")],
        discounts=[],
        shippingPrice="5.00",
        shippingTax="1.00",
        fees=[{"code": "GIFT", "amount": "2.00", "taxAmount": "0.40"}],
        totalPrice="128.40",
    )
    assert order.tax_mode is TaxMode.EXCLUSIVE
    assert (order.shipping[0].tax, order.fees[0].tax) == (100, 40)
    assert value_order(order).lines  # it adds up


def test_discounts_that_are_in_the_lines_already_are_not_taken_off_again() -> None:
    stated = [{"type": "line", "amount": 5}, {"type": "order", "amount": 10}]
    assert [discount.amount for discount in read(discounts=stated).discounts] == [1000]


def test_the_snapshot_does_not_change_when_a_credit_is_applied() -> None:
    paid = [{"number": "INV55012", "amountDue": 0}, {"number": "INV55013", "amountDue": 5}]
    assert read(invoices=paid).money_hash == read().money_hash


def test_R33_a_bundle_has_parts_with_exact_weights() -> None:
    parts = [
        {"sku": "TOP", "quantity": 1, "weight": Decimal("12.50")},
        {"sku": "SOCK", "quantity": 2, "weight": 5, "orderLineItemId": "1b"},
    ]
    (bundle,) = read(lineItems=[line(components=parts)]).lines
    assert [(part.sku, part.quantity_per_bundle) for part in bundle.components] == [("TOP", 1), ("SOCK", 2)]
    assert bundle.components[0].weight * 2 == bundle.components[1].weight * 5
    assert bundle.components[1].order_line_id == "1b"


def test_R33_without_prices_every_unit_of_a_bundle_weighs_the_same() -> None:
    parts = [{"sku": "TOP", "quantity": 1, "weight": 0}, {"sku": "SOCK", "quantity": 2}]
    (bundle,) = read(lineItems=[line(components=parts)]).lines
    assert [part.weight for part in bundle.components] == [1, 2]


def test_a_recipe_that_names_a_part_twice_is_refused() -> None:
    parts = [{"sku": "TOP", "quantity": 1}, {"sku": "TOP", "quantity": 1}]
    refusal = rejection(lineItems=[line(components=parts)])
    assert (refusal.code, refusal.figures) == (E.BUNDLE_RECIPE_MISSING, {"sku": "P1001-BLK-080"})


@pytest.mark.parametrize("broken", [{"lineDiscount": 100}, {"unitPrice": -1}, {"taxRate": "twenty"}])
def test_impossible_lines_are_no_basis_for_money(broken: dict[str, Any]) -> None:
    assert rejection(lineItems=[line(**broken)]).code is E.SNAPSHOT_NOT_FOOTING


def test_lines_that_were_taken_off_and_gift_cards() -> None:
    gone, card = line(id="2", quantity=0), line(id="3", returnable=False)
    order = read(lineItems=[line(), gone, card])
    assert [(found.line_id, found.returnable) for found in order.lines] == [("1", True), ("3", False)]


def test_R58_customer_data_that_a_delivery_needs() -> None:
    assert missing_data(wire()) == []
    address = {"firstName": "A", "lastName": " ", "address1": "1 High St", "city": "Leeds", "country": None}
    lacking = ["shippingAddress.lastName", "shippingAddress.zipCodeOrPostalCode", "shippingAddress.country"]
    assert missing_data(wire(shippingAddress=address)) == lacking
    assert len(missing_data(wire(shippingAddress=None, customer=None))) == 7
