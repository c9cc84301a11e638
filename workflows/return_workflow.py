"""One return, from the platform's request to the last line of the ledger."""

import asyncio

from temporalio import workflow

from activities.signatures import Problem
from activities.window_signatures import WindowAnswered
from domain.inspection import Inspection
from domain.messages import (
    INSPECTION_SIGNAL,
    POKE_SIGNAL,
    RECORD_INSPECTION_UPDATE,
    REPORT_LOST_UPDATE,
    RESOLVE_UPDATE,
    RETURN_WORKFLOW,
    WINDOW_SIGNAL,
    InspectionReceipt,
    LooseInspection,
    LostReceipt,
    LostReport,
    Poke,
    ResolutionReceipt,
    ReturnOutcome,
    ReturnStart,
)
from domain.progress import Stage
from domain.resolution import Resolution
from workflows.carrying_on import pack, unpack
from workflows.case import ReturnCase, Withdrawal
from workflows.deciding import keep, refuse_wrong
from workflows.inspections import (
    conflict_problem,
    contradicted,
    is_known,
    read_loose,
    refuse_lost,
    refuse_misfit,
    still_to_come,
)
from workflows.leftovers import hand_over_leftovers
from workflows.parking import close
from workflows.saga import Saga
from workflows.side_by_side import Tracks
from workflows.steps import obey_cancellation
from workflows.tracks.alarms import watch_cover, watch_receipt
from workflows.tracks.exchange import run_exchanges
from workflows.tracks.finance import run_finance
from workflows.tracks.goods import run_goods
from workflows.tracks.intake import run_intake
from workflows.tracks.platform import follow_platform
from workflows.tracks.refund_watch import watch_confirmation, watch_failures, watch_refused_goods
from workflows.tracks.rma import run_rma, withdraw


@workflow.defn(name=RETURN_WORKFLOW)
class ReturnWorkflow:
    """Authorise → RMA → goods → stock → refund → credit note → close, each track at its own pace."""

    @workflow.init
    def __init__(self, start: ReturnStart) -> None:
        self._case = unpack(start) if start.carried else ReturnCase(start)
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
            run_exchanges(case, self._saga, tracks),
            run_intake(case, tracks),
            watch_cover(case, tracks),
            watch_receipt(case),
            watch_confirmation(case),
            watch_failures(case),
            watch_refused_goods(case),
        ):
            tracks.start(track, resumes=True)
        try:
            while not tracks.all_done:
                await tracks.ended(unless=lambda: self._long_enough(tracks))
                if self._long_enough(tracks):
                    workflow.continue_as_new(pack(case))
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
        if not is_known(self._case, inspection) and contradicted(self._case, inspection) is None:
            refuse_misfit(self._case, inspection)

    @workflow.signal(name=INSPECTION_SIGNAL, description="Record an inspection while no worker runs")
    def inspection_recorded(self, loose: LooseInspection) -> None:
        """Fallback of `record_inspection`: accepted at once, checked here; what is wrong becomes an exception."""
        read = read_loose(self._case, loose)
        if isinstance(read, Problem):
            self._case.misfits.append(read)
        else:
            self._record(read)

    @workflow.update(name=REPORT_LOST_UPDATE, description="What is still to come was lost by the carrier")
    def report_lost(self, report: LostReport) -> LostReceipt:
        """Keep the report; the goods track asks what becomes of the units (E31)."""
        self._case.lost_reports.append(report)
        return LostReceipt(units=still_to_come(self._case))

    @report_lost.validator
    def _check_lost(self, report: LostReport) -> None:
        refuse_lost(self._case)

    @workflow.signal(name=WINDOW_SIGNAL, description="Documents went through a window of the ERP")
    def window_answered(self, news: WindowAnswered) -> None:
        """Steps that waited for them are run again."""
        self._case.answered.update(news.keys)

    @workflow.update(name=RESOLVE_UPDATE, description="Decide a parked track")
    def resolve(self, resolution: Resolution) -> ResolutionReceipt:
        """Keep a person's decision; the parked track obeys it."""
        return keep(self._case, resolution)

    @resolve.validator
    def _check_resolution(self, resolution: Resolution) -> None:
        refuse_wrong(self._case, resolution)

    def _record(self, inspection: Inspection) -> InspectionReceipt:
        case, scan = self._case, inspection.inspection_id
        if is_known(case, inspection):
            return InspectionReceipt(inspection_id=scan, repeated=True)
        if (before := contradicted(case, inspection)) is not None:
            if inspection not in case.conflicts:
                case.conflicts.append(inspection)
                case.misfits.append(conflict_problem(inspection, before))
            return InspectionReceipt(inspection_id=scan, conflict=True)
        case.inspections[scan] = inspection
        return InspectionReceipt(inspection_id=scan)

    def _long_enough(self, tracks: Tracks) -> bool:
        """Whether the history should end here: every track waits, and nobody has to decide anything (E70)."""
        case = self._case
        at_rest = not case.parked and not case.queued and not case.over and tracks.at_rest(len(case.waits))
        return workflow.info().is_continue_as_new_suggested() and at_rest

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
        await hand_over_leftovers(case)

    def _show_end(self) -> None:
        workflow.set_current_details(self._case.details(workflow.now()))

    def _outcome(self) -> ReturnOutcome:
        case = self._case
        return ReturnOutcome(
            stage=case.progress().stage,
            rma_number=case.rma.number if case.rma else "",
            credit_numbers=list(dict.fromkeys(credit.number for credit in case.credits.values() if credit.number)),
        )
