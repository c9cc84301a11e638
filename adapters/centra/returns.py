"""The returns of one order: made, replaced, deleted, completed; each found by its mark before and after (D1).

A second return under one external id can come about when a search lagged behind. Whatever is made is read back with
all returns of the order; of twins the newest stays, because it has the external id, unless one is completed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from adapters.centra import contract
from adapters.centra.amounts import Costs
from adapters.centra.client import CentraClient
from adapters.centra.contract import RETURN_COMPLETED, VENDOR
from adapters.centra.units import Units, comment, external_ids, mark
from adapters.centra.wire import Payload, Payments, Return
from adapters.kit.once import effectively_once
from domain.documents import Posted
from domain.outcomes import InDoubt, Rejected, RetryLater


@dataclass(frozen=True)
class Draft:
    """A return to be made. `rma`, `of` and `whole` are its marks (see `units`)."""

    order_number: int
    currency: str
    external_id: str
    shipment: int
    units: Units
    costs: Costs
    rma: str = ""
    of: str = ""
    whole: Units = field(default_factory=Units)

    def input(self) -> dict[str, object]:
        """`ReturnCreateInput`. Nothing becomes sellable before inspection: the units are removed from stock."""
        return {
            "shipment": {"id": self.shipment},
            "lines": [
                {"shipmentLine": {"id": line}, "quantity": quantity} for line, quantity in sorted(self.units.items())
            ],
            "returnStockActionPolicy": {"removeItemsFromStock": True},
            **self.costs.fields(self.currency),
            "comment": comment(self.external_id, self.order_number, self.rma, self.of, self.whole),
            "externalId": self.external_id,
        }


class Returns:
    """Returns of one Centra."""

    def __init__(self, client: CentraClient) -> None:
        self._client = client

    async def where(self, **conditions: object) -> list[Return]:
        """Every return that the filter finds."""
        return await self._client.all_rows(contract.RETURNS, Return, w=conditions)

    async def of_order(self, order_number: int) -> list[Return]:
        """Every return of the order, oldest first."""
        return sorted(await self.where(orderNumber=[order_number]), key=lambda row: row.id)

    async def of_key(self, key: str) -> list[Return]:
        """Returns under our key, where the order is not known."""
        return await self.where(externalId=external_ids(key))

    async def read(self, number: int) -> Return | None:
        """One return, or None when it is deleted."""
        rows = await self.where(id=[number])
        if any(row.id != number for row in rows):
            raise RetryLater(f"{VENDOR} returns: the answer is about another return")
        return next(iter(rows), None)

    async def make(self, draft: Draft, instead_of: Return | None = None) -> Return:
        """The return of this draft, once. `instead_of` is deleted in the same request."""
        if instead_of is None:
            return await self._once(draft, lambda: self._client.mutate(contract.CREATE_RETURN, i=draft.input()))
        old = instead_of.id
        return await self._once(draft, lambda: self._client.mutate(contract.REPLACE_RETURN, id=old, i=draft.input()))

    async def delete(self, row: Return) -> Posted:
        """Deleted already is success."""

        async def gone() -> Posted | None:
            return None if await self.read(row.id) else Posted(number=str(row.id))

        return await self._settled(contract.DELETE_RETURN, row, gone)

    async def complete(self, row: Return) -> Posted:
        """Completed already is success."""

        async def done() -> Posted | None:
            now = await self.read(row.id)
            return Posted(number=str(row.id)) if now and now.status == RETURN_COMPLETED else None

        return await self._settled(contract.COMPLETE_RETURN, row, done)

    async def uncomplete(self, row: Return) -> Posted:
        """Pending already, or deleted, is success."""

        async def undone() -> Posted | None:
            now = await self.read(row.id)
            return None if now and now.status == RETURN_COMPLETED else Posted(number=str(row.id))

        return await self._settled(contract.UNCOMPLETE_RETURN, row, undone)

    async def refund(self, row: Return) -> None:
        """Let Centra pay out a completed return, unless it has begun to."""
        found = await self._client.rows(contract.PAYMENTS, Payments, w={"id": [row.id]})
        if len(found) != 1:
            raise RetryLater(f"{VENDOR} returns: the answer is not about one return")
        if not found[0].entries:
            await self._client.mutate(contract.REFUND_RETURN, id=row.id)

    async def _settled(
        self, operation: contract.Operation, row: Return, found: Callable[[], Awaitable[Posted | None]]
    ) -> Posted:
        async def change() -> Posted:
            await self._client.mutate(operation, id=row.id)
            return Posted(number=str(row.id))

        try:
            return await effectively_once(found, change)
        except Rejected:
            # a request of ours that was on its way may have done it in between
            if (done := await found()) is None:
                raise
            return done.model_copy(update={"adopted": True})

    async def _once(self, draft: Draft, create: Callable[[], Awaitable[Payload]]) -> Return:
        kept: dict[str, Return] = {}

        async def find(made: int | None = None) -> Posted | None:
            row = await self._single(draft, made)
            if row is None:
                return None
            kept["row"] = row
            return Posted(number=str(row.id))

        async def make() -> Posted:
            payload = await create()
            if payload.made_return is None:
                raise InDoubt(f"{VENDOR} made a return and does not name it")
            posted = await find(payload.made_return.id)
            if posted is None:
                raise InDoubt(f"{VENDOR} does not show return {payload.made_return.id} yet")
            return posted

        await effectively_once(find, make)
        return kept["row"]

    async def _single(self, draft: Draft, made: int | None) -> Return | None:
        """The live return with the draft's mark; its twins are deleted. None when what was just made is not to be seen:
        then nothing that is read now can be trusted."""
        rows = [row for row in await self.of_order(draft.order_number) if mark(row).external_id == draft.external_id]
        if made is not None and made not in [row.id for row in rows]:
            return None
        if not rows:
            return None
        keep = next((row for row in rows if row.status == RETURN_COMPLETED), rows[-1])
        for twin in rows:
            if twin.id != keep.id and twin.status != RETURN_COMPLETED:
                await self.delete(twin)
        return keep
