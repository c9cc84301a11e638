"""Reveni as `domain.ports.ReturnsPlatform`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx

from adapters.kit.outside import Outside
from adapters.reveni.client import Refusal, ReveniClient
from adapters.reveni.contract import WireDecision, WireReturn
from adapters.reveni.inspection import describe, missing_entries
from adapters.reveni.mapping import to_listed_refund, to_return
from adapters.reveni.settings import ReveniSettings
from adapters.reveni.webhook import ReveniWebhooks
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected, RetryLater
from domain.ports import PlatformCapabilities
from domain.returns import ChangedReturn, LineDecision, ListedRefund, PlatformReturn

ROUNDS = 3
"""How often one report follows a return that changes under it before it leaves the rest to a later try."""

SECOND = timedelta(seconds=1)


class ReveniPlatform:
    """Implements `domain.ports.ReturnsPlatform` for one store.

    No call carries an idempotency key (ASSUMED(11)): every inspection report reads first and sends only what
    is missing, so repeating one, also after a lost answer, has no second effect.
    """

    capabilities = PlatformCapabilities(
        inspects=False, signs_webhooks=True, instant_refunds=True, exchanges=True, keep_items=True
    )

    def __init__(self, settings: ReveniSettings, http: httpx.AsyncClient) -> None:
        self._client = ReveniClient(settings, http)
        self._order_reference = settings.order_reference

    async def read_return(self, return_id: str) -> PlatformReturn:
        """The present truth. Rejected(EVENT_INVALID), vendor code ``404``, when Reveni does not know it."""
        return self._map(await self._client.read_return(return_id))

    async def report_inspection(self, return_id: str, decisions: Sequence[LineDecision]) -> PlatformReturn:
        """Bring Reveni's decisions up to these totals; the return as it is afterwards.

        Rejected(STATUS_DRIFT), both sides in figures, when Reveni has decided otherwise or takes no decision.
        """
        current = await self._client.read_return(return_id)
        entries = missing_entries(current, decisions)
        rounds = 0
        while entries:
            if (rounds := rounds + 1) > ROUNDS:
                raise RetryLater(f"Reveni's return {return_id} keeps changing while its inspection is reported")
            sent = entries
            current, refusal = await self._decide(return_id, decisions, sent)
            entries = missing_entries(current, decisions)
            if entries == sent:
                raise _not_taken(current, decisions, refusal)
        return self._map(current)

    async def list_refunds(self, since: datetime, until: datetime) -> list[ListedRefund]:
        """All refunds created in the half-open interval, oldest first, each once.

        Whether Reveni's own bounds are inclusive is not known: one second more is asked for on both sides.
        """
        listed = await self._client.list_refunds(since - SECOND, until + SECOND)
        refunds = {wire.id: to_listed_refund(wire) for wire in listed}
        inside = [refund for refund in refunds.values() if _within(refund.created_at, since, until)]
        return sorted(inside, key=lambda refund: refund.created_at or since)

    async def list_returns(self, since: datetime, until: datetime) -> list[ChangedReturn]:
        """All returns whose latest change is in the half-open interval, oldest first, each once.

        Only a lower bound can be asked for, and whether it is inclusive is not known: a second more is asked for.
        """
        listed = await self._client.list_returns(since - SECOND)
        changed = {wire.id: wire.updated_at for wire in listed if _within(wire.updated_at, since, until)}
        found = [ChangedReturn(return_id=return_id, changed_at=at) for return_id, at in changed.items()]
        return sorted(found, key=lambda one: one.changed_at or since)

    async def add_note(self, return_id: str, text: str) -> None:
        """Leave a note for Reveni's users. A lost answer is InDoubt: sending again may leave it twice."""
        await self._client.add_note(return_id, text)

    async def probe(self) -> None:
        """Prove that address, store and key hold. Rejected(CONFIG_INVALID) when there is no such store."""
        await self._client.probe()

    async def _decide(
        self, return_id: str, decisions: Sequence[LineDecision], entries: Sequence[WireDecision]
    ) -> tuple[WireReturn, Refusal | None]:
        """Send the entries; the return afterwards, read again wherever the answer does not show it."""
        try:
            answer = await self._client.partial_validate(return_id, entries)
        except InDoubt:
            current = await self._client.read_return(return_id)
            if missing_entries(current, decisions):
                raise
            return current, None
        if isinstance(answer, Refusal):
            return await self._client.read_return(return_id), answer
        return answer, None

    def _map(self, wire: WireReturn) -> PlatformReturn:
        return to_return(wire, self._order_reference)


def build(settings: ReveniSettings, outside: Outside) -> ReveniPlatform:
    """The platform of one store."""
    return ReveniPlatform(settings, outside.http)


def build_webhooks(settings: ReveniSettings) -> ReveniWebhooks:
    """The receiver of one store's webhooks."""
    return ReveniWebhooks(settings.api_key, timedelta(seconds=settings.signature_tolerance_seconds))


def _not_taken(current: WireReturn, decisions: Sequence[LineDecision], refusal: Refusal | None) -> Rejected:
    """Nothing moved: Reveni refused, or took the call and did nothing."""
    figures = f"the return is {current.status!r}; {describe(current, decisions)}"
    if refusal is None:
        text = f"Reveni took the inspection but did not apply it: {figures}"
        return Rejected(ExceptionCode.STATUS_DRIFT, text)
    code = ExceptionCode.STATUS_DRIFT if refusal.conflict else ExceptionCode.EVENT_INVALID
    text = f"Reveni refused the inspection (HTTP {refusal.status}, {refusal.words}): {figures}"
    return Rejected(code, text, vendor_code=str(refusal.status))


def _within(moment: datetime | None, since: datetime, until: datetime) -> bool:
    """Whether it belongs to the interval; what has no time is never left out."""
    return moment is None or since <= moment < until
