"""A stand-in for the return workflow: it remembers what starters send, by the names and payloads of domain.messages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.inspection import Inspection
from domain.messages import (
    INSPECTION_SIGNAL,
    PARCEL_WORKFLOW,
    POKE_SIGNAL,
    RECORD_INSPECTION_UPDATE,
    REPORT_LOST_UPDATE,
    RESOLVE_UPDATE,
    RETURN_WORKFLOW,
    RETURNS_QUEUE,
    InspectionReceipt,
    LooseInspection,
    LostReceipt,
    LostReport,
    Poke,
    ResolutionReceipt,
    ReturnOutcome,
    ReturnStart,
)
from domain.model import Message
from domain.parcel import ParcelStart
from domain.resolution import Resolution


class Seen(Message):
    """What arrived so far."""

    start: ReturnStart
    pokes: list[Poke] = []
    inspections: list[str] = []
    by_signal: list[LooseInspection] = []
    resolutions: list[Resolution] = []


@workflow.defn(name=RETURN_WORKFLOW)
class Recorder:
    """Refuses inspections of the location NOWHERE, and knows parcel LPN-TWICE otherwise; ends on an operator's poke."""

    @workflow.init
    def __init__(self, start: ReturnStart) -> None:
        self._seen = Seen(start=start)
        self._over = False

    @workflow.run
    async def run(self, start: ReturnStart) -> ReturnOutcome:
        await workflow.wait_condition(lambda: self._over)
        return ReturnOutcome(stage="CLOSED")

    @workflow.signal(name=POKE_SIGNAL)
    def poke(self, poke: Poke) -> None:
        self._seen.pokes.append(poke)
        self._over = poke.reason == "operator"

    @workflow.update(name=RECORD_INSPECTION_UPDATE)
    def record_inspection(self, inspection: Inspection) -> InspectionReceipt:
        if inspection.parcel == "LPN-TWICE":
            return InspectionReceipt(inspection_id=inspection.inspection_id, conflict=True)
        return InspectionReceipt(inspection_id=inspection.inspection_id, repeated=self._keep(inspection.inspection_id))

    @record_inspection.validator
    def _fits(self, inspection: Inspection) -> None:
        if inspection.location == "NOWHERE":
            raise ValueError("SKU P9 is not on this return; it has P1")

    @workflow.signal(name=INSPECTION_SIGNAL)
    def inspection_recorded(self, loose: LooseInspection) -> None:
        self._seen.by_signal.append(loose)
        self._keep(loose.inspection_id)

    @workflow.update(name=REPORT_LOST_UPDATE)
    def report_lost(self, report: LostReport) -> LostReceipt:
        return LostReceipt(units=2)

    @report_lost.validator
    def _expects(self, report: LostReport) -> None:
        if report.reason == "refuse me":
            raise ValueError("the return does not wait for goods")

    @workflow.update(name=RESOLVE_UPDATE)
    def resolve(self, resolution: Resolution) -> ResolutionReceipt:
        self._seen.resolutions.append(resolution)
        return ResolutionReceipt(exception_id=resolution.exception_id)

    @resolve.validator
    def _allowed(self, resolution: Resolution) -> None:
        if resolution.reason == "refuse me":
            raise ValueError("it is parked for something else")

    @workflow.query
    def seen(self) -> Seen:
        return self._seen

    def _keep(self, scan: str) -> bool:
        known = scan in self._seen.inspections
        if not known:
            self._seen.inspections.append(scan)
        return known


@workflow.defn(name=PARCEL_WORKFLOW)
class ParcelRecorder:
    """Ends at once: what it was started with is its result."""

    @workflow.run
    async def run(self, start: ParcelStart) -> ParcelStart:
        return start


@asynccontextmanager
async def recording(client: Client) -> AsyncIterator[None]:
    """A worker that runs both."""
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=RETURNS_QUEUE, workflows=[Recorder, ParcelRecorder], workflow_runner=runner):
        yield


async def seen(client: Client, workflow_id: str) -> Seen:
    """What the workflow received."""
    return await client.get_workflow_handle(workflow_id).query(Recorder.seen)


async def parcel_start(client: Client, workflow_id: str) -> ParcelStart:
    """What a parcel's or a regrade's workflow was started with."""
    handle = client.get_workflow_handle(workflow_id, result_type=ParcelStart)
    started: ParcelStart = await handle.result()
    return started
