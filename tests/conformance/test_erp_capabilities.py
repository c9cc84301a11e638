"""A capability is kept, and what an ERP has not is refused: known at start, not discovered at run time (R18, R104)."""

from decimal import Decimal

import pytest

from adapters import registry
from domain.documents import CHARGE_PURPOSES, ChargePurpose, CreditCharge, Posted, Queued
from domain.exceptions import ExceptionCode as E
from domain.outcomes import Rejected
from tests.conformance.case import COAT, LONG_COAT
from tests.conformance.desk import ErpDesk
from tests.conformance.effects import Effect
from tests.conformance.privacy import trouble_of
from tests.conformance.writes import BY_LABEL, CREDIT, OPEN, RECEIVE, WRITES, Write, crediting

BATCH_METHODS = ("hand_over", "acknowledgement", "is_picked_up", "find_document")
#: Purpose → our amount, and the ERP's code for it.
CHARGES: dict[ChargePurpose, tuple[int, str]] = {
    "shipping": (495, ""),
    "fee": (-495, "RETFEE"),
    "rounding": (1, "ROUND"),
    "goodwill": (500, "GOODW"),
    "exchange": (-2000, "EXDIFF"),
}


def test_the_port_can_what_the_registry_says(erp: ErpDesk) -> None:
    assert erp.erp.capabilities == registry.ERPS[erp.name].capabilities == type(erp.erp).capabilities
    assert [hasattr(erp.erp, name) for name in BATCH_METHODS] == [erp.able.batch] * len(BATCH_METHODS)


@pytest.mark.parametrize("write", WRITES, ids=str)
async def test_documents_are_queued_by_a_batch_erp_and_posted_by_others(erp: ErpDesk, write: Write) -> None:
    case = await erp.prepared(write)
    mark = erp.journal.mark
    posting = await write.call(erp.erp, write.ask(case))
    assert isinstance(posting, Queued if erp.able.batch else Posted)
    assert bool(erp.effects_since(mark)) != erp.able.batch, "a queued document has had no effect"


async def test_what_an_erp_has_not_is_refused(erp: ErpDesk) -> None:
    """Stock adjustments and exchange orders, where there are none."""
    for write in WRITES:
        if not write.able(erp.able):
            case = await erp.prepared(write)
            assert isinstance(await trouble_of(write.call(erp.erp, write.ask(case))), Rejected), str(write)


async def test_a_credit_before_its_goods(erp: ErpDesk) -> None:
    case = await erp.case()
    case.numbers["open_rma"] = (await erp.post(OPEN, case)).number
    trouble = await trouble_of(erp.post(CREDIT, case))
    if erp.able.credit_needs_receipt:
        assert isinstance(trouble, Rejected)
        assert trouble.code is E.CREDIT_REJECTED
        assert erp.effect(case) == Effect(live_rmas=1)
        await erp.post(RECEIVE, case)
        trouble = await trouble_of(erp.post(CREDIT, case))
    assert trouble is None
    assert len(erp.effect(case).credits) == 1


async def test_R45_a_credit_that_finds_no_open_invoice(erp: ErpDesk) -> None:
    """Where credits are applied to invoices, one that is not parks; the next attempt applies it, and makes no other."""
    case = await erp.prepared(CREDIT)
    if not erp.able.applies_credit_to_invoice:
        with pytest.raises(NotImplementedError):
            erp.stage.pay_invoice(case.order.order_number)
        return
    erp.stage.pay_invoice(case.order.order_number)
    for _ in range(2):
        trouble = await trouble_of(erp.post(CREDIT, case))
        assert isinstance(trouble, Rejected)
        assert trouble.code is E.NOTHING_TO_APPLY
    assert len(erp.effect(case).credits) == 1


