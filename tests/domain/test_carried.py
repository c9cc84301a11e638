"""What a replacement is worth when it comes back itself (N13), whatever the ERP's own order says."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.carried import CarriedOrder, CarriedTax, carry_over
from domain.exchange_value import ExchangeValue, replacement_taxes
from domain.expected import expect_credit
from domain.footing import SnapshotNotFooting
from domain.order import Charge, Component, LineTax, OrderDiscount, OrderSnapshot, OrderStatus, OrderTax, TaxMode
from domain.slots import Slot, SlotLine, value_order
from tests.domain.builders import line, order
from tests.domain.orders import orders

FEW = settings(max_examples=80)
MODES = [TaxMode.INCLUSIVE, TaxMode.EXCLUSIVE]


def replacement(quantity: int = 1, mode: TaxMode = TaxMode.INCLUSIVE) -> OrderSnapshot:
    """The ERP's order for new units: every price on it is taken off again, and what it charges is not the value."""
    return order(
        [line("1", quantity, 9900, "5", sku="NEW"), line("2", 1, 700, sku="LEAFLET")],
        4711,
        mode=mode,
        discounts=(OrderDiscount(amount=9900),),
        order_taxes=(OrderTax(code="VAT5", rate="5", amount=3),),
        shipping=300,
        fees=(Charge(code="GIFT", amount=50),),
        rounding_line=1,
        captured=0,
        status=OrderStatus.LOCKED,
        customer_ref="C-9",
        invoice_number="INV-9",
    )


def carried(line_: SlotLine, slots: tuple[Slot, ...], price: int, mode: TaxMode, quantity: int) -> CarriedOrder:
    """What stays with a replacement at this price for these units."""
    value = ExchangeValue(carried=sum(slot.primary for slot in slots), price=price)
    taxes = replacement_taxes(line_, slots, value, mode)
    return CarriedOrder(
        sku="NEW",
        quantity=quantity,
        primary=value.carried + value.due - value.credit,
        taxes=tuple(
            CarriedTax(code=code, rate=rate, amount=amount)
            for code, rate, amount in zip(line_.tax_codes, line_.tax_rates, taxes, strict=True)
        ),
    )


@FEW
@given(orders(), st.data())
def test_N13_I1_I2_slots_of_a_replacement_add_up_to_what_it_carries(
    snapshot: OrderSnapshot, data: st.DataObject
) -> None:
    value = value_order(snapshot)
    line_ = data.draw(st.sampled_from(value.lines))
    slots = line_.pick(data.draw(st.sets(st.integers(1, line_.quantity), min_size=1)))
    price, quantity = data.draw(st.integers(0, 100_000)), data.draw(st.integers(1, 6))
    worth = carried(line_, slots, price, snapshot.tax_mode, quantity)
    tax = sum(tax.amount for tax in worth.taxes)
    assume(snapshot.tax_mode is not TaxMode.INCLUSIVE or tax <= worth.primary)

    after = carry_over(replacement(quantity, snapshot.tax_mode), worth)
    new = value_order(after)  # foots, or raises
    [units, leaflet] = new.lines
    assert sum(slot.primary for slot in units.slots) == worth.primary == price
    for code, stated in enumerate(worth.taxes):
        assert sum(slot.taxes[code] for slot in units.slots) == stated.amount
    assert leaflet.primary == leaflet.tax == 0
    paid = price + (tax if snapshot.tax_mode is TaxMode.EXCLUSIVE else 0)
    assert new.goods_total == after.total == paid


@pytest.mark.parametrize("mode", MODES)
def test_N13_exchange_then_exchange_then_return_credits_what_was_really_paid(mode: TaxMode) -> None:
    """30.00, then 5.00 on top, then 15.00 back: the last one is worth 20.00 with the tax that goes with it."""
    tax = 500 if mode is TaxMode.INCLUSIVE else 600
    bought = order([line("A", 1, 3000, "20")], 3000 + (tax if mode is TaxMode.EXCLUSIVE else 0), mode=mode)
    snapshot = bought
    for price in (3500, 2000):
        [line_, *_] = value_order(snapshot).lines
        snapshot = carry_over(replacement(mode=mode), carried(line_, line_.slots, price, mode, 1))
    value = value_order(snapshot)
    credit = expect_credit(value, {"1/NEW": [1]}, 0, 0, 0)
    assert credit.total == {TaxMode.INCLUSIVE: 2000, TaxMode.EXCLUSIVE: 2400}[mode]
    assert value.lines[0].tax == {TaxMode.INCLUSIVE: 333, TaxMode.EXCLUSIVE: 400}[mode]


