"""What one parcel that no open return waits for, or one regrade, knows about itself. No Temporal calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from activities.window_signatures import AwaitedWindow
from domain.inspection import InspectedUnits, Inspection
from domain.parcel import ParcelStart
from domain.returns import ReturnRef
from workflows.parked import Parked, describe
from workflows.windows import describe_queued


@dataclass
class ParcelCase:
    """The facts of one parcel.

    numbers: its ERP documents; rest: units that a return may still take
    offered: the return that is just being asked; taken: the return that has it
    """

    start: ParcelStart
    numbers: list[str] = field(default_factory=list)
    rest: list[InspectedUnits] = field(default_factory=list)
    refused_by: list[ReturnRef] = field(default_factory=list)
    offered: ReturnRef | None = None
    taken: ReturnRef | None = None
    taken_back: bool = False
    ended: str = ""
    waits: list[Callable[[], bool]] = field(default_factory=list)
    queued: dict[str, AwaitedWindow] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    parked: dict[str, Parked] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    parkings: int = 0

    @property
    def ref(self) -> ReturnRef:
        """The return that documents and exceptions belong to; a blind parcel has a stand-in."""
        return self.start.ref

    @property
    def inspection(self) -> Inspection:
        """What the warehouse found. Only a regrade has none."""
        assert self.start.inspection is not None, "a regrade has no inspection"
        return self.start.inspection

    @property
    def name(self) -> str:
        """The scan or regrade id."""
        return self.start.regrade.regrade_id if self.start.regrade else self.inspection.inspection_id

    @property
    def over(self) -> bool:
        """Nothing is left to do or to decide."""
        return bool(self.ended)

    def details(self, now: datetime) -> str:
        """Markdown for ops: what it is, what became of it, and what to do about it."""
        kind = "Regrade" if self.start.regrade else "Parcel"
        of = "that came without its return" if self.start.blind else f"of return {self.ref}"
        text = [f"**{kind} {self.name}** {of} (as of {now:%Y-%m-%d %H:%M:%S} UTC)"]
        if self.numbers:
            text.append(f"booked by {', '.join(self.numbers)}")
        if self.taken:
            text.append(f"taken over by return {self.taken}")
        if self.ended:
            text.append(self.ended)
        text += describe_queued(self.queued)
        return "\n\n".join(text + [describe(parked) for parked in self.parked.values()])
