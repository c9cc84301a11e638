"""What a scenario can do and wait for. Every wait has a limit and says what it was for."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from desk.lost import report_lost
from desk.resolutions import decide_in_workflow
from domain.connection import InspectedBy
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.messages import LostReport
from domain.parcel import parcel_ref
from domain.progress import Stage
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from starter.demo.goods import Json, Sold, Wanted
from starter.demo.system import System
from starter.demo.trouble import Refused, WaitFailed
from starter.demo.vendors.erp import Target, mark_of
from starter.demo.watch import LIMIT_SECONDS, Watch
from starter.demo.world import Warehouse
from store.records import DocumentState, ExceptionRecord, ExceptionState

Seen = TypeVar("Seen")

_AGAIN_SECONDS = 0.2


class Play:
    """One return of the demo, and the people around it.

    order: the number of the order that this scenario sells
    parcels: what stands for the return while nobody knows that a parcel is its
    """

    def __init__(self, system: System, watch: Watch, connection: str, order: str) -> None:
        self.system = system
        self.connection = connection
        self.order = order
        self.ref: ReturnRef | None = None
        self.parcels: list[ReturnRef] = []
        self.erp = system.erp(connection)
        self.platform = system.platform(connection)
        self._warehouse = Warehouse(system.http, system.bridge.url, system.surroundings.inspection_token)
        self._watch = watch
        self._client: Client = system.client
        self._scans = 0
        self._began = self._ended = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the return took, or has taken so far."""
        return (self._ended if self._ended > self._began else time.monotonic()) - self._began

    @property
    def known(self) -> ReturnRef:
        """The return, which must have been opened."""
        assert self.ref is not None, "the scenario opened no return"
        return self.ref

    @property
    def target(self) -> Target:
        """The return, as requests about it name it."""
        record = self._watch.record(self.ref)
        return Target(mark_of(self.known), record.rma_number if record else "")

    # Shop and customer

    async def sell(self, *lines: Sold, **header: Any) -> None:
        """An order that was despatched some time ago."""
        await self.erp.sell(self.order, lines, **header)

    async def sell_replacement(self) -> None:
        """The replacement leaves: from now on it is the order that the customer returns from."""
        self.order = await self.until_ordered()
        await self.erp.despatch(self.order)

    async def ask_for_return(self, *items: Wanted, **more: Any) -> str:
        """The customer opens the return on the platform; its id."""
        self._began = self._ended = time.monotonic()
        return_id = await self.platform.open_return(self.order, items, **more)
        self.ref = ReturnRef(connection=self.connection, return_id=return_id)
        return return_id

    async def begin_request(self, *items: Wanted, **more: Any) -> str:
        """The customer begins a request; there is time to arrange what `finish_request` will meet."""
        return await self.ask_for_return(*items, status="incomplete", **more)

    async def finish_request(self) -> None:
        """The customer finishes the request."""
        await self.platform.act(self.known.return_id, "complete")

    # Warehouse and desk

    async def inspect(self, *units: tuple[str, int, str], confirmed: bool = False) -> None:
        """The warehouse reports one parcel: SKU, units, disposition. `confirmed`: counted again.

        Where the platform's own users inspect, they do, and finish the return.
        """
        if self.system.connections[self.connection].policy.inspected_by is InspectedBy.PLATFORM:
            await self.platform.grade(self.known.return_id, units)
            return
        self._scans += 1
        scan = f"{self.known.return_id[:8]}-parcel-{self._scans}"

        async def taken() -> bool:
            return await self._warehouse.report(self.known, scan, units, confirmed=confirmed)

        await self.until(taken, "the bridge to take the inspection")

    async def inspect_unknown(self, *units: tuple[str, int, str]) -> ReturnRef:
        """The warehouse reports a parcel without its return; what stands for it."""
        scan = f"box-of-{self.order}"
        self.parcels.append(parcel_ref(self.connection, scan))

        async def taken() -> bool:
            return await self._warehouse.report_blind(self.connection, scan, units)

        await self.until(taken, "the bridge to take the parcel")
        return self.parcels[-1]

    async def regrade(self, sku: str, units: int, was: str, now: str) -> None:
        """The warehouse looks again at booked units; waits until they are moved."""
        name = f"{self.known.return_id[:8]}-regrade"
        row: Json = {"sku": sku, "quantity": units, "was": was, "now": now}

        async def taken() -> bool:
            return await self._warehouse.report_regrade(self.known, name, [row])

        await self.until(taken, "the bridge to take the regrade")
        await self.until_posted(DocumentKind.TRANSFER)

    async def lose_parcel(self, claim: str) -> None:
        """The carrier says that it lost the goods. The return must know of its RMA, a moment after the store does."""

        async def taken() -> bool:
            answer = await report_lost(self._client, self.known, LostReport(reason=claim))
            return answer.outcome == "asked"

        await self.until(taken, "the return to take the carrier's report")

    async def decide(
        self,
        parked: ExceptionRecord,
        kind: ResolutionKind,
        role: Role,
        reason: str = "",
        document: str = "",
        edits: dict[str, str] | None = None,
    ) -> None:
        """A person resolves an exception; what no worker confirmed is sent once more: it is applied once (E67)."""
        resolution = Resolution(
            exception_id=parked.id,
            version=parked.version,
            kind=kind,
            role=role,
            actor=f"demo-{role.value}",
            reason=reason,
            document=document,
            edits=edits or {},
        )
        answer = await decide_in_workflow(self._client, parked, resolution)
        if answer.outcome == "unconfirmed":  # the worker was just killed
            answer = await decide_in_workflow(self._client, parked, resolution)
        if answer.outcome != "decided":
            raise Refused(f"{kind} of {parked.code} was {answer.outcome}: {answer.text}")

    # Waiting

    async def until_stage(self, *stages: Stage) -> None:
        """Wait until the return stands there."""

        def there() -> bool | None:
            record = self._watch.record(self.ref)
            return True if record and record.stage in stages else None

        await self._see(there, f"stage {' or '.join(stages)}")

    async def until_authorised(self) -> None:
        """Wait until the RMA is open and the goods are expected."""
        await self.until_stage(Stage.AWAITING_GOODS)

    async def until_partly_received(self) -> None:
        """Wait until some of the goods are booked."""
        await self.until_stage(Stage.PARTLY_RECEIVED)

    async def check_units_are_free(self) -> None:
        """Raise Refused when the return still holds units of its order."""
        books = self.system.connections[self.connection].books
        async with self.system.store.reading() as unit:
            held = await unit.slots.held(books, self.order, self.known)
        if held:
            raise Refused(f"return {self.ref} still holds {len(held)} unit(s) of order {self.order}")

    async def until_posted(self, kind: DocumentKind, ref: ReturnRef | None = None) -> None:
        """Wait until the ERP has such a document of the return, or of `ref`."""

        async def posted() -> bool:
            async with self.system.store.reading() as unit:
                documents = await unit.documents.for_return(ref or self.known)
            return any(document.kind is kind and document.state.in_erp for document in documents)

        await self.until(posted, f"a {kind} in the ERP", LIMIT_SECONDS)

    async def until_exposed(self) -> None:
        """Wait until something is out whose goods are still to come."""

        async def exposed() -> bool:
            async with self.system.store.reading() as unit:
                return bool(await unit.exposures.of(self.known))

        await self.until(exposed, "an exposure", LIMIT_SECONDS)

    async def until_ordered(self) -> str:
        """Wait until the ERP took the replacement order; its number."""

        async def ordered() -> bool:
            return bool(await self.erp.replacements(self.target.mark))

        await self.until(ordered, "the replacement order", LIMIT_SECONDS)
        return (await self.erp.replacements(self.target.mark))[0]

    async def check_nothing_ordered(self) -> None:
        """Raise Refused when there is a replacement order already."""
        if orders := await self.erp.replacements(self.target.mark):
            raise Refused(f"replacement {', '.join(orders)} was ordered too early")

    async def until_parked(self, code: ExceptionCode, ref: ReturnRef | None = None) -> ExceptionRecord:
        """Wait until a track of the return, or of `ref`, is parked for this reason."""

        def parked() -> ExceptionRecord | None:
            found = self._watch.exceptions(ref or self.known)
            return next((e for e in found if e.code is code and e.state is ExceptionState.OPEN), None)

        return await self._see(parked, f"exception {code}")

    async def until_troubles_met(self) -> None:
        """Wait until every fault that was armed for this return has hit it."""

        async def met() -> bool:
            theirs = await self.platform.faults_left(self.known.return_id)
            return not theirs and not await self.erp.troubles_left(self.target)

        await self.until(met, "every armed fault to hit", LIMIT_SECONDS)

    async def until_booking(self) -> None:
        """Wait until the goods are on their way into the ERP: a call that takes its time, or a file's document."""

        async def queued() -> bool:
            async with self.system.store.reading() as unit:
                documents = await unit.documents.for_return(self.known)
            return any(one.kind is DocumentKind.RECEIPT and one.state is DocumentState.QUEUED for one in documents)

        async def called() -> bool:
            return not await self.erp.troubles_left(self.target)

        await self.until(queued if self.erp.in_files else called, "the receipt to be on its way")

    async def until(self, check: Callable[[], Awaitable[bool]], what: str, limit: float = 20) -> None:
        """Wait until `check` says yes."""
        try:
            async with asyncio.timeout(limit):
                while not await check():
                    await asyncio.sleep(_AGAIN_SECONDS)
        except TimeoutError:
            raise WaitFailed(f"waited {limit:g} s for {what}") from None

    async def until_over(self, *stages: Stage) -> None:
        """Wait until the return stands at its end and its workflow has ended."""
        await self.until_stage(*stages)
        handle = self._client.get_workflow_handle(self.known.workflow_id)
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                await handle.result()
        except TimeoutError:
            raise WaitFailed(f"waited {LIMIT_SECONDS:g} s for the end of the workflow") from None
        except (WorkflowFailureError, RPCError) as error:
            raise Refused(f"the workflow did not end well: {error}") from error
        self._ended = time.monotonic()

    async def _see(self, look: Callable[[], Seen | None], what: str) -> Seen:
        try:
            return await self._watch.until(look, what)
        except WaitFailed as failed:
            raise WaitFailed(f"{failed}; {self._present()}") from None

    def _present(self) -> str:
        """Where the return stands instead."""
        record = self._watch.record(self.ref)
        if record is None:
            return f"nothing is known of return {self.ref}"
        parked = [e.reason for e in self._watch.exceptions(record.ref) if e.state is ExceptionState.OPEN]
        return f"it is {record.stage} and waits for {'; '.join(parked) or record.waiting_for or 'nothing'}"
