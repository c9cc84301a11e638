"""Brings what a warehouse reports to whoever waits for it: the return, or a parcel's own workflow (E20, E26, E29)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from desk.handles import failure
from desk.inspections import InspectionAnswer, record_inspection
from desk.starting import start_or_poke, start_parcel
from domain.connection import Connection
from domain.documents import DocumentKind
from domain.inspection import Inspection, Regrade
from domain.messages import Poke, erp_queue, platform_queue
from domain.model import Value
from domain.parcel import ParcelStart, parcel_ref
from domain.returns import ReturnRef
from store import Store, Unit
from store.balance import regrade_refusal


class RegradeAnswer(Value):
    """What became of a regrade. `refused` is the reason; empty when it is under way or done."""

    refused: str = ""
    repeated: bool = False


@dataclass(frozen=True)
class Warehouse:
    """The desk that takes inspections and regrades in.

    connections: name → connection; it is asked only for what needs a workflow of its own
    knows: whether a return exists on its platform; raises VendorTrouble when that cannot be found out. None: nobody
    can be asked, so a return without a webhook stays unknown.
    """

    store: Store
    connections: Callable[[str], Connection]
    knows: Callable[[ReturnRef], Awaitable[bool]] | None = None

    async def inspected(
        self, client: Client, ref: ReturnRef, inspection: Inspection, wait: float = 5.0
    ) -> InspectionAnswer:
        """Record a parcel of a return: with its case, with one that is started for it (N7), or after its end.

        Raises TemporalUnreachableError, VendorTrouble: nothing is known to be stored; the same call may be repeated.
        """
        if waiting := await self._waits_unmatched(ref.connection, inspection):
            return InspectionAnswer(outcome="refused", text=waiting)
        answer = await record_inspection(client, ref, inspection, wait)
        if answer.outcome == "unknown" and self.knows is not None and await self.knows(ref):
            await self._start(client, ref)
            answer = await record_inspection(client, ref, inspection, wait)
        return await self._after_end(client, ref, inspection) if answer.outcome == "closed" else answer

    async def came_blind(
        self, client: Client, connection: str, inspection: Inspection, tracking_number: str, order_number: str
    ) -> InspectionAnswer:
        """Take in a parcel whose return nobody knows (E26). Raises TemporalUnreachableError."""
        start = ParcelStart(
            ref=parcel_ref(connection, inspection.inspection_id),
            blind=True,
            inspection=inspection,
            tracking_number=tracking_number,
            order_number=order_number,
            **self._queues(connection),
        )
        return _answer(await start_parcel(client, start), inspection.inspection_id)

    async def regraded(self, client: Client, ref: ReturnRef, regrade: Regrade) -> RegradeAnswer:
        """Move booked units to another disposition, when they are booked (E24). Raises TemporalUnreachableError."""
        mappings = self.connections(ref.connection).mappings
        async with self.store.reading() as unit:
            documents = await unit.documents.for_return(ref)
        if reason := regrade_refusal(documents, mappings, regrade):
            return RegradeAnswer(refused=reason)
        started = await start_parcel(client, ParcelStart(ref=ref, regrade=regrade, **self._queues(ref.connection)))
        if started == "conflict":
            text = f"regrade {regrade.regrade_id} is known with other content; send this one under an id of its own"
            return RegradeAnswer(refused=text)
        return RegradeAnswer(repeated=started == "repeated")

    async def _after_end(self, client: Client, ref: ReturnRef, inspection: Inspection) -> InspectionAnswer:
        scan = inspection.inspection_id
        async with self.store.reading() as unit:
            known = await unit.inspections.list(ref)
        if any(one.booked and one.inspection.inspection_id == scan for one in known):
            return InspectionAnswer(outcome="confirmed", repeated=True)  # the return itself had booked it (E15)
        start = ParcelStart(ref=ref, inspection=inspection, **self._queues(ref.connection))
        return _answer(await start_parcel(client, start), scan)

    async def _waits_unmatched(self, connection: str, inspection: Inspection) -> str:
        """Why this scan cannot be booked on a return: it lies in quarantine as a parcel without one."""
        scan = inspection.inspection_id
        async with self.store.reading() as unit:
            if not await _in_quarantine(unit, parcel_ref(connection, scan)):
                return ""
        return (
            f"parcel {scan} was taken in as one without a return, and is in stock as such; "
            "match it there: decide its UNMATCHED_RECEIPT with EDIT_AND_RETRY and return=<platform return id>"
        )

    async def _start(self, client: Client, ref: ReturnRef) -> None:
        try:
            await start_or_poke(client, ref, self.connections(ref.connection), Poke(reason="operator"))
        except WorkflowAlreadyStartedError:
            return  # it has come and gone meanwhile
        except RPCError as error:
            raise failure(error) from error

    def _queues(self, connection: str) -> dict[str, str]:
        books = self.connections(connection).books
        return {"erp_queue": erp_queue(books), "platform_queue": platform_queue(connection)}


async def _in_quarantine(unit: Unit, ref: ReturnRef) -> bool:
    kinds = [document.kind for document in await unit.documents.for_return(ref)]
    return DocumentKind.ADJUSTMENT in kinds and DocumentKind.REMOVAL not in kinds


def _answer(started: str, scan: str) -> InspectionAnswer:
    if started == "conflict":
        text = f"parcel {scan} is known with other content; send this one under an id of its own"
        return InspectionAnswer(outcome="refused", text=text)
    return InspectionAnswer(outcome="parcel", repeated=started == "repeated")
