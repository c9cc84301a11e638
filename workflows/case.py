"""What one running return knows: handlers record facts here, the tracks act on them. No Temporal calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from activities.exchange_signatures import ReplacementPlaced
from activities.signatures import Credited, Decision, GoodsBooked, Problem, RmaOpened
from activities.window_signatures import AwaitedWindow
from domain.exchange import ExchangeState, ExchangeUnits, exchanges_due, units_to_exchange
from domain.inspection import Inspection
from domain.messages import LostReport, ReturnStart
from domain.progress import LineFacts, Progress, ReturnFacts, Stage, derive_progress
from domain.returns import ExchangeWish, PlatformPhase, PlatformReturn, Refund, RefundState, ReturnLine, ReturnRef
from workflows.credited import LineMoney, line_money, notes_without_refund
from workflows.parked import Parked, describe
from workflows.windows import describe_queued


@dataclass(frozen=True)
class Withdrawal:
    """Why the return stops before goods: customer's cancellation, the platform's no, the deadline."""

    stage: Stage
    reason: str


@dataclass
class ReturnCase:
    """The facts of one return.

    agreed: the platform's lines for which the RMA was opened; `rmas`: n of the RMA's business key
    amending: that RMA is being exchanged for one of the lines of now (E61)
    grace_until: it has expired, and a parcel that comes before this moment reopens it (E29)
    refund_by: accepted goods have no refund, and after this moment somebody is told (E34)
    refunds_settled: refunds that failed and were settled elsewhere (E43)
    graded: item id → what the platform's own users found, as it was heard
    exchange_decisions: number of a replacement → all that was decided about ordering it
    pay_by: number of a dearer replacement → until when the platform may confirm its payment before CX is told (E53)
    exposure_decided: line id → refunded units whose goods were not accepted and that a person decided about (E33)
    """

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
    graded: dict[str, str] = field(default_factory=dict)
    booked: dict[str, GoodsBooked] = field(default_factory=dict)
    reported: bool = False
    reporting: bool = False
    conflicts: list[Inspection] = field(default_factory=list)
    lost_reports: list[LostReport] = field(default_factory=list)
    lost_asked: int = 0
    rmas: int = 1
    agreed: list[ReturnLine] = field(default_factory=list)
    rma_in_doubt: bool = False
    amending: bool = False
    grace_until: datetime | None = None
    written_off: set[str] = field(default_factory=set)
    cover_alarms: int = 0
    receipt_missed: bool = False
    reminders_sent: int = 0
    deadline: datetime | None = None
    credit_numbers: dict[str, int] = field(default_factory=dict)
    credits: dict[str, Credited] = field(default_factory=dict)
    early: dict[str, int] = field(default_factory=dict)
    finance_closed: bool = False
    refunds_settled: set[str] = field(default_factory=set)
    exposure_decided: dict[str, int] = field(default_factory=dict)
    refund_by: datetime | None = None
    exchange_units: list[ExchangeUnits] = field(default_factory=list)
    wishes: dict[int, ExchangeWish] = field(default_factory=dict)
    exchanges: dict[int, ReplacementPlaced] = field(default_factory=dict)
    exchange_decisions: dict[int, list[Decision]] = field(default_factory=dict)
    pay_by: dict[int, datetime] = field(default_factory=dict)
    ordering: set[int] = field(default_factory=set)
    withdrawal: Withdrawal | None = None
    ended: Stage | None = None
    parked: dict[str, Parked] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    parkings: int = 0
    waits: list[Callable[[], bool]] = field(default_factory=list)
    queued: dict[str, AwaitedWindow] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    @property
    def ref(self) -> ReturnRef:
        """The return."""
        return self.start.ref

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

    def new_misfits(self) -> list[Problem]:
        """Problems outside the tracks that nobody was asked about yet."""
        return self.misfits[self.misfits_asked :]

    # Money

    def open_refunds(self) -> list[Refund]:
        """Refunds that the platform paid and that have neither a credit nor a decision, oldest first."""
        refunds = self.platform.refunds if self.platform else []
        paid = [r for r in refunds if r.state is RefundState.PAID and r.refund_id not in self.credits]
        return sorted(paid, key=lambda r: (r.created_at is None, r.created_at, r.refund_id))

    def notes_unpaid(self) -> list[Credited]:
        """Credit notes that no paid refund stands behind, and whose refund was not settled elsewhere."""
        notes = notes_without_refund(self.credits, self.platform.refunds if self.platform else [])
        return [note for note in notes if note.refund_id not in self.refunds_settled]

    def line_money(self, line: ReturnLine) -> LineMoney:
        """What is out for a line without its goods. Units that finance has not decided yet still count as to come."""
        return line_money(
            line.line_id,
            list(self.credits.values()),
            accepted=self._owed(line),
            decided=self.exposure_decided.get(line.line_id, 0),
            outstanding=max(line.quantity - self.inspected(line.line_id), 0) + self._undecided(line),
        )

    @property
    def money_after_take_back(self) -> bool:
        """Whether money waits for a replacement that is taken back. Returns that were opened earlier do not (0011)."""
        return self.rma is not None and self.rma.flow.money_after_take_back

    @property
    def refundable(self) -> bool:
        """Whether any unit of the return is not exchanged."""
        wishes = self.platform.exchanges if self.platform else []
        return any(line.quantity > units_to_exchange(line.line_id, wishes, self.exchange_units) for line in self.lines)

    # Where it stands

    def progress(self) -> Progress:
        """Stage and what the return waits for, by the rule that the store uses too."""
        return derive_progress(self.facts())

    def facts(self) -> ReturnFacts:
        """The facts that the stage is derived from."""
        stock = [d for b in self.booked.values() for d in b.documents if d.problem or d.queued]
        return ReturnFacts(
            phase=self.platform.phase if self.platform else PlatformPhase.DRAFT,
            rma_number=self.rma.number if self.rma else "",
            ended=self.ended,
            lines=self._line_facts(),
            stock_open=len(stock),
            reported=self.reported,
            refunds_open=len(self.open_refunds()),
            exchanges_open=self._exchanges_open(),
            differences_owed=self._differences_owed(),
            notes_unpaid=len(self.notes_unpaid()),
            refunded_unaccepted=sum(self.line_money(line).refused for line in self.lines),
            exceptions_open=len(self.parked),
            finance_closed_by_hand=self.finance_closed,
        )

    @property
    def over(self) -> bool:
        """Nothing is left to do, to hear, or to decide."""
        hearing = self.unread_pokes or self.reading
        unbooked = any(scan not in self.booked and scan not in self.discarded for scan in self.inspections)
        waiting = self.parked or self.open_refunds() or unbooked
        asked = self.misfits_answered == len(self.misfits)
        closing = asked and not hearing and not waiting and self.grace_until is None
        return closing and self.progress().stage.final

    def details(self, now: datetime) -> str:
        """Markdown for ops: stage, what the return waits for, until when, and what to do about each parked track."""
        progress = self.progress()
        text = [f"**{progress.stage}** (as of {now:%Y-%m-%d %H:%M:%S} UTC)"]
        if progress.waiting_for:
            text.append(f"waits for {progress.waiting_for}")
        if self.rma:
            kind = "standalone RMA" if self.rma.standalone else "RMA"
            text.append(f"{kind} {self.rma.number} for order {self.rma.order_number}")
            if not self.goods_done and not self.ended:
                text.append(f"goods are expected until {self.deadline or self.rma.deadline:%Y-%m-%d %H:%M:%S} UTC")
        if self.grace_until:
            text.append(f"a parcel that comes until {self.grace_until:%Y-%m-%d %H:%M:%S} UTC reopens it")
        text += describe_queued(self.queued)
        return "\n\n".join(text + [describe(parked) for parked in self.parked.values()])

    def accepted(self, line_id: str) -> int:
        """Accepted units of a line that are worth something: without undecided ones (E22)."""
        units = (u for b in self.booked.values() for u in b.units if u.line_id == line_id)
        return sum(u.quantity for u in units if u.disposition.accepted and u.share)

    def exchangeable(self) -> dict[str, int]:
        """Line id → units that may be replaced at acceptance: accepted ones, and those that the customer keeps."""
        return {line.line_id: line.quantity if line.keep else self.accepted(line.line_id) for line in self.lines}

    def inspected(self, line_id: str) -> int:
        """Units of a line that were inspected."""
        return sum(u.quantity for b in self.booked.values() for u in b.units if u.line_id == line_id)

    def _line_facts(self) -> list[LineFacts]:
        return [
            LineFacts(
                expected=0 if line.keep else line.quantity,
                inspected=self.inspected(line.line_id),
                accepted=self._owed(line),
                credited=sum(credit.units.get(line.line_id, 0) for credit in self.credits.values()),
                undecided=self._undecided(line),
            )
            for line in self.lines
        ]

    def _undecided(self, line: ReturnLine) -> int:
        """Accepted units of a line of which finance has not said yet what is credited for them."""
        units = (u for b in self.booked.values() for u in b.units if u.line_id == line.line_id)
        return sum(u.quantity for u in units if u.share is None)

    def _owed(self, line: ReturnLine) -> int:
        """Units of a line whose value the customer gets as money: accepted or kept ones that are not exchanged."""
        accepted = line.quantity if line.keep else min(self.accepted(line.line_id), line.quantity)
        wishes = self.platform.exchanges if self.platform else []
        return accepted - min(units_to_exchange(line.line_id, wishes, self.exchange_units), accepted)

    def _exchanges_open(self) -> int:
        """Replacements that must be ordered and are not yet."""
        if self.rma is None or self.platform is None:
            return 0
        on = self.rma.flow.exchange_on
        due = exchanges_due(self.platform.exchanges, self.exchange_units, on, self.exchangeable())
        return len(due) + sum(1 for one in self.exchange_units if not one.state.final)

    def _differences_owed(self) -> int:
        """Cheaper replacements whose difference no credit has settled."""
        settled = {number for credit in self.credits.values() for number in credit.exchanges}
        forfeited = {one.number for one in self.exchanges.values() if one.kept and self.money_after_take_back}
        ordered = (one for one in self.exchanges.values() if one.state is ExchangeState.ORDERED)
        return sum(1 for one in ordered if one.credit and one.number not in settled | forfeited)
