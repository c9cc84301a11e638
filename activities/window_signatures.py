"""Names, inputs and results of the steps around windows: what waits for one, and what a batch ERP's file brings."""

from datetime import datetime
from typing import Protocol

from pydantic import Field
from temporalio import activity

from domain.batches import RecordClass
from domain.model import Message

#: Type of the error by which a step says that it waits for a window; its detail is an `AwaitedWindow`.
QUEUED = "QUEUED"


class AwaitedWindow(Message):
    """A step that waits until its documents went through a window. `keys` are their business keys.

    window_at: when that window opens; look_again_at: when to run the step again, unless it is answered before
    """

    keys: list[str]
    window_at: datetime
    look_again_at: datetime


class WindowStart(Message):
    """Start of the window workflow of one batch ERP and one class of documents."""

    books: str
    record_class: RecordClass

    @property
    def workflow_id(self) -> str:
        """The long-lived workflow of these windows."""
        return f"window/{self.books}/{self.record_class}"


class WindowPlan(Message):
    """The next window, and the moments around it."""

    hand_over_at: datetime
    opens: datetime
    answer_by: datetime


class HandOver(Message):
    """Hand over everything that waits for the window that opens then."""

    start: WindowStart
    opens: datetime


class Collect(Message):
    """Find out what became of one file."""

    start: WindowStart
    number: int
    answer_by: datetime


class WindowAnswered(Message):
    """Signal: these documents went through a window, or were refused by it; their step may be run again."""

    keys: list[str]


class Told(Message):
    """Which workflow must hear of which documents."""

    workflow_id: str
    keys: list[str]


class WindowFailure(Message):
    """A step on a window that stopped for good, and why. `opens`: the window, once it is known."""

    start: WindowStart
    opens: datetime | None = None
    reason: str


class WindowNews(Message):
    """What a step on a window brought. `batches`: numbers of the files that wait for an answer."""

    told: list[Told] = []
    batches: list[int] = Field(default=[], description="in the order in which the ERP takes them")


class WindowSteps(Protocol):
    """Steps on the queue of one batch ERP."""

    @activity.defn
    async def plan_window(self, request: WindowStart) -> WindowPlan:
        """The next window whose files can still be handed over."""
        ...

    @activity.defn
    async def hand_over(self, request: HandOver) -> WindowNews:
        """Every document that waited lies there in a file."""
        ...

    @activity.defn
    async def collect(self, request: Collect) -> WindowNews:
        """Every document of the file is posted, refused, or waits for another window."""
        ...

    @activity.defn
    async def note_failure(self, request: WindowFailure) -> WindowNews:
        """People know of it; the files that can be asked about all the same."""
        ...
