"""Names, inputs and results of the steps of a sweep (R2, R77, R83, R89)."""

from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.signatures import Done
from domain.lateness import StuckKind
from domain.model import Message


class SweepOrder(Message):
    """Sweep a connection's platform. `since`: look back to there; None: to the last sweep, and some time more."""

    connection: str
    since: datetime | None = None


class PlatformSwept(Message):
    """What the platform lists as changed, and how much of it was news. `trouble`: why it could not be asked."""

    listed: int = 0
    picked_up: int = 0
    trouble: str = ""


class ProbeOrder(Message):
    """Ask whether the ERP of a connection answers."""

    connection: str


class Probed(Message):
    """Empty when it answers."""

    trouble: str = ""


class StuckOrder(Message):
    """Look for what takes longer than agreed in a connection. `whole`: no other part of the sweep failed for good."""

    connection: str
    whole: bool = True


class StuckSwept(Message):
    """What takes too long, by kind; exceptions that were raised and that were cleared."""

    late: dict[StuckKind, int] = {}
    raised: int = 0
    cleared: int = 0
    trouble: str = ""


class SweepFailed(Message):
    """Parts of a sweep that nobody could do, and why."""

    connection: str
    reasons: list[str]


class SweepPlatformSteps(Protocol):
    """Steps on the queue of one platform connection."""

    @activity.defn
    async def sweep_platform(self, request: SweepOrder) -> PlatformSwept:
        """Every return that changed unheard is in the inbox, as if its webhook had come."""
        ...


class SweepErpSteps(Protocol):
    """Steps on the queue of one ERP."""

    @activity.defn
    async def probe_erp(self, request: ProbeOrder) -> Probed:
        """It is known whether the ERP answers."""
        ...


class SweepStoreSteps(Protocol):
    """Steps on our own store, on the workflow's queue."""

    @activity.defn
    async def sweep_stuck(self, request: StuckOrder) -> StuckSwept:
        """What takes too long is known, once each; what the two systems disagree about has its exception."""
        ...

    @activity.defn
    async def fail_sweep(self, request: SweepFailed) -> Done:
        """People know that sweeps of the connection fail."""
        ...
