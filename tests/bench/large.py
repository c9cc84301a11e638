"""One month of many returns, compared in a process of its own: ``python -m tests.bench.large STORE_URL COUNT``.

Prints one JSON document: what it took, and what it found. Platform and ERP list what `tests.bench.seed` put into the
store, day by day and page by page, as the vendors do.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from domain.documents import CreditPage, CreditRecord
from domain.returns import ListedRefund, RefundState
from store import Store
from tests.bench.seed import CURRENCY, NOW, Sample, sample
from tests.desk.reconciled import ListingErp, ListingPlatform, Shop, shop_with

DAYS = 35
PAGE = 200


class LargePlatform(ListingPlatform):
    """Lists the refunds of the seeded returns."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    async def list_refunds(self, since: datetime, until: datetime) -> list[ListedRefund]:
        return [_refund(one) for one in self._credited(since, until)]

    def _credited(self, since: datetime, until: datetime) -> Iterator[Sample]:
        """The samples are in the order of their time, evenly spread over thirty days."""
        first, last = (self._about(moment) for moment in (since, until))
        for n in range(max(first - 10, 0), min(last + 10, self._count)):
            one = sample(n, self._count)
            if one.credited and since <= one.at + timedelta(hours=3) < until:
                yield one

    def _about(self, moment: datetime) -> int:
        before = NOW - timedelta(hours=3) - moment
        return self._count - round(self._count * (before / timedelta(days=30)))


class LargeErp(ListingErp):
    """Lists the credit notes of the seeded returns."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        start = (page - 1) * PAGE
        numbers = range(start, min(start + PAGE, self._count))
        records = [_credit(one) for n in numbers if (one := sample(n, self._count)).credited]
        return CreditPage(records=records, next_page=page + 1 if numbers.stop < self._count else None)


def large_shop(store: Store, count: int) -> Shop:
    """The connection that `seed_returns` fills."""
    shop = shop_with(store)
    shop.platform, shop.erp, shop.now = LargePlatform(count), LargeErp(count), NOW
    return shop


async def compare(url: str, count: int) -> dict[str, object]:
    """One run over the month; figures of it."""
    store = Store(url)
    began = time.monotonic()
    outcome = await large_shop(store, count).reconcile(NOW, days=DAYS)
    seconds = time.monotonic() - began
    async with store.reading() as unit:
        [run] = await unit.reconciliation.latest("uk", limit=1)
    await store.close()
    return {
        "state": outcome.state,
        "differences": outcome.differences,
        "items": sum(one.count for one in run.placed),
        "unplaced": sum(one.count for one in run.placed if not one.name),
        "seconds": round(seconds, 1),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _refund(one: Sample) -> ListedRefund:
    return ListedRefund(
        refund_id=one.refund_id,
        state=RefundState.PAID,
        amount_text=f"{one.total // 100}.{one.total % 100:02d}",
        currency=CURRENCY,
        created_at=one.at + timedelta(hours=3),
        return_id=one.return_id,
    )


def _credit(one: Sample) -> CreditRecord:
    return CreditRecord(
        number=one.credit_number,
        key=one.credit_key,
        rma_number=one.rma_number,
        order_number=one.order_number,
        credited_on=(one.at + timedelta(hours=4)).date(),
        total=one.total,
        currency=CURRENCY,
        reversed=False,
    )


if __name__ == "__main__":
    print(json.dumps(asyncio.run(compare(sys.argv[1], int(sys.argv[2])))))
