"""Names, inputs and results of the steps of a parcel that no open return waits for, and of regrades."""

from typing import Literal, Protocol

from temporalio import activity

from activities.signatures import Decision, Done, Problem
from domain.inspection import InspectedUnits, Inspection, Regrade
from domain.model import Message
from domain.returns import ReturnRef


class PlaceParcel(Message):
    """Bring an inspected parcel into stock, where nothing is guessed: what turned up, as such; the rest, quarantine.

    `blind`: look for the open return that it belongs to before anything is booked (E26), but none of `refused_by`.
    `look_again`: a person asks for that, also for another return of the same order (E20).
    """

    ref: ReturnRef
    blind: bool
    inspection: Inspection
    tracking_number: str = ""
    order_number: str = ""
    refused_by: list[ReturnRef] = []
    look_again: bool = False
    decisions: list[Decision] = []


class ParcelPlaced(Message):
    """Where the parcel is. `match`: the one open return that it fits; `problem`: what a person must decide.

    numbers: ERP documents; rest: the units that another return may still take; `dropped`: a person gave the booking up
    """

    numbers: list[str] = []
    rest: list[InspectedUnits] = []
    match: ReturnRef | None = None
    problem: Problem | None = None
    dropped: bool = False


class DeliverParcel(Message):
    """Hand an inspection to the workflow of a return."""

    ref: ReturnRef
    to: ReturnRef
    inspection: Inspection
    decisions: list[Decision] = []


class ParcelDelivered(Message):
    """What the return said. `missing`: no case was started, and the platform expects these units."""

    outcome: Literal["taken", "refused", "missing"]
    text: str = ""


class MoveParcel(Message):
    """Move a parcel's quarantined units: out of stock, because return `to` books them, or to the hold depot."""

    ref: ReturnRef
    inspection_id: str
    location: str
    to: ReturnRef | None = None
    decisions: list[Decision] = []


class ParcelMoved(Message):
    """The ERP's number of the movement; empty when there was nothing to move, or a person gave it up."""

    number: str = ""


class BookRegrade(Message):
    """Move units that are booked already to the depot of their new disposition (E24, N8)."""

    ref: ReturnRef
    regrade: Regrade
    decisions: list[Decision] = []


class Regraded(Message):
    """The ERP's numbers of the movements. No numbers: both dispositions lie in one depot."""

    numbers: list[str] = []


class NoteParcel(Message):
    """Tell the record how a parcel's workflow ended before its work was done."""

    ref: ReturnRef
    name: str
    text: str


class ParcelSteps(Protocol):
    """Steps on the queue of one ERP."""

    @activity.defn
    async def place_parcel(self, request: PlaceParcel) -> ParcelPlaced:
        """The parcel is booked, or its return is found."""
        ...

    @activity.defn
    async def take_back_parcel(self, request: MoveParcel) -> ParcelMoved:
        """The quarantine has none of it any more: a return books it."""
        ...

    @activity.defn
    async def hold_parcel(self, request: MoveParcel) -> ParcelMoved:
        """It waits in the hold depot for its way back."""
        ...

    @activity.defn
    async def book_regrade(self, request: BookRegrade) -> Regraded:
        """Every unit lies where its new disposition belongs."""
        ...


class ParcelDeliverySteps(Protocol):
    """Steps on the queue of one platform connection."""

    @activity.defn
    async def deliver_parcel(self, request: DeliverParcel) -> ParcelDelivered:
        """The return has the inspection, or says why not."""
        ...


class ParcelDeskSteps(Protocol):
    """Steps on our own store, on the workflow's queue."""

    @activity.defn
    async def note_parcel(self, request: NoteParcel) -> Done:
        """The record says so."""
        ...
