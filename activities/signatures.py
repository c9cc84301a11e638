"""Names, inputs and results of every step: all that a workflow knows about activities.

The protocols carry the activity names; the classes beside this file implement them. Requests hold references,
quantities and amounts, never personal data (D8).
"""

from datetime import datetime
from typing import Protocol

from pydantic import Field
from temporalio import activity

from activities.window_signatures import AwaitedWindow
from domain.connection import FlowPolicy
from domain.dispositions import StockDocument
from domain.exceptions import ExceptionCode
from domain.exchange import ExchangeUnits
from domain.inspection import AllocatedUnits, BookedUnits, Inspection, SurplusUnits
from domain.model import Message
from domain.money import Money
from domain.progress import Stage
from domain.resolution import Resolution
from domain.returns import ExchangeWish, LineDecision, PlatformReturn, Refund, ReturnRef


class Problem(Message):
    """Why a step stopped for good: the detail of a non-retryable ApplicationError.

    `subject` is the business key of the document that failed, when there is one. `amount` is the money at stake.
    `figures` holds what a person needs to decide: codes, SKUs, quantities, amounts as text.
    """

    code: ExceptionCode
    reason: str
    subject: str = ""
    amount: Money | None = None
    figures: dict[str, str] = {}


class Decision(Message):
    """What a person decided about one problem of a step."""

    subject: str
    resolution: Resolution


class ReadReturn(Message):
    """Read the platform's present truth about a return.

    `occurred_at` is the platform's time of the event that made us look, `known_at` the `updated_at` of the last read:
    together they show a read that lags.
    """

    ref: ReturnRef
    occurred_at: datetime | None = None
    known_at: datetime | None = None


class OpenRma(Message):
    """Authorise a return in the ERP: freeze the order, check the lines against it, open the RMA.

    `number` is the n of its business key: a return that is opened again (E29, E61) gets another RMA.
    `begun`: its exchanges so far, which another RMA does not begin anew.
    """

    ref: ReturnRef
    platform: PlatformReturn
    number: int = 1
    begun: list[ExchangeUnits] = []
    decisions: list[Decision] = []


class RmaLineRef(Message):
    """One line of the RMA: the platform's line that it is for, and the order's units that it claims."""

    line_id: str
    slot_line_id: str
    rma_line_no: int
    order_line_id: str
    sku: str
    quantity: int


class RmaOpened(Message):
    """The RMA is in the ERP. `reminders` and `deadline` are the policy of the moment, as points in time.

    `flow` is the rest of the policy. `exchanges`: exchange id → n of the replacement order's business key.
    """

    number: str
    order_number: str
    standalone: bool
    lines: list[RmaLineRef]
    snapshot_hash: str
    opened_at: datetime
    reminders: list[datetime] = []
    deadline: datetime
    flow: FlowPolicy = FlowPolicy()
    exchanges: dict[str, int] = {}


class WithdrawRma(Message):
    """Undo what `open_rma` may have done: cancel the RMA, free the slots, record how the return ended."""

    ref: ReturnRef
    stage: Stage
    reason: str
    number: int = 1
    decisions: list[Decision] = []


class BookGoods(Message):
    """Book one parcel's inspected units into stock; what the return does not have goes to quarantine.

    `reasons`: line id → the platform's return reason, which decides how damaged units are credited (E22).
    """

    ref: ReturnRef
    rma: RmaOpened
    inspection: Inspection
    units: list[AllocatedUnits]
    surplus: list[SurplusUnits] = []
    reasons: dict[str, str] = {}
    decisions: list[Decision] = []


class StockBooked(Message):
    """One stock document. `problem`: the ERP refused it; `queued`: its window is to come; neither, and no number:
    a person wrote it off."""

    key: str
    number: str
    document: StockDocument
    depot: str
    units: list[BookedUnits]
    problem: Problem | None = None
    queued: AwaitedWindow | None = None


class GoodsBooked(Message):
    """Every unit of the parcel has its disposition and, where it arrived, its document."""

    inspection_id: str
    units: list[BookedUnits]
    documents: list[StockBooked]


class ReportInspection(Message):
    """Tell the platform how many units of each line are decided in all."""

    ref: ReturnRef
    lines: list[LineDecision]
    decisions: list[Decision] = []


class AcceptedUnits(Message):
    """Units accepted in one parcel and not yet credited: line id → units.

    `shares` has the percentage of each of them that is credited in part only: line id → percentages (E22).
    """

    inspection_id: str
    units: dict[str, int]
    shares: dict[str, list[int]] = {}


class ExchangeShare(Message):
    """An exchange whose price difference no credit has settled yet. `units` of its wish come back."""

    number: int
    wish: ExchangeWish
    units: int


class CreditRefund(Message):
    """Credit one refund against the original order, when it agrees with the value of the accepted units.

    `accepted` lists the parcels that are not credited yet, oldest first. `outstanding` says that more units may come.
    `announced`: line id → units that are neither inspected nor credited: an instant refund is for them (R49).
    `awaited`: the same of a return that is not instant: a refund for them came before its goods, and waits for them.
    `exchanges`: cheaper replacements add their difference, dearer ones may have been taken off the refund.
    No `refund`: the credit is due by acceptance alone (`credit_on = inspection`).
    """

    ref: ReturnRef
    rma: RmaOpened
    refund: Refund | None
    accepted: list[AcceptedUnits]
    announced: dict[str, int] = {}
    awaited: dict[str, int] = {}
    exchanges: list[ExchangeShare] = []
    cover_until: datetime | None = None
    outstanding: bool
    number: int = Field(ge=1, description="n of the credit's business key")
    decisions: list[Decision] = []


class Credited(Message):
    """The refund has its credit note, or (empty number) a person decided that it needs none.

    No `refund_id`: credited by acceptance alone; the refund is still to come.
    units: what the note is for, of these parcels or not; shares: percentages of those credited in part
    exposed: line id → value of each unit that was credited before its goods were accepted, in minor units
    matched: notes that were there before, and that this refund is the money of; then there is no new note
    early: nothing was credited yet: the refund is the money of units that are still to come (N7)
    """

    refund_id: str
    number: str
    total: int
    currency: str
    units: dict[str, int] = {}
    inspections: list[str] = []
    exchanges: list[int] = []
    shares: dict[str, list[int]] = {}
    exposed: dict[str, list[int]] = {}
    matched: list[str] = []
    early: bool = False


class Done(Message):
    """A step without a result of its own."""


class PlatformSteps(Protocol):
    """Steps on the queue of one platform connection."""

    @activity.defn
    async def read_return(self, request: ReadReturn) -> PlatformReturn:
        """The return as the platform has it now; the store's copy is brought up to it."""
        ...

    @activity.defn
    async def report_inspection(self, request: ReportInspection) -> PlatformReturn:
        """The return after the platform took the decisions."""
        ...


class ErpSteps(Protocol):
    """Steps on the queue of one ERP."""

    @activity.defn
    async def open_rma(self, request: OpenRma) -> RmaOpened:
        """The RMA, new or found."""
        ...

    @activity.defn
    async def withdraw_rma(self, request: WithdrawRma) -> Done:
        """The RMA is cancelled, or never was."""
        ...

    @activity.defn
    async def book_goods(self, request: BookGoods) -> GoodsBooked:
        """All stock documents of one parcel."""
        ...

    @activity.defn
    async def credit_refund(self, request: CreditRefund) -> Credited:
        """The credit note of one refund."""
        ...
