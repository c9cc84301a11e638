"""How long things may take, and how much may be decided alone, at one connection: the agreed times of its site.

Durations are written as ``15m``, ``4h`` or ``3d``.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from pydantic import Field

from domain.duration import Duration
from domain.exceptions import Owner
from domain.model import Value
from domain.progress import Stage

_ESCALATE_AFTER: Mapping[Owner, timedelta] = MappingProxyType(
    {
        Owner.FINANCE: timedelta(hours=24),
        Owner.WAREHOUSE: timedelta(hours=8),
        Owner.CX: timedelta(hours=4),
        Owner.MERCHANDISING: timedelta(hours=24),
        Owner.INTEGRATION: timedelta(hours=1),
    }
)
_STAGES: Mapping[Stage, timedelta] = MappingProxyType(
    {
        Stage.VALIDATING: timedelta(hours=4),
        Stage.PARTLY_RECEIVED: timedelta(days=14),
        Stage.INSPECTED: timedelta(hours=8),
        Stage.SETTLING: timedelta(days=7),
    }
)


class Limits(Value):
    """Times and amounts that people agreed on. Passing one is shown and alerted; nothing is undone by it."""

    rma: Duration = Field(default=timedelta(minutes=30), description="an authorised return without RMA (R15)")
    stock: Duration = Field(default=timedelta(hours=4), description="inspected units without stock document (R30, R90)")
    credit: Duration = Field(default=timedelta(hours=24), description="a paid refund without credit note (R47, N3)")
    exchange: Duration = Field(default=timedelta(hours=1), description="a confirmed exchange without order (R65)")
    note_age: Duration = Field(default=timedelta(days=10), description="a refund without note is urgent then (U34)")
    stages: dict[Stage, Duration] = Field(
        default=dict(_STAGES),
        description="no progress in a stage for so long is raised (R89); time in a batch window does not count (E64)",
    )
    sweep_every: Duration = Field(
        default=timedelta(minutes=15), ge=timedelta(seconds=1), description="how often platform and ERP are swept"
    )
    sweep_back: Duration = Field(default=timedelta(hours=2), description="how far a sweep looks back before the last")
    reconcile_at: str = Field(
        default="05:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="time of the daily reconciliation, UTC"
    )
    reconcile_days: int = Field(default=35, ge=1, le=400, description="days that a reconciliation looks back")
    rounding_balance: int = Field(
        default=500, ge=0, description="rounding differences that may add up before ROUNDING_DRIFT (R85), minor units"
    )
    escalate_after: dict[Owner, Duration] = Field(
        default=dict(_ESCALATE_AFTER),
        description="an exception that nobody handled for so long goes one level up, once per level (R74)",
    )
    second_person: int | None = Field(
        default=500,
        ge=0,
        description="a decision about more money needs a second person; whole units of its currency, as in 500 EUR",
    )
    trend_count: int = Field(default=5, ge=2, description="so many exceptions of one cause within trend_window (R93)")
    trend_window: Duration = Field(default=timedelta(hours=24))

    @property
    def stage_times(self) -> dict[Stage, timedelta]:
        """How long nothing may move in a stage; a stage that the site does not name has the usual time."""
        return {**_STAGES, **self.stages}

    def escalates_after(self, owner: Owner) -> timedelta:
        """How long an exception of this owner may wait; an owner that the site does not name has the usual time."""
        return self.escalate_after.get(owner, _ESCALATE_AFTER[owner])


def limits_of(limits: Mapping[str, Limits], connection: str) -> Limits:
    """What was agreed for a connection. One that is not configured any more has the usual limits."""
    return limits.get(connection) or Limits()
