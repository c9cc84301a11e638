"""Centra's words and numbers → ours, and back, on the contract's samples."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from adapters.centra import mapping
from adapters.centra.amounts import Costs, Valuation
from adapters.centra.client import classify, dumps
from adapters.centra.contract import DONE, MISSING, QTY
from adapters.centra.replacements import new_order, numbers_of, original
from adapters.centra.returns import Draft
from adapters.centra.settings import CentraSettings
from adapters.centra.units import allocate, comment, external_id, free_units, key_of, mark
from adapters.centra.wire import Amount, Delivery, Order
from domain.documents import ReplacementOrder
from domain.exceptions import ExceptionCode
from domain.order import OrderStatus, TaxMode
from domain.outcomes import Rejected
from domain.slots import value_order
from tests.adapters.centra import bodies


def test_R119_the_order_foots_with_its_discount_outside_the_lines() -> None:
    snapshot = mapping.snapshot(bodies.order())
    assert (snapshot.order_number, snapshot.customer_ref, snapshot.currency) == ("39790", "4", "GBP")
    assert snapshot.tax_mode is TaxMode.INCLUSIVE
    (line,) = snapshot.lines
    assert (line.line_id, line.sku, line.gross_of_discount, line.line_discount) == ("71", bodies.SKU, 14000, 1590)
    assert [discount.amount for discount in snapshot.discounts] == [1000]
    assert value_order(snapshot).goods_total == 11410
    assert snapshot.total == 11905


def test_R123_an_archived_order_is_locked_and_a_cancelled_one_cancelled() -> None:
    assert mapping.snapshot(bodies.order(status="ARCHIVED")).status is OrderStatus.LOCKED
    assert mapping.snapshot(bodies.order(status="CANCELLED")).status is OrderStatus.CANCELLED
    assert mapping.snapshot(bodies.order(isLocked=True)).status is OrderStatus.OPEN  # only the admin UI is locked
    with pytest.raises(Rejected, match="not known") as refusal:
        mapping.snapshot(bodies.order(status="MELTED"))
    assert refusal.value.code is ExceptionCode.ORDER_LOCKED


@pytest.mark.parametrize(
    ("currency", "unit", "value", "minor"), [("JPY", "1100", "2200", 2200), ("KWD", "6.375", "12.750", 12750)]
)
def test_money_is_exact_without_and_with_three_decimals(currency: str, unit: str, value: str, minor: int) -> None:
    one, both = {"value": Decimal(unit)}, {"value": Decimal(value)}
    line = bodies.line(taxPercent=0, original=one, originalNet=one, lineValue=both, net=both)
    body = bodies.order(lines=[line], totals=bodies.totals(), grandTotal=bodies.money(value, currency))
    assert mapping.snapshot(body).lines[0].base == mapping.snapshot(body).total == minor


def test_more_decimals_than_the_currency_has_are_refused_not_rounded() -> None:
    with pytest.raises(Rejected) as refusal:
        Amount.model_validate({"value": Decimal("1.005")}).minor("GBP", "grandTotal")
    assert refusal.value.code is ExceptionCode.AMOUNT_PRECISION
    assert Amount.model_validate({"value": Decimal("76.4800")}).minor("EUR", "grandTotal") == 7648
    with pytest.raises(ValueError, match="value"):
        Amount.model_validate({"value": Decimal("1e999999999")})


def test_cancelled_units_are_no_part_of_the_order() -> None:
    body = bodies.order(
        lines=[bodies.line(cancelledQuantity=1), bodies.line(id=72, cancelledQuantity=2)],
        totals=bodies.totals(taxIncluded="10.34"),
        grandTotal=bodies.money("62.05"),
    )
    snapshot = mapping.snapshot(body)
    assert [(line.line_id, line.quantity, line.base) for line in snapshot.lines] == [("71", 1, 6205)]
    assert value_order(snapshot).goods_total == 6205


def test_tax_on_top_of_goods_and_shipping_foots() -> None:
    """103.42 + 20.68 and shipping 5.00 + 1.00, less a discount that takes no tax with it."""
    totals = bodies.totals(shipping="5.00", taxAdded="21.68", discounts="10.00")
    snapshot = mapping.snapshot(bodies.order(totals=totals, grandTotal=bodies.money("120.10")))
    assert snapshot.tax_mode is TaxMode.EXCLUSIVE
    assert snapshot.lines[0].base == 10342
    assert snapshot.shipping[0].tax == 100
    assert value_order(snapshot).goods_total == 11410


def test_tax_that_no_rate_explains_is_not_spread() -> None:
    body = bodies.order(totals=bodies.totals(shipping="5.00", taxAdded="26.00"), grandTotal=bodies.money("134.42"))
    with pytest.raises(ValueError, match="unexplained"):
        value_order(mapping.snapshot(body))


def shipments(*quantities: int) -> list[dict[str, Any]]:
    return [
        {"id": 1338 + n, "isShipped": True, "lines": [{"id": 2943 + n, "quantity": q, "orderLine": {"id": 71}}]}
        for n, q in enumerate(quantities)
    ]


def test_units_are_taken_from_the_oldest_shipment_that_has_them() -> None:
    order = bodies.order(shipments=shipments(1, 1))
    assert allocate(order, {"71": 2}, free_units(order, [])) == {1338: Counter({2943: 1}), 1339: Counter({2944: 1})}
    taken = [bodies.row(315, {2943: 1})]
    assert allocate(order, {"71": 1}, free_units(order, taken)) == {1339: Counter({2944: 1})}


def test_what_was_not_shipped_or_is_in_a_return_already_cannot_be_returned() -> None:
    order = bodies.order()
    with pytest.raises(Rejected, match="1 more of order line 71") as refusal:
        allocate(order, {"71": 2}, free_units(order, [bodies.row(315, {2943: 1})]))
    assert refusal.value.code is ExceptionCode.VALIDATION_QTY
    unshipped = bodies.order(shipments=[bodies.order_body()["shipments"][0] | {"isShipped": False}])
    with pytest.raises(Rejected):
        allocate(unshipped, {"71": 1}, free_units(unshipped, []))


def test_a_comment_says_whose_return_it_is_when_the_external_id_went_to_a_twin() -> None:
    written = comment("bh-1-c-1-s1", 39790, rma="315", of="bh-1-r-1-s1", whole=Counter({2943: 2, 2944: 1}))
    said = mark(bodies.row(316, {2943: 1}, externalId=None, comment=written))
    assert (said.key, said.rma, said.rma_key, said.is_rma) == ("bh-1-c-1", "315", "bh-1-r-1", False)
    assert said.whole == Counter({2943: 2, 2944: 1})


def test_a_return_without_our_comment_is_an_rma_of_its_own() -> None:
    said = mark(bodies.row(315, {2943: 1}, externalId="their own", comment="rang up, wants S"))
    assert (said.key, said.rma, said.is_rma, said.whole) == ("their own", "315", True, Counter({2943: 1}))
    assert mark(bodies.row(315, {2943: 1}, comment=None)).key == "bh-rt10234-r-1"
    assert key_of(external_id("bh-rt10234-r-1", 12)) == "bh-rt10234-r-1"


def test_create_return_is_as_in_the_contract() -> None:
    draft = Draft(39790, "GBP", "rt-10234-s1", 1338, Counter({2943: 1}), Costs(fee=495, voucher=250))
    assert json.loads(dumps(draft.input()), parse_float=Decimal) == {
        "shipment": {"id": 1338},
        "lines": [{"shipmentLine": {"id": 2943}, "quantity": 1}],
        "returnStockActionPolicy": {"removeItemsFromStock": True},
        "returnCost": {"value": Decimal("4.95"), "currencyIsoCode": "GBP"},
        "voucherValue": {"value": {"value": Decimal("2.50"), "currencyIsoCode": "GBP"}},
        "comment": "rt-10234-s1 order 39790",
        "externalId": "rt-10234-s1",
    }


def test_a_decimal_is_written_with_its_own_digits() -> None:
    assert (
        dumps({"a": [Decimal("4.95"), Decimal("0.10"), 3, True, None, 'x"y']})
        == '{"a":[4.95,0.10,3,true,null,"x\\"y"]}'
    )


def test_m63_the_discounts_share_goes_off_as_a_voucher_and_the_rest_as_a_cost() -> None:
    order = bodies.order()
    valuation = Valuation(order, mapping.snapshot(order), Counter())
    one, both = Counter({2943: 1}), Counter({2943: 2})
    assert valuation.counted(one) == 6205
    assert (valuation.voucher(one), valuation.voucher(both)) == (500, 1000)
    assert valuation.costs(one, 5705, fee=495) == Costs(voucher=500, fee=495)
    cheaper_exchange = valuation.costs(one, 1000)
    assert cheaper_exchange == Costs(voucher=500, fee=4705)


def test_i1_the_returns_of_one_line_add_up_to_it() -> None:
    """10.00 over three units, one at a time, each after those before it."""
    line = bodies.line(quantity=3, lineValue={"value": Decimal(10)}, net={"value": Decimal("8.33")})
    order = bodies.order(
        lines=[line],
        totals=bodies.totals(taxIncluded="1.67", discounts="1.00"),
        grandTotal=bodies.money("9.00"),
        shipments=shipments(3),
    )
    snapshot, one = mapping.snapshot(order), Counter({2943: 1})
    valuations = [Valuation(order, snapshot, Counter({2943: before})) for before in range(3)]
    assert [valuation.counted(one) for valuation in valuations] == [333, 334, 333]
    assert [valuation.voucher(one) for valuation in valuations] == [33, 34, 33]


def test_R14_a_bundle_is_worth_its_parts_and_is_returned_by_them() -> None:
    def part(number: int, value: str, net: str, **changes: Any) -> dict[str, Any]:
        amounts = {"lineValue": {"value": Decimal(value)}, "net": {"value": Decimal(net)}}
        return bodies.line(id=number, productSize={"SKU": f"P{number}"}, **amounts, **changes)

    zero = {"original": bodies.money("0"), "originalNet": bodies.money("0")}
    order = bodies.order(
        lines=[
            part(1, "0", "0", isBundle=True, **zero),
            part(2, "30", "25", isPartOfBundle=1, original=bodies.money("15")),
            part(3, "60", "50", quantity=4, isPartOfBundle=1, original=bodies.money("15")),
        ],
        totals=bodies.totals(taxIncluded="15", discounts="9"),
        grandTotal=bodies.money("81"),
    )
    value = value_order(mapping.snapshot(order))
    assert [(line.parent_line_id, line.order_line_id, line.quantity, line.primary) for line in value.lines] == [
        ("1", "2", 2, 2700),
        ("1", "3", 4, 5400),
    ]


def test_refusals_are_told_apart_by_their_text() -> None:
    assert classify("Could not find shipment with ID 1338") == MISSING
    assert classify("Quantity 2 exceeds returnable quantity 1") == QTY
    assert classify("Return 315 is already completed") == DONE
    assert classify("No idea") == ""


def replacement(**changes: Any) -> ReplacementOrder:
    request = ReplacementOrder(
        key="bh-rt10234-x-1",
        original_order="39790",
        rma_number="315",
        currency="GBP",
        tax_inclusive=True,
        sku=bodies.SKU,
        quantity=1,
    )
    return request.model_copy(update=changes)


def delivery(**address: Any) -> Delivery:
    home = {
        "firstName": "A",
        "lastName": "B",
        "address1": "1 High St",
        "address2": None,
        "city": "Leeds",
        "zipCode": "LS1 1AA",
        "country": {"code": "GB"},
        "email": "a@example.com",
    }
    body = {"number": 39790, "market": {"id": 1}, "pricelist": {"id": 1}, "customer": {"id": 4}}
    return Delivery.model_validate(body | {"shippingAddress": home | address})


def test_R59_the_replacement_is_free_and_goes_to_the_same_customer_and_place() -> None:
    body = new_order(replacement(), original(delivery(), bodies.settings()), 910010234, 315)
    assert json.loads(dumps(body), parse_float=Decimal) == {
        "customerId": 4,
        "address": {
            "email": "a@example.com",
            "firstName": "A",
            "lastName": "B",
            "address": "1 High St",
            "city": "Leeds",
            "zipcode": "LS1 1AA",
            "country": "GB",
        },
        "marketId": 1,
        "pricelistId": 1,
        "products": [{"qty": 1, "sku": bodies.SKU, "unitPrice": Decimal("0.00"), "comment": "Exchange bh-rt10234-x-1"}],
        "shippingValue": Decimal("0.00"),
        "voucherValue": Decimal("0.00"),
        "applyVouchers": False,
        "sendEmail": False,
        "internalOrder": False,
        "adjustStock": True,
        "createdFromOrigin": {"type": "return", "id": 315},
        "internalComment": "exchange:bh-rt10234-x-1 rma=315 original=39790",
        "orderNumber": 910010234,
    }


def test_what_was_paid_on_top_is_the_price_to_the_last_penny() -> None:
    body = new_order(replacement(quantity=3, due=1001), original(delivery(), bodies.settings()), 1, None)
    products: Any = body["products"]
    assert [(row["qty"], row["unitPrice"]) for row in products] == [(1, Decimal("3.33")), (2, Decimal("3.34"))]


def test_every_missing_field_of_the_address_is_named_and_nobody_is_shown() -> None:
    taken = original(delivery(lastName="", zipCode=None, country=None), bodies.settings())
    assert taken.missing == ["lastName", "zipcode", "country"]
    assert "Leeds" not in repr(taken)
    assert "Leeds" not in repr(delivery())


def test_the_number_of_an_exchange_follows_from_its_key_alone() -> None:
    config = bodies.settings(exchange_numbers_from=910_000_000, exchange_numbers=1000)
    numbers = list(numbers_of("bh-rt10234-x-1", config))
    assert numbers == list(numbers_of("bh-rt10234-x-1", config))
    assert all(910_000_000 <= number < 910_001_000 for number in numbers)
    assert list(numbers_of("bh-rt10234-x-2", config)) != numbers


def test_only_one_of_two_books_the_refund() -> None:
    with pytest.raises(ValueError, match="refund_pays_out"):
        bodies.settings(credit_target="connected_erp", refund_pays_out=True)
    assert "a-token" not in repr(bodies.settings())
    assert CentraSettings.model_fields["refund_pays_out"].default is False


def test_an_order_shows_nobody_in_its_repr() -> None:
    assert repr(Order.model_validate(bodies.order_body())) == "<Order>"
