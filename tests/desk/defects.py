"""A set with every kind of defect, for comparisons that must find each once and nothing else."""

from datetime import timedelta
from typing import Any

from domain.exceptions import ExceptionCode
from domain.reconciliation.classes import DifferenceClass
from store.records import DocumentState
from tests.desk.reconciled import NOW, Shop

D = DifferenceClass


async def clean(shop: Shop, return_id: str, amount: str = "20.00", total: int = 2000, **fields: Any) -> None:
    """A return whose refund, note and stock agree, or differ as the fields say."""
    ref = await shop.returned(return_id, amount)
    await shop.restocked(ref)
    await shop.credited(ref, total, **fields)


async def seeded(shop: Shop) -> dict[tuple[DifferenceClass, str], ExceptionCode | None]:
    """Returns of every kind, and things on no return. What has to be told: class and subject → what it calls for."""
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
    return {
        (D.ROUNDING, "round1-1"): None,
        (D.ROUNDING, "round2-1"): None,
        (D.AMOUNT_MISMATCH, "amount-1"): ExceptionCode.REFUND_MISMATCH,
        (D.MISSING_CREDIT, "nonote-1"): ExceptionCode.CREDIT_OVERDUE,
        (D.MISSING_CREDIT, "lost-1"): ExceptionCode.CREDIT_OVERDUE,
        (D.MISSING_REFUND, "CN-norefund-1"): ExceptionCode.REFUND_NOT_CONFIRMED,
        (D.DUPLICATE_CREDIT, "CN-HAND"): ExceptionCode.REFUND_MISMATCH,
        (D.DUPLICATE_REFUND, "twicerf-2"): ExceptionCode.DUPLICATE_REFUND,
        (D.STOCK_MISMATCH, "units"): ExceptionCode.REFUND_EXCEEDS_ACCEPTED,
        (D.OUT_OF_BAND_REFUND, "rf-outside"): ExceptionCode.OUT_OF_BAND_REFUND,
        (D.FOREIGN_CREDIT, "CN-FOREIGN"): None,
    }
