"""What one running return knows: handlers record facts here, the tracks act on them. No Temporal calls."""

from dataclasses import dataclass, field
from datetime import datetime

from activities.signatures import AcceptedUnits, Credited, GoodsBooked, Problem, RmaOpened
from domain.exceptions import ExceptionCode, Track
from domain.inspection import Inspection, OpenLine
from domain.messages import ReturnStart
from domain.progress import LineFacts, Progress, ReturnFacts, Stage, derive_progress
from domain.resolution import Resolution
from domain.returns import LineDecision, PlatformPhase, PlatformReturn, Refund, RefundState, ReturnLine


@dataclass(frozen=True)
class Withdrawal:
    """Why the return stops before goods: customer's cancellation, the platform's no, the deadline."""

    stage: Stage
    reason: str


@dataclass
class Parked:
    """A track that waits for a person's decision."""

    exception_id: str
    track: Track
    step: str
    problem: Problem
    since: datetime
    version: int = 1
    resolution: Resolution | None = None


@dataclass
class ReturnCase:
    """The facts of one return."""

    start: ReturnStart
    unread_pokes: int = 0
    reading: bool = False
    news_at: datetime | None = None
    platform: PlatformReturn | None = None
    rma: RmaOpened | None = None
    inspections: dict[str, Inspection] = field(default_factory=dict)
    discarded: set[str] = field(default_factory=set)
    misfits: list[Problem] = field(default_factory=list)
    misfits_asked: int = 0
    misfits_answered: int = 0
    booked: dict[str, GoodsBooked] = field(default_factory=dict)
    reported: bool = False
    reminders_sent: int = 0
    deadline: datetime | None = None
    credit_numbers: dict[str, int] = field(default_factory=dict)
    credits: dict[str, Credited] = field(default_factory=dict)
    finance_closed: bool = False
    withdrawal: Withdrawal | None = None
    ended: Stage | None = None
    parked: dict[str, Parked] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    parkings: int = 0

    # What the platform and the warehouse told us

    @property
    def lines(self) -> list[ReturnLine]:
        """The platform's lines, empty before the first read."""
        return self.platform.lines if self.platform else []

    @property
    def goods_began(self) -> bool:
        """A parcel was inspected: from here on physical truth is not undone (D5)."""
        return any(scan not in self.discarded for scan in self.inspections)

    @property
    def goods_done(self) -> bool:
        """Every announced unit was inspected and has its disposition."""
        return bool(self.lines) and all(facts.inspected >= facts.expected for facts in self._line_facts())

    def next_inspection(self) -> Inspection | None:
        """The oldest parcel that is neither booked nor discarded."""
        waiting = (i for scan, i in self.inspections.items() if scan not in self.booked and scan not in self.discarded)
        return next(waiting, None)

    def open_lines(self) -> list[OpenLine]:
        """Lines with the units that are still to come, not counting parcels that are recorded but not booked."""
        erp = {line.line_id: line.sku for line in self.rma.lines} if self.rma else {}
        return [
            OpenLine(
                line_id=line.line_id,
                order_line_id=line.order_line_id,
                skus=list(dict.fromkeys([erp.get(line.line_id, line.sku), line.sku])),
                outstanding=max(line.quantity - self._inspected(line.line_id), 0),
            )
            for line in self.lines
        ]

    def new_misfits(self) -> list[Problem]:
        """Problems outside the tracks that nobody was asked about yet."""
        return self.misfits[self.misfits_asked :]

    # Money

    def open_refunds(self) -> list[Refund]:
        """Refunds that the platform paid and that have neither a credit nor a decision, oldest first."""
        refunds = self.platform.refunds if self.platform else []
        paid = [r for r in refunds if r.state is RefundState.PAID and r.refund_id not in self.credits]
        return sorted(paid, key=lambda r: (r.created_at is None, r.created_at, r.refund_id))

    def uncredited(self) -> list[AcceptedUnits]:
        """Accepted units by parcel that no credit covers yet, oldest parcel first."""
        covered = {scan for credit in self.credits.values() for scan in credit.inspections}
        return [
            AcceptedUnits(inspection_id=scan, units=accepted)
            for scan, booked in self.booked.items()
            if scan not in covered and (accepted := _accepted(booked))
        ]

    def next_refund(self) -> Refund | None:
        """The refund to credit now: there are units for it, or there will be none any more."""
        refunds = self.open_refunds()
        ready = bool(self.uncredited()) or self.goods_done or self.ended is not None
        return refunds[0] if refunds and ready else None

    # What the platform must hear

    def line_decisions(self) -> list[LineDecision]:
        """Accepted and rejected units of every line so far, in all."""
        decisions = []
        for line in self.lines:
            units = [u for b in self.booked.values() for u in b.units if u.line_id == line.line_id]
            rejected = [u for u in units if not u.disposition.accepted]
            if units:
                decisions.append(
                    LineDecision(
                        line_id=line.line_id,
                        order_line_id=line.order_line_id,
                        sku=line.sku,
                        accepted=sum(u.quantity for u in units if u.disposition.accepted),
                        rejected=sum(u.quantity for u in rejected),
                        reject_reason=rejected[0].disposition.value.lower() if rejected else "",
                    )
                )
        return decisions

    # Where it stands

    def progress(self) -> Progress:
        """Stage and what the return waits for, by the rule that the store uses too."""
        return derive_progress(self.facts())

    def facts(self) -> ReturnFacts:
        """The facts that the stage is derived from."""
        stock = [d for b in self.booked.values() for d in b.documents if d.problem is not None]
        return ReturnFacts(
            phase=self.platform.phase if self.platform else PlatformPhase.DRAFT,
            rma_number=self.rma.number if self.rma else "",
            ended=self.ended,
            lines=self._line_facts(),
            stock_open=len(stock),
            reported=self.reported,
            refunds_open=len(self.open_refunds()),
            exceptions_open=len(self.parked),
            finance_closed_by_hand=self.finance_closed,
        )

    @property
    def over(self) -> bool:
        """Nothing is left to do, to hear, or to decide."""
        hearing = self.unread_pokes or self.reading
        waiting = self.parked or self.open_refunds() or self.next_inspection()
        asked = self.misfits_answered == len(self.misfits)
        return asked and not hearing and not waiting and self.progress().stage.final

    def park(self, track: Track, step: str, problem: Problem, exception_id: str, since: datetime) -> Parked:
        """Record that a track waits for a person."""
        parked = Parked(exception_id=exception_id, track=track, step=step, problem=problem, since=since)
        self.parked[exception_id] = parked
        return parked

    def discard(self, inspection: Inspection, code: ExceptionCode, reason: str) -> None:
        """Set a parcel aside that cannot be booked, as a problem for a person."""
        self.discarded.add(inspection.inspection_id)
        self.misfits.append(Problem(code=code, reason=reason, figures={"inspection": inspection.inspection_id}))

    def _inspected(self, line_id: str) -> int:
        return sum(u.quantity for b in self.booked.values() for u in b.units if u.line_id == line_id)

    def _line_facts(self) -> list[LineFacts]:
        credited = [credit.units for credit in self.credits.values()]
        facts = []
        for line in self.lines:
            units = [u for b in self.booked.values() for u in b.units if u.line_id == line.line_id]
            facts.append(
                LineFacts(
                    expected=line.quantity,
                    inspected=sum(u.quantity for u in units),
                    accepted=sum(u.quantity for u in units if u.disposition.accepted),
                    credited=sum(units_of.get(line.line_id, 0) for units_of in credited),
                )
            )
        return facts


def _accepted(booked: GoodsBooked) -> dict[str, int]:
    units: dict[str, int] = {}
    for unit in booked.units:
        if unit.disposition.accepted:
            units[unit.line_id] = units.get(unit.line_id, 0) + unit.quantity
    return units
