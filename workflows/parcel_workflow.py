"""One parcel that no open return waits for, or one regrade of booked units."""

import asyncio

from pydantic import ValidationError
from temporalio import workflow

from activities.parcel_signatures import NoteParcel, ParcelDeskSteps
from activities.window_signatures import WindowAnswered
from domain.messages import PARCEL_WORKFLOW, RESOLVE_UPDATE, WINDOW_SIGNAL, ResolutionReceipt
from domain.parcel import ParcelOutcome, ParcelStart
from domain.resolution import Resolution
from domain.returns import ReturnRef
from workflows.deciding import keep, refuse_wrong
from workflows.parcel_case import ParcelCase
from workflows.parking import close
from workflows.steps import obey_cancellation, run_step
from workflows.tracks.parcel import run_parcel, run_regrade


@workflow.defn(name=PARCEL_WORKFLOW)
class ParcelWorkflow:
    """Quarantine first, then a person or a match decides; a regrade moves units from depot to depot."""

    @workflow.init
    def __init__(self, start: ParcelStart) -> None:
        self._case = ParcelCase(start)

    @workflow.run
    async def run(self, start: ParcelStart) -> ParcelOutcome:
        """Run until the units lie where they belong. A native cancel leaves what is booked, and says so."""
        case = self._case
        workflow.set_current_details(case.details(workflow.now()))
        try:
            await (run_parcel(case) if start.regrade is None else run_regrade(case))
        except asyncio.CancelledError:
            obey_cancellation()
            await self._brake()
            raise
        workflow.set_current_details(case.details(workflow.now()))
        return ParcelOutcome(text=case.ended, matched=case.taken)

    @workflow.signal(name=WINDOW_SIGNAL, description="Documents went through a window of the ERP")
    def window_answered(self, news: WindowAnswered) -> None:
        """Steps that waited for them are run again."""
        self._case.answered.update(news.keys)

    @workflow.update(name=RESOLVE_UPDATE, description="Decide what becomes of the parcel")
    def resolve(self, resolution: Resolution) -> ResolutionReceipt:
        """Keep a person's decision; the parcel obeys it."""
        return keep(self._case, resolution)

    @resolve.validator
    def _check_resolution(self, resolution: Resolution) -> None:
        refuse_wrong(self._case, resolution)
        if named := resolution.edits.get("return"):
            try:
                ReturnRef(connection=self._case.ref.connection, return_id=named)
            except ValidationError:
                raise ValueError(f"return={named!r}: that is no id of a return on the platform") from None

    async def _brake(self) -> None:
        """Nothing is undone: goods are physical (D5). What a person must look after is in the record."""
        case = self._case
        for parked in list(case.parked.values()):
            await close(case, parked)
        text = "stopped by operations"
        if case.taken and not case.taken_back:
            text = f"{text} while return {case.taken} has it: take it out of quarantine by hand"
        elif case.offered:
            text = f"{text} while it was handed to return {case.offered}: it must not stay in quarantine as well"
        case.ended = text
        note = NoteParcel(ref=case.ref, name=case.name, text=text)
        await run_step(ParcelDeskSteps.note_parcel, note, step="note-parcel", summary="stopped by operations")
        workflow.set_current_details(case.details(workflow.now()))
