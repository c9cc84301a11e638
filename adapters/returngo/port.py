"""ReturnGO as `domain.ports.ReturnsPlatform`."""

import html
from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.kit.outside import Outside
from adapters.returngo import contract
from adapters.returngo.client import ReturnGoClient
from adapters.returngo.contract import WireDecision, WireReturn
from adapters.returngo.inspection import describe, missing_entries
from adapters.returngo.mapping import to_refunds, to_return
from adapters.returngo.quota import account_of
from adapters.returngo.settings import ReturnGoSettings
from adapters.returngo.webhook import ReturnGoWebhooks
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected, RetryLater
from domain.ports import CallQuota, PlatformCapabilities
from domain.returns import ChangedReturn, LineDecision, ListedRefund, PlatformReturn, Refund, ReturnKind

PLATFORM_RETURN_TYPES = tuple(str(kind) for kind in ReturnKind)
"""What a return of ReturnGO can be; each needs a target in ``mappings.return_types`` (R18)."""

GRADES = (contract.RESTOCKABLE, contract.NOT_RESTOCKABLE, contract.NOT_RETURNED)
"""What ReturnGO's users can find of an item; where they inspect, each needs a target in ``mappings.dispositions``."""

ROUNDS = 3
"""How often one report follows a return that changes under it before it leaves the rest to a later try."""

SECOND = timedelta(seconds=1)


class ReturnGoPlatform:
    """Implements `domain.ports.ReturnsPlatform` for one shop.

    There is no idempotency key (ASSUMED(12)): every inspection report reads first and sends only what is missing, so
    repeating one, also after a lost answer, has no second effect.
    """

    capabilities = PlatformCapabilities(
        inspects=True,
        signs_webhooks=False,
        instant_refunds=True,
        exchanges=True,
        keep_items=True,
        lists_spans=False,
    )

    def __init__(self, settings: ReturnGoSettings, outside: Outside) -> None:
        self._client = ReturnGoClient(settings, outside)
        self._settings = settings

    async def read_return(self, return_id: str) -> PlatformReturn:
        """The present truth. Rejected(EVENT_INVALID), vendor code ``404``, when ReturnGO does not know it."""
        return self._map(await self._client.read_return(return_id))

    async def report_inspection(self, return_id: str, decisions: Sequence[LineDecision]) -> PlatformReturn:
        """Bring ReturnGO's validation up to these totals; the return as it is afterwards.

        Rejected(STATUS_DRIFT), both sides in figures, when ReturnGO has decided otherwise or takes no decision.
        """
        current = await self._client.read_return(return_id)
        entries = missing_entries(current, decisions)
        rounds = 0
        while entries:
            if (rounds := rounds + 1) > ROUNDS:
                raise RetryLater(f"ReturnGO's return {return_id} keeps changing while its inspection is reported")
            trouble = await self._decide(return_id, current, decisions, entries)
            before = (current.rmaSummary.status, entries)
            current = await self._client.read_return(return_id)
            entries = missing_entries(current, decisions)
            if entries and (current.rmaSummary.status, entries) == before:
                raise trouble or RetryLater(f"ReturnGO took the inspection of return {return_id} and does not show it")
        return self._map(current)

    async def list_refunds(self, since: datetime, until: datetime) -> list[ListedRefund]:
        """All refunds created in the half-open interval, oldest first, each once.

        Only a lower bound is sent, with a second to spare: whether the filter takes two is not known.
        """
        listed = await self._client.list_transactions(since - SECOND)
        refunds = {refund.refund_id: refund for refund in to_refunds(listed, self._settings.amounts)}
        inside = [refund for refund in refunds.values() if _created_within(refund, since, until)]
        return sorted(inside, key=lambda refund: refund.created_at or since)

    async def list_returns(self, since: datetime, until: datetime) -> list[ChangedReturn]:
        """All returns whose latest change is in the half-open interval, oldest first, each once.

        Only a lower bound is sent: whether the filter takes two is not known. What came too late is told by its events;
        a change that made no event may be later too. One whose events are all older made none: nobody can tell when.
        """
        listed = await self._client.list_returns(since)
        changed = {wire.rmaId: max((e.eventDate for e in wire.events if e.eventDate), default=None) for wire in listed}
        inside = [
            ChangedReturn(return_id=return_id, changed_at=at if at is not None and at >= since else None)
            for return_id, at in changed.items()
            if at is None or at < until
        ]
        return sorted(inside, key=lambda one: one.changed_at or since)

    async def add_note(self, return_id: str, text: str) -> None:
        """Leave a comment for ReturnGO's users. A lost answer is InDoubt: sending again may leave it twice."""
        await self._client.add_comment(return_id, html.escape(text))

    async def probe(self) -> None:
        """Prove that address, key and shop hold. Rejected(CONFIG_INVALID) when the address is another service's."""
        await self._client.probe()

    async def _decide(
        self, return_id: str, current: WireReturn, decisions: Sequence[LineDecision], entries: Sequence[WireDecision]
    ) -> Rejected | InDoubt | None:
        """Set what the transition table asks for, one status after the other; what stopped it, if anything did."""
        status = current.rmaSummary.status
        if status not in contract.STEPS_TO_VALIDATED:
            raise _not_taken(current, decisions, "ReturnGO takes no inspection now")
        for step in contract.STEPS_TO_VALIDATED[status]:
            try:
                refusal = await self._client.set_status(return_id, step, entries if step == contract.VALIDATED else ())
            except InDoubt as doubt:
                return doubt
            if refusal is not None:
                return _not_taken(current, decisions, str(refusal), refusal.vendor_code)
        return None

    def _map(self, wire: WireReturn) -> PlatformReturn:
        return to_return(wire, self._settings)


def build(settings: ReturnGoSettings, outside: Outside) -> ReturnGoPlatform:
    """The platform of one shop; what is in `outside` is shared and stays the caller's to close."""
    return ReturnGoPlatform(settings, outside)


def quota(settings: ReturnGoSettings) -> CallQuota:
    """What the account may call in a day."""
    return CallQuota(account=account_of(settings.api_key), daily_calls=settings.daily_calls)


def build_webhooks(settings: ReturnGoSettings) -> ReturnGoWebhooks:
    """The receiver of one shop's webhooks."""
    return ReturnGoWebhooks(settings.webhook_token, settings.shop_name)


def _not_taken(current: WireReturn, decisions: Sequence[LineDecision], why: str, vendor_code: str = "") -> Rejected:
    figures = f"the return is {current.rmaSummary.status}; {describe(current, decisions)}"
    return Rejected(ExceptionCode.STATUS_DRIFT, f"{why}: {figures}", vendor_code=vendor_code)


def _created_within(refund: Refund, since: datetime, until: datetime) -> bool:
    """Whether it belongs to the interval; a refund without a time is never left out."""
    return refund.created_at is None or since <= refund.created_at < until
