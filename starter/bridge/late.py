"""News about a return that is closed already: what changed since becomes an exception (R46, R70)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from desk.clock import Clock
from domain.exceptions import ExceptionCode
from domain.keys import exception_id
from domain.money import told_amount
from domain.outcomes import Rejected
from domain.ports import ReturnsPlatform
from domain.returns import PlatformPhase, PlatformReturn, Refund, RefundState, ReturnRef
from store import Store
from store.records import OpenException, RefundRecord, ReturnRecord

log = structlog.get_logger("starter.bridge.late")


@dataclass(frozen=True)
class LateNews:
    """One change after the close. `subject` is what changed: a refund id, or a word."""

    code: ExceptionCode
    subject: str
    reason: str


class LateDesk:
    """Reads closed returns once more. `platforms` has one port per connection."""

    def __init__(self, store: Store, platforms: Mapping[str, ReturnsPlatform], clock: Clock) -> None:
        self._store = store
        self._platforms = platforms
        self._clock = clock

    async def knows(self, ref: ReturnRef) -> bool:
        """Whether the platform has this return, so that a case may be started for it. Raises VendorTrouble."""
        try:
            await self._platforms[ref.connection].read_return(ref.return_id)
        except Rejected:
            return False
        return True

    async def review(self, ref: ReturnRef) -> None:
        """Open one exception for each thing that changed; an echo of what we know changes nothing.

        Raises VendorTrouble when the platform cannot be read.
        """
        fresh = await self._platforms[ref.connection].read_return(ref.return_id)
        now = self._clock()
        async with self._store.begin() as unit:
            record = await unit.returns.get(ref)
            if record is None:
                return
            news = list(late_news(record, await unit.returns.refunds(ref), fresh))
            if not news:
                return
            await unit.returns.save_platform_return(ref, fresh, now)
            for item in news:
                await unit.exceptions.open(_exception(ref, item, fresh, now=now))
                log.warning("a closed return changed on the platform", code=item.code, return_id=ref.return_id)


def late_news(record: ReturnRecord, known: list[RefundRecord], fresh: PlatformReturn) -> Iterator[LateNews]:
    """What the platform says now and did not say when the return was closed."""
    before = {refund.refund_id: refund for refund in known}
    for refund in fresh.refunds:
        yield from _refund_news(refund, before.get(refund.refund_id))
    if fresh.phase is PlatformPhase.CANCELLED and record.phase is not PlatformPhase.CANCELLED:
        reason = "the platform cancelled the return after it was closed; its documents stay as they are"
        yield LateNews(ExceptionCode.CANCEL_AFTER_CREDIT, "cancelled", reason)


def _refund_news(refund: Refund, before: RefundRecord | None) -> Iterator[LateNews]:
    amount = f"refund {refund.refund_id} of {told_amount(refund.amount_text, refund.currency)}"
    if refund.state is RefundState.PAID and (before is None or before.state is not RefundState.PAID):
        reason = f"{amount} was paid after the return was closed, when no refund was to come any more"
        yield LateNews(ExceptionCode.DUPLICATE_REFUND, refund.refund_id, reason)
    if refund.state is RefundState.FAILED and before is not None and before.state is RefundState.PAID:
        reason = f"{amount} failed after its credit note was posted; the note stays"
        yield LateNews(ExceptionCode.REFUND_FAILED, refund.refund_id, reason)


def _exception(ref: ReturnRef, news: LateNews, fresh: PlatformReturn, *, now: datetime) -> OpenException:
    """Beside the flow: it has no track, and is decided in the store."""
    name = f"{ref.workflow_id}/late/{news.code}/{news.subject}"
    is_refund = any(refund.refund_id == news.subject for refund in fresh.refunds)
    return OpenException(
        id=exception_id(name, 1),
        connection=ref.connection,
        return_id=ref.return_id,
        code=news.code,
        step="late-news",
        reason=news.reason,
        payload={"refund": news.subject} if is_refund else {},
        now=now,
    )
