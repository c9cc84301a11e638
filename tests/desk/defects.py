"""A set with every kind of defect, for comparisons that must find each once and nothing else."""

from datetime import timedelta
from typing import Any, TypeAlias

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.reconciliation.classes import DifferenceClass
from store.records import DocumentState
from tests.desk.reconciled import NOW, OLD, Shop

D = DifferenceClass
#: Class and subject → what it calls for.
Told: TypeAlias = dict[tuple[DifferenceClass, str], ExceptionCode | None]


async def clean(shop: Shop, return_id: str, amount: str = "20.00", total: int = 2000, **fields: Any) -> None:
    """A return whose refund, note and stock agree, or differ as the fields say."""
    ref = await shop.returned(return_id, amount)
    await shop.restocked(ref)
    await shop.credited(ref, total, **fields)


async def seeded(shop: Shop) -> Told:
    """Returns of every kind, and things on no return. Gives what has to be told."""
    for number in range(3):
        await clean(shop, f"ok{number}")
    await clean(shop, "byhand", state=DocumentState.BY_HAND, listed=False)
    await clean(shop, "round1", "20.01", 2001, rounding=1)
    await clean(shop, "round2", "19.99")
    await clean(shop, "amount", "21.90")
    missing = await shop.returned("nonote", "20.00")
    await shop.restocked(missing)
    await clean(shop, "lost", listed=False)
    await clean(shop, "norefund", refund=False)
    shop.platform.refunds = [one for one in shop.platform.refunds if one.refund_id != "norefund-1"]
    await clean(shop, "twicecn")
    shop.noted("CN-HAND", 2000, "ORD-twicecn", rma_number="RMA-twicecn")
    await clean(shop, "again")
    shop.noted("CN-AGAIN", 2000, "ORD-again")
    twice = await shop.returned("twicerf", "20.00", "20.00")
    await shop.restocked(twice)
    await shop.credited(twice, 2000)
    units = await shop.returned("units", "20.00")
    await shop.restocked(units, 1)
    await shop.credited(units, 2000)
    await shop.returned("fresh", "20.00", at=NOW - timedelta(hours=3))
    shop.paid_outside("rf-outside", "42.00", "unknown-return")
    shop.platform.orders["unknown-return"] = "ORD-777"
    shop.noted("CN-FOREIGN", 990, "ORD-888")
    shop.noted("CN-REVERSED", 500, "ORD-889", reversed=True)
    return {**_TOLD, **await _several_refunds(shop), **await _payouts(shop)}


async def _several_refunds(shop: Shop) -> Told:
    """Returns with more than one refund, some of which finance has decided about."""
    both = await shop.returned("both", "20.00", "30.00", quantity=4)
    await shop.restocked(both, 4)
    await shop.credited(both, 2000)
    await shop.credited(both, 3000, number=2)
    mixed = await shop.returned("mixed", "20.00", "30.00", "10.00", quantity=6)
    await shop.restocked(mixed, 6)
    await shop.credited(mixed, 1500)
    await shop.credited(mixed, 1000, number=2)
    figures = {"refund": "mixed-1", "difference": "5.00"}
    await shop.settled(mixed, ExceptionCode.REFUND_MISMATCH, ResolutionKind.ACCEPT_ORDER_AMOUNT, **figures)
    ended = await shop.returned("ended", "20.00", "20.00")
    await shop.restocked(ended)
    await shop.credited(ended, 2000, number=2)
    await shop.settled(ended, ExceptionCode.CREDIT_REJECTED, ResolutionKind.CANCEL_TRACK, refund="ended-1")
    async with shop.store.begin() as unit:
        await unit.refunds.decide(ended, "ended-1", "paid by voucher", OLD)
    return {
        (D.AMOUNT_MISMATCH, "mixed-2"): ExceptionCode.REFUND_MISMATCH,
        (D.MISSING_CREDIT, "mixed-3"): ExceptionCode.CREDIT_OVERDUE,
    }


async def _payouts(shop: Shop) -> Told:
    """What the gateway paid, right and wrong."""
    for name in ("payout", "payagain"):
        await clean(shop, name)
    await shop.paid_out("ok0-1", "ORD-ok0", "20.00")
    await shop.paid_out("rf-outside", "ORD-777", "42.00")
    await shop.paid_out("payout-1", "ORD-payout", "25.00")
    await shop.paid_out("payagain-1", "ORD-payagain", "20.00", "20.00")
    await shop.paid_out("rf-gateway", "ORD-ok1", "7.00")
    await shop.paid_out("rf-nowhere", "ORD-999", "8.00", "9.00")
    return {
        (D.UNMATCHED_PAYOUT, "payout-1"): ExceptionCode.REFUND_MISMATCH,
        (D.DUPLICATE_REFUND, "payagain-1#2"): ExceptionCode.DUPLICATE_REFUND,
        (D.UNMATCHED_PAYOUT, "rf-gateway"): ExceptionCode.OUT_OF_BAND_REFUND,
        (D.OUT_OF_BAND_REFUND, "rf-nowhere"): ExceptionCode.OUT_OF_BAND_REFUND,
        (D.OUT_OF_BAND_REFUND, "rf-nowhere#2"): ExceptionCode.OUT_OF_BAND_REFUND,
    }


_TOLD: Told = {
    (D.ROUNDING, "round1-1"): None,
    (D.ROUNDING, "round2-1"): None,
    (D.AMOUNT_MISMATCH, "amount-1"): ExceptionCode.REFUND_MISMATCH,
    (D.MISSING_CREDIT, "nonote-1"): ExceptionCode.CREDIT_OVERDUE,
    (D.MISSING_CREDIT, "lost-1"): ExceptionCode.CREDIT_OVERDUE,
    (D.MISSING_REFUND, "CN-norefund-1"): ExceptionCode.REFUND_NOT_CONFIRMED,
    (D.DUPLICATE_CREDIT, "CN-HAND"): ExceptionCode.REFUND_MISMATCH,
    (D.DUPLICATE_CREDIT, "CN-AGAIN"): ExceptionCode.REFUND_MISMATCH,
    (D.DUPLICATE_REFUND, "twicerf-2"): ExceptionCode.DUPLICATE_REFUND,
    (D.STOCK_MISMATCH, "units"): ExceptionCode.REFUND_EXCEEDS_ACCEPTED,
    (D.OUT_OF_BAND_REFUND, "rf-outside"): ExceptionCode.OUT_OF_BAND_REFUND,
    (D.FOREIGN_CREDIT, "CN-FOREIGN"): None,
}
