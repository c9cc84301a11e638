"""Exceptions that the tests of their pages begin with, on returns that nothing else is about."""

from datetime import datetime, timedelta
from typing import Any

from desk.runs import ENDED, BulkOrder, BulkRun
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.grouping import RootCause
from domain.money import Money
from domain.resolution import Proposal, Role
from store import Store
from store.records import OpenException
from tests.store.given import NOW

MISMATCH, REJECTED = "X-mismatch", "X-rejected"
GROUP = RootCause(connection="shop", code=ExceptionCode.LOCATION_UNMAPPED, wrong="location LDN-9").id
HYPOTHESES = "order discount ignored: 1.90 more; each unit rounded by itself: 0.02 more, 1.88 still unexplained"


def opened(
    name: str, code: ExceptionCode, *, return_id: str | None = "R51", now: datetime = NOW, **fields: Any
) -> OpenException:
    """One that nobody waits for in Temporal, unless `track` is given."""
    base: dict[str, Any] = {
        "id": name,
        "connection": "shop",
        "return_id": return_id,
        "code": code,
        "step": "a-step",
        "reason": f"the reason of {name}",
        "now": now,
    }
    return OpenException.model_validate(base | fields)


def mismatch(name: str = MISMATCH, amount: int = 1999, **fields: Any) -> OpenException:
    """A refund that is not what the order gives, with its hypotheses."""
    figures = {
        "step": "credit-refund-1",
        "refund": f"rf-{name}",
        "platform_amount": f"{amount // 100}.{amount % 100:02}",
        "order_amount": "18.09",
        "difference": "1.90",
        "hypothesis": "order_discount_ignored",
        "hypotheses": HYPOTHESES,
    }
    reason = "the platform refunded 19.99 EUR, the order gives 18.09 EUR"
    whole: dict[str, Any] = {"payload": figures, "amount": Money(amount=amount, currency="EUR"), "reason": reason}
    return opened(name, ExceptionCode.REFUND_MISMATCH, **whole | fields)


def unmapped(number: int, **fields: Any) -> OpenException:
    """Goods that lie at a place without a depot."""
    figures = {"location": "LDN-9", "bucket": "sellable"}
    name = f"X-location-{number}"
    return opened(name, ExceptionCode.LOCATION_UNMAPPED, return_id=f"R{40 + number}", payload=figures, **fields)


def rejected(name: str = REJECTED, **fields: Any) -> OpenException:
    """A credit note that the ERP refused by a rule of its own."""
    figures = {"document": "bh-r52-c-1", "vendor_code": "SOP-117"}
    reason = "The account of the customer is on hold."
    amount = Money(amount=4500, currency="EUR")
    whole: dict[str, Any] = {"payload": figures, "reason": reason, "return_id": "R52", "amount": amount}
    return opened(name, ExceptionCode.CREDIT_REJECTED, **whole | fields)


async def fill_queue(store: Store) -> None:
    """A mismatch that waits for a second person, three parcels with one cause, and a run that has ended."""
    order = BulkOrder(group=GROUP, kind=ResolutionKind.RETRY, role=Role.WAREHOUSE, actor="wally", per_second=5)
    run = BulkRun(order=order, total=3, begun_at=NOW, ended_at=NOW, decided=1, refused=2)
    proposal = Proposal(
        kind=ResolutionKind.ACCEPT_PLATFORM_AMOUNT, role=Role.FINANCE, actor="fiona", reason="goodwill", at=NOW
    )
    async with store.begin() as unit:
        await unit.exceptions.open(mismatch(track=Track.FINANCE))
        await unit.exceptions.propose(MISMATCH, 1, proposal)
        await unit.exceptions.open(rejected(now=NOW - timedelta(days=3)))
        await unit.exceptions.escalate(REJECTED, 1, "the lead of finance", NOW)
        for number in range(3):
            await unit.exceptions.open(unmapped(number, now=NOW - timedelta(hours=number)))
        await unit.audit.add("wally", ENDED, GROUP, run.model_dump(mode="json"), NOW)