@pytest.mark.parametrize("purpose", CHARGE_PURPOSES)
async def test_the_charges_of_a_credit(erp: ErpDesk, purpose: ChargePurpose) -> None:
    """Those that the registry promises are carried to the minor unit; others are refused and nothing is credited."""
    lines = [{"sku": COAT, "quantity": 2, "price": "120.00"}]
    case = await erp.case(await erp.erp.read_order(erp.sell(lines, charges={"RM24": "4.95"})))
    case.numbers["open_rma"] = (await erp.post(OPEN, case)).number
    await erp.post(RECEIVE, case)
    amount, code = CHARGES[purpose]
    charge = CreditCharge(purpose=purpose, code=code or case.order.shipping[0].code, amount=amount)
    trouble = await trouble_of(erp.post(crediting(charges=(charge,)), case))
    wanted = Effect()
    if purpose in erp.able.charges:
        assert trouble is None
        wanted.credit(12000 + amount, "GBP")
    else:
        assert isinstance(trouble, Rejected)
        assert trouble.code is E.CREDIT_REJECTED
    assert erp.effect(case).credits == wanted.credits


async def test_R64_nothing_is_promised_that_is_not_there(erp: ErpDesk) -> None:
    """More than there is, an item that nobody knows, an order that cannot be delivered: each found, none ordered."""
    if not erp.able.exchange_orders:
        return
    order = BY_LABEL["order_replacement"]
    case = await erp.prepared(order)
    assert await erp.erp.check_replacement(case.replacement()) == []
    for changes, kind, codes in (
        ({"quantity": 90_000_000}, "stock", {E.EXCHANGE_OOS}),
        ({"sku": "P8888-NOT-HERE"}, "item", {E.SKU_NOT_IN_MASTER, E.EXCHANGE_OOS}),
    ):
        wish = case.replacement(**changes)
        assert kind in {fault.kind for fault in await erp.erp.check_replacement(wish)}
        trouble = await trouble_of(erp.ordered(wish))
        assert isinstance(trouble, Rejected)
        assert trouble.code in codes
    assert erp.effect(case).replacements == []


async def test_R59_an_order_without_an_address_is_not_copied(erp: ErpDesk) -> None:
    if not erp.able.exchange_orders:
        return
    nowhere = {"forename": "Philomena", "surname": "", "line1": "", "line2": "", "postcode": "", "country": ""}
    number = erp.sell([{"sku": COAT, "quantity": 2, "price": "120.00"}], delivery=nowhere)
    case = await erp.case(await erp.erp.read_order(number))
    case.numbers["open_rma"] = (await erp.post(OPEN, case)).number
    faults = await erp.erp.check_replacement(case.replacement())
    assert {fault.kind for fault in faults} == {"data"}
    assert "Philomena" not in "".join(fault.model_dump_json() for fault in faults)
    trouble = await trouble_of(erp.ordered(case.replacement()))
    assert isinstance(trouble, Rejected)
    assert trouble.code is E.EXCHANGE_DATA


@pytest.mark.parametrize("due", [0, 2501])
async def test_R58_a_replacement_goes_to_the_same_customer_at_no_price(erp: ErpDesk, due: int) -> None:
    """A dearer one comes to what it costs on top, as a charge or as the price of the goods, and is paid."""
    if not erp.able.exchange_orders:
        return
    case = await erp.prepared(BY_LABEL["order_replacement"])
    await erp.ordered(case.replacement(due=due, quantity=2))
    (placed,) = erp.page(case).replacements
    assert (placed.total, placed.paid) == (Decimal(due) / 100, Decimal(due) / 100)
    assert placed.goods in (0, placed.total)
    assert placed.units == {LONG_COAT: 2}
    assert placed.same_delivery
    assert placed.original == case.order.order_number


async def test_E50_a_replacement_that_has_left_is_not_cancelled(erp: ErpDesk) -> None:
    if not erp.able.exchange_orders:
        return
    cancel = BY_LABEL["cancel_replacement"]
    case = await erp.prepared(cancel)
    erp.stage.sandbox.despatch(case.numbers["order_replacement"])
    trouble = await trouble_of(erp.post(cancel, case))
    assert isinstance(trouble, Rejected)
    assert trouble.code is E.EXCHANGE_EXPOSURE
    assert erp.effect(case).replacements == [({LONG_COAT: 1}, False)]
