"""Steps of parcels and regrades on the queue of one ERP, and on our own store."""

from collections.abc import Mapping

from temporalio import activity

from activities import parcels, regrades
from activities.edge import Edge, Link
from activities.parcel_signatures import (
    BookRegrade,
    MoveParcel,
    NoteParcel,
    ParcelMoved,
    ParcelPlaced,
    PlaceParcel,
    Regraded,
)
from activities.signatures import Done


class ParcelActivities:
    """Implements `activities.parcel_signatures.ParcelSteps`. `links` has every connection of these books by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link]) -> None:
        self._edge = edge
        self._links = links

    @activity.defn
    async def place_parcel(self, request: PlaceParcel) -> ParcelPlaced:
        """The parcel is booked, or its return is found."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await parcels.place(self._edge, link, request)

    @activity.defn
    async def take_back_parcel(self, request: MoveParcel) -> ParcelMoved:
        """The quarantine has none of it any more: a return books it."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await parcels.take_back(self._edge, link, request)

    @activity.defn
    async def hold_parcel(self, request: MoveParcel) -> ParcelMoved:
        """It waits in the hold depot for its way back."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await parcels.hold(self._edge, link, request)

    @activity.defn
    async def book_regrade(self, request: BookRegrade) -> Regraded:
        """Every unit lies where its new disposition belongs."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await regrades.book_regrade(self._edge, link, request)


class ParcelDesk:
    """Implements `activities.parcel_signatures.ParcelDeskSteps`."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    @activity.defn
    async def note_parcel(self, request: NoteParcel) -> Done:
        """The record says how it ended, and what stays booked."""
        async with self._edge.store.begin() as unit:
            documents = await unit.documents.for_return(request.ref)
            booked = [d for d in documents if d.inspection_id == request.name and d.state.in_erp and d.number]
            stays = ", ".join(f"{d.kind} {d.number} in depot {d.depot}" for d in booked) or "nothing is booked"
            text = f"{request.text}; stays as it is: {stays}"
            await unit.timeline.add(
                request.ref, f"parcel-ended/{request.name}", self._edge.clock(), "backhaul", "end", text
            )
        return Done()