@pytest.mark.parametrize("mode", MODES)
def test_N13_value_and_tax_are_split_over_the_lines_and_parts_of_the_replacement(mode: TaxMode) -> None:
    parts = (
        Component(sku="TOP", quantity_per_bundle=2, weight=3),
        Component(sku="TIE", quantity_per_bundle=1, weight=1),
    )
    lines = [line("1", 1, 0, sku="NEW", components=parts), line("2", 2, 0, sku="NEW")]
    worth = CarriedOrder(
        sku="NEW", quantity=3, primary=1000, taxes=(CarriedTax(code="T", rate="20.00", amount=167),), tax_mode=mode
    )
    after = carry_over(order(lines, 0, mode=TaxMode.NONE), worth)
    value = value_order(after)
    assert after.tax_mode is mode
    assert [after.lines[0].base, after.lines[1].base] == [333, 667]
    assert sum(slot_line.primary for slot_line in value.lines) == 1000
    assert sum(slot_line.tax for slot_line in value.lines) == 167
    assert [slot_line.quantity for slot_line in value.lines] == [2, 1, 2]


def test_I2_tax_stays_within_the_value_of_each_line() -> None:
    """Shares of 10 over 6 : 6 : 2 are 4, 4, 2, shares of 11 are 5, 5, 1: tax must follow the money, not the units."""
    lines = [line(str(no), quantity, 0, sku="NEW") for no, quantity in enumerate((6, 6, 2))]
    worth = CarriedOrder(sku="NEW", quantity=14, primary=11, taxes=(CarriedTax(code="T", rate="1000", amount=10),))
    after = carry_over(order(lines, 0), worth)
    assert [line.base for line in after.lines] == [5, 5, 1]
    assert sum(slot_line.tax for slot_line in value_order(after).lines) == 10


def test_N13_a_free_replacement_is_worth_nothing_and_its_tax_follows_the_units() -> None:
    worth = CarriedOrder(sku="NEW", quantity=3, primary=0, taxes=(CarriedTax(code="T", rate="20", amount=7),))
    after = carry_over(replacement(3, TaxMode.EXCLUSIVE), worth)
    assert after.total == value_order(after).goods_total == 7


def test_N13_all_that_is_not_money_stays_and_the_hash_is_of_the_carried_order() -> None:
    worth = CarriedOrder(sku="NEW", quantity=1, primary=2000)
    erp = replacement()
    after = carry_over(erp, worth)
    kept = {"order_number", "currency", "ordered_on", "status", "customer_ref", "invoice_number", "tax_mode"}
    assert after.model_dump(include=kept) == erp.model_dump(include=kept)
    assert [(line.line_id, line.sku, line.quantity) for line in after.lines] == [("1", "NEW", 1), ("2", "LEAFLET", 1)]
    assert after.captured is None
    assert after.money_hash != erp.money_hash
    assert after == carry_over(erp, worth) == carry_over(after, worth)
    assert after.money_hash != carry_over(erp, worth.model_copy(update={"primary": 2001})).money_hash
    assert OrderSnapshot.model_validate_json(after.model_dump_json()) == after


@pytest.mark.parametrize(("sku", "quantity"), [("NEW", 2), ("OTHER", 1)])
def test_N13_value_for_other_units_than_the_order_has_is_refused(sku: str, quantity: int) -> None:
    with pytest.raises(SnapshotNotFooting, match=f"{quantity}$"):
        carry_over(replacement(), CarriedOrder(sku=sku, quantity=quantity, primary=2000))


def test_N13_tax_on_an_order_without_tax_is_refused() -> None:
    worth = CarriedOrder(sku="NEW", quantity=1, primary=2000, taxes=(CarriedTax(code="T", rate="20", amount=333),))
    with pytest.raises(SnapshotNotFooting, match="states to have none"):
        value_order(carry_over(replacement(mode=TaxMode.NONE), worth))


def test_a_carried_line_states_its_tax_in_full() -> None:
    worth = CarriedOrder(sku="NEW", quantity=1, primary=2000, taxes=(CarriedTax(code="T", rate="20", amount=333),))
    assert carry_over(replacement(), worth).lines[0].taxes == (LineTax(code="T", rate="20", amount=333),)
