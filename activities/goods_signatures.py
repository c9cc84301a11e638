"""Names, inputs and results of the steps that goods need beside their booking: waiting, surplus, damage."""

from datetime import datetime
from typing import Protocol

from pydantic import Field
from temporalio import activity

from activities.signatures import Decision, Done, RmaOpened
from domain.documents import RmaState
from domain.inspection import AllocatedUnits, BookedUnits
from domain.model import Message
from domain.returns import ReturnRef


class HoldGoods(Message):
    """Move goods to where they wait for their way back to the customer.

    Of one parcel these units of lines (E23), or without `units` its surplus (E18, E19); without `inspection_id` all
    that was booked for the return (E59).
    """

    ref: ReturnRef
    inspection_id: str = ""
    units: list[BookedUnits] = []
    decisions: list[Decision] = []


class TakeSurplus(Message):
    """A parcel's surplus fits the return now: its units count for these lines, where they are (E18, E19).

    A person may have corrected the SKU that was scanned: they are in quarantine under the wrong one then.
    """

    ref: ReturnRef
    rma: RmaOpened
    inspection_id: str
    units: list[AllocatedUnits]
    decisions: list[Decision] = []


class SurplusTaken(Message):
    """The units as they are booked now."""

    units: list[BookedUnits]


class MoveDeadline(Message):
    """A person waits on for the goods."""

    ref: ReturnRef
    deadline: datetime


class DecideShare(Message):
    """Finance decided which percentage of a parcel's undecided units is credited (DAMAGED_DECISION, E22)."""

    ref: ReturnRef
    inspection_id: str
    share: int = Field(ge=0, le=100)


class CheckRma(Message):
    """Look whether the RMA is still open in the ERP (E13, E62)."""

    ref: ReturnRef
    rma_number: str


class Remind(Message):
    """Say on the platform that the parcel is still missing."""

    ref: ReturnRef
    rma_number: str
    deadline: datetime


class HeldGoodsSteps(Protocol):
    """Steps on the queue of one ERP."""

    @activity.defn
    async def check_rma(self, request: CheckRma) -> RmaState:
        """The RMA as the ERP has it now."""
        ...

    @activity.defn
    async def hold_goods(self, request: HoldGoods) -> Done:
        """The goods are in the hold depot."""
        ...

    @activity.defn
    async def take_surplus(self, request: TakeSurplus) -> SurplusTaken:
        """The units of the return's lines."""
        ...


class ReminderSteps(Protocol):
    """Steps on the queue of one platform connection."""

    @activity.defn
    async def remind(self, request: Remind) -> Done:
        """A note on the platform and in the timeline."""
        ...


class GoodsDeskSteps(Protocol):
    """Steps on our own store, on the workflow's queue."""

    @activity.defn
    async def decide_share(self, request: DecideShare) -> Done:
        """The store knows the percentage."""
        ...

    @activity.defn
    async def move_deadline(self, request: MoveDeadline) -> Done:
        """The store knows until when goods are expected."""
        ...
