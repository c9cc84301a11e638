"""One return, from the platform's request to the last line of the ledger."""

import asyncio

from temporalio import workflow

from activities.signatures import Problem
from domain.catalogue import CATALOGUE
from domain.inspection import Inspection
from domain.messages import (
    INSPECTION_SIGNAL,
    POKE_SIGNAL,
    RECORD_INSPECTION_UPDATE,
    RESOLVE_UPDATE,
    RETURN_WORKFLOW,
    InspectionReceipt,
    LooseInspection,
    Poke,
    ResolutionReceipt,
    ReturnOutcome,
    ReturnStart,
)
from domain.progress import Stage
from domain.resolution import Resolution
from workflows.case import ReturnCase, Withdrawal
from workflows.describe import details
from workflows.inspections import read_loose, refuse_misfit
from workflows.parking import close
from workflows.saga import Saga
from workflows.side_by_side import Tracks
from workflows.steps import obey_cancellation
from workflows.tracks.finance import run_finance
from workflows.tracks.goods import run_goods
from workflows.tracks.intake import run_intake
from workflows.tracks.platform import follow_platform
from workflows.tracks.rma import run_rma, withdraw


@workflow.defn(name=RETURN_WORKFLOW)
class ReturnWorkflow:
    """Authorise → RMA → goods → stock → refund → credit note → close, each track at its own pace."""

    @workflow.init
    def __init__(self, start: ReturnStart) -> None:
        self._case = ReturnCase(start)
        self._saga = Saga()

    @workflow.run
    async def run(self, start: ReturnStart) -> ReturnOutcome:
        """Run until every track is final. A native cancel is the brake for ops: what can be undone is undone."""
        case, tracks = self._case, Tracks()
        for track in (
            follow_platform(case),
            run_rma(case, self._saga),
            run_goods(case, tracks),
            run_finance(case),
            run_intake(case, tracks),
        ):
            tracks.start(track)
        try:
            await tracks.ended()
        except asyncio.CancelledError:
            obey_cancellation()
            await self._brake()
            self._show_end()
            raise
        self._show_end()
        return self._outcome()

    @workflow.signal(name=POKE_SIGNAL, description="Look at the platform again")
    def poke(self, poke: Poke) -> None:
        """Somebody heard something about this return."""
        self._case.unread_pokes += 1
        if poke.occurred_at and (self._case.news_at is None or poke.occurred_at > self._case.news_at):
            self._case.news_at = poke.occurred_at

    @workflow.update(name=RECORD_INSPECTION_UPDATE, description="Record one parcel's final inspection")
    def record_inspection(self, inspection: Inspection) -> InspectionReceipt:
        """Keep the warehouse's result; the goods track books it."""
        return self._record(inspection)

    @record_inspection.validator
    def _check_inspection(self, inspection: Inspection) -> None:
        if inspection.inspection_id not in self._case.inspections:
            refuse_misfit(self._case, inspection)

    @workflow.signal(name=INSPECTION_SIGNAL, description="Record an inspection while no worker runs")
    def inspection_recorded(self, loose: LooseInspection) -> None:
        """Fallback of `record_inspection`: accepted at once, checked here; what is wrong becomes an exception."""
        if loose.inspection_id in self._case.inspections:
            return
        read = read_loose(self._case, loose)
        if isinstance(read, Problem):
            self._case.misfits.append(read)
        else:
            self._record(read)

    @workflow.update(name=RESOLVE_UPDATE, description="Decide a parked track")
    def resolve(self, resolution: Resolution) -> ResolutionReceipt:
        """Keep a person's decision; the parked track obeys it."""
        parked = self._case.parked.get(resolution.exception_id)
        if parked is None or parked.resolution is not None:
            return ResolutionReceipt(exception_id=resolution.exception_id, repeated=True)
        parked.resolution = resolution
        return ResolutionReceipt(exception_id=resolution.exception_id)

    @resolve.validator
    def _check_resolution(self, resolution: Resolution) -> None:
        if resolution.exception_id in self._case.decided:
            return  # pressed twice: a no-op (E67)
        parked = self._case.parked.get(resolution.exception_id)
        if parked is None:
            raise ValueError(f"{resolution.exception_id} is not an open exception of this return")
        entry = CATALOGUE[parked.problem.code]
        if resolution.version != parked.version:
            raise ValueError(f"{resolution.exception_id} is at version {parked.version}, not {resolution.version}")
        if not resolution.role.may_decide(entry.owner):
            workflow.logger.warning(
                "refused: %s (%s) may not decide %s", resolution.actor, resolution.role, resolution.exception_id
            )
            raise ValueError(
                f"{parked.problem.code} belongs to {entry.owner}; role {resolution.role} may not decide it"
            )
        if resolution.kind not in entry.resolutions:
            raise ValueError(f"{parked.problem.code} can be resolved by {', '.join(entry.resolutions)}")

    def _record(self, inspection: Inspection) -> InspectionReceipt:
        repeated = inspection.inspection_id in self._case.inspections
        self._case.inspections.setdefault(inspection.inspection_id, inspection)
        return InspectionReceipt(inspection_id=inspection.inspection_id, repeated=repeated)

    async def _brake(self) -> None:
        """Undo what has not become physical; what has stays, and the record says so (D5)."""
        case = self._case
        for parked in list(case.parked.values()):
            await close(case, parked)
        saga, reason = self._saga, "stopped by operations"
        if case.goods_began:
            saga, reason = Saga(), f"{reason} after goods had arrived: stock and credits stay as they are"
        stage = case.withdrawal.stage if case.withdrawal else Stage.CANCELLED
        await withdraw(case, saga, Withdrawal(stage, reason))

    def _show_end(self) -> None:
        workflow.set_current_details(details(self._case, workflow.now()))

    def _outcome(self) -> ReturnOutcome:
        case = self._case
        return ReturnOutcome(
            stage=case.progress().stage,
            rma_number=case.rma.number if case.rma else "",
            credit_numbers=[credit.number for credit in case.credits.values() if credit.number],
        )
