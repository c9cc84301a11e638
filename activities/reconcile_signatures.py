"""Names, inputs and results of the steps of a reconciliation (R78–R85, N6)."""

from datetime import date
from typing import Protocol

from temporalio import activity

from activities.signatures import Problem
from domain.messages import ReconcileOutcome
from domain.model import Message


class BeginRun(Message):
    """Begin comparing [since, until); `since` None: the last `days` days before `until`, further back where needed."""

    connection: str
    since: date | None
    until: date
    days: int


class RunBegun(Message):
    """A run that may go on. `books`: whose ERP queue its notes are read on."""

    run: int
    name: str
    books: str


class RunPage(Message):
    """A part of a run, from a place on; empty is its beginning."""

    run: int
    connection: str
    after: str = ""


class PageDone(Message):
    """How far a part came; None: to its end. `count`: what it dealt with this time."""

    after: str | None
    count: int


class EndRun(Message):
    """Everything is compared."""

    run: int
    connection: str


class FailRun(Message):
    """The run cannot go on, for this reason. No `run`: it could not even begin."""

    run: int | None
    connection: str
    problem: Problem


class ReconcilePlatformSteps(Protocol):
    """Steps on the queue of one platform connection."""

    @activity.defn
    async def pull_refunds(self, request: RunPage) -> PageDone:
        """Every refund of these days, as the platform lists it, is staged."""
        ...

    @activity.defn
    async def look_up_orders(self, request: RunPage) -> PageDone:
        """The order of each refund that no return case has is known, where the platform can tell it."""
        ...


class ReconcileErpSteps(Protocol):
    """Steps on the queue of one ERP."""

    @activity.defn
    async def pull_credits(self, request: RunPage) -> PageDone:
        """Every credit note of these days, as the ERP lists it, is staged."""
        ...


class ReconcileStoreSteps(Protocol):
    """Steps on our own store, on the workflow's queue."""

    @activity.defn
    async def begin_run(self, request: BeginRun) -> RunBegun:
        """There is a run for this execution, and no other goes on for the connection."""
        ...

    @activity.defn
    async def gather(self, request: RunPage) -> PageDone:
        """It is settled which returns are compared."""
        ...

    @activity.defn
    async def match_returns(self, request: RunPage) -> PageDone:
        """Returns are compared, their differences written down, and exceptions raised."""
        ...

    @activity.defn
    async def match_rest(self, request: RunPage) -> PageDone:
        """The same for refunds, payouts and notes that belong to no return."""
        ...

    @activity.defn
    async def end_run(self, request: EndRun) -> ReconcileOutcome:
        """What was not found any more is over, and the sums of the run stand."""
        ...

    @activity.defn
    async def fail_run(self, request: FailRun) -> ReconcileOutcome:
        """Somebody knows that and why the run could not end."""
        ...
