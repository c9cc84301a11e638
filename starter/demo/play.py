"""What a scenario can do and wait for. Every wait has a limit and says what it was for."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.progress import Stage
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from starter.demo.goods import Json, Sold, Wanted
from starter.demo.system import System
from starter.demo.trouble import Refused, WaitFailed
from starter.demo.watch import LIMIT_SECONDS, Watch
from starter.demo.world import Prima, Reveni, Warehouse
from starter.resolutions import decide_in_workflow
from store.records import ExceptionRecord, ExceptionState

Seen = TypeVar("Seen")

_AGAIN_SECONDS = 0.2


class Play:
    """One return of the demo, and the people around it.

    order: the number of the order that this scenario sells
    """

    def __init__(self, system: System, watch: Watch, connection: str, order: str) -> None:
        self.system = system
        self.connection = connection
        self.order = order
        self.ref: ReturnRef | None = None
        self.prima = Prima(system.http, system.prima.url)
        self.reveni = Reveni(system.http, system.stores[connection].url)
        self._warehouse = Warehouse(system.http, system.bridge.url, system.surroundings.inspection_token)
        self._watch = watch
        self._client: Client = system.client
        self._parcels = 0
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

    # Shop and customer

    async def sell(self, *lines: Sold, **header: Any) -> None:
        """An order that was despatched some time ago."""
        await self.prima.sell(self.order, lines, **header)

    async def ask_for_return(self, *items: Wanted, **more: Any) -> str:
        """The customer opens the return on the platform; its id."""
        self._began = self._ended = time.monotonic()
        return_id = await self.reveni.open_return(self.order, items, **more)
        self.ref = ReturnRef(connection=self.connection, return_id=return_id)
        return return_id

    async def begin_request(self, *items: Wanted, **more: Any) -> str:
        """The customer begins a request; there is time to arrange what `finish_request` will meet."""
        return await self.ask_for_return(*items, status="incomplete", **more)

    async def finish_request(self) -> None:
        """The customer finishes the request."""
        await self.reveni.act(self.known.return_id, "complete")

    # Warehouse and desk

    async def inspect(self, *units: tuple[str, int, str]) -> None:
        """The warehouse reports one parcel: SKU, units, disposition."""
        self._parcels += 1
        scan = f"{self.known.return_id[:8]}-parcel-{self._parcels}"
        rows: list[Json] = [{"sku": s, "quantity": n, "disposition": d} for s, n, d in units]

        async def taken() -> bool:
            return await self._warehouse.report(self.connection, self.known.return_id, scan, rows)

        await self.until(taken, "the bridge to take the inspection")

    async def decide(self, parked: ExceptionRecord, kind: ResolutionKind, role: Role, reason: str = "") -> None:
        """A person resolves an exception."""
        resolution = Resolution(
            exception_id=parked.id,
            version=parked.version,
            kind=kind,
            role=role,
            actor=f"demo-{role.value}",
            reason=reason,
        )
        answer = await decide_in_workflow(self._client, self.known, resolution)
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
        books = self.system.books[self.connection]
        async with self.system.store.reading() as unit:
            held = await unit.slots.held(books, self.order, self.known)
        if held:
            raise Refused(f"return {self.ref} still holds {len(held)} unit(s) of order {self.order}")

    async def until_parked(self, code: ExceptionCode) -> ExceptionRecord:
        """Wait until a track is parked for this reason."""

        def parked() -> ExceptionRecord | None:
            found = self._watch.exceptions(self.known)
            return next((e for e in found if e.code is code and e.state is ExceptionState.OPEN), None)

        return await self._see(parked, f"exception {code}")

    async def until_troubles_met(self) -> None:
        """Wait until every fault that was armed for this return has hit it."""
        key = self.known.return_id

        async def met() -> bool:
            return not await self.prima.faults_left(key) and not await self.reveni.faults_left(key)

        await self.until(met, "every armed fault to hit", LIMIT_SECONDS)

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
