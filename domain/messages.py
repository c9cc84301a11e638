"""How the outside talks to a running return: names and payloads of its workflow, signals, updates and queries.

Starters use these names, so that they need not import the workflow.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue

from domain.inspection import Inspection, Regrade
from domain.model import Message
from domain.returns import ReturnRef

RETURN_WORKFLOW = "ReturnWorkflow"
EXCHANGE_WORKFLOW = "ExchangeWorkflow"
PARCEL_WORKFLOW = "ParcelWorkflow"
WINDOW_WORKFLOW = "WindowWorkflow"
SWEEP_WORKFLOW = "SweepWorkflow"
RECONCILE_WORKFLOW = "ReconcileWorkflow"
RETURNS_QUEUE = "returns"

POKE_SIGNAL = "poke"
INSPECTION_SIGNAL = "inspection_recorded"
RECORD_INSPECTION_UPDATE = "record_inspection"
REPORT_LOST_UPDATE = "report_lost"
RESOLVE_UPDATE = "resolve"
WINDOW_SIGNAL = "window_answered"

#: Search attributes that the namespace must know; all are keywords. No personal data goes into them.
CONNECTION_ATTRIBUTE = "BackhaulConnection"
RETURN_ATTRIBUTE = "BackhaulReturn"
ATTENTION_ATTRIBUTE = "BackhaulAttention"
SEARCH_ATTRIBUTES = (CONNECTION_ATTRIBUTE, RETURN_ATTRIBUTE, ATTENTION_ATTRIBUTE)

#: Values of ATTENTION_ATTRIBUTE: "none", or the owner whose decision a parked track waits for.
NO_ATTENTION = "none"


#: Rehearsals run in this namespace and nowhere else; nothing else runs there (N9).
SHADOW_NAMESPACE = "backhaul-shadow"


def erp_queue(books: str) -> str:
    """Task queue of one ERP's activities (D11): its limits hold for all connections that share it."""
    return f"erp/{books}"


def platform_queue(connection: str) -> str:
    """Task queue of one platform connection's activities (D11)."""
    return f"platform/{connection}"


class ReturnStart(Message):
    """Start of a return's workflow. `carried`: what the run before it knew; only the workflow can read it (E70)."""

    ref: ReturnRef
    erp_queue: str
    platform_queue: str
    carried: dict[str, JsonValue] | None = None


class Poke(Message):
    """ "Look at the platform again." Carries no business data (design 3.2).

    `occurred_at` is the platform's own time of the event: a read that is older than that lags and is repeated.
    """

    reason: Literal["webhook", "sweep", "operator"] = "webhook"
    occurred_at: datetime | None = None


class LooseInspection(Message):
    """An inspection as the Temporal UI or CLI may send it by signal; it is checked inside the workflow."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    inspection_id: str = ""
    location: str = ""
    units: list[dict[str, str]] = Field(default=[], description="sku, quantity, disposition, order_line_id as text")
    inspector: str = "signal"
    parcel: str = ""


class LostReport(Message):
    """The carrier lost what is still to come of a return (E31)."""

    reporter: str = Field(default="carrier", max_length=60, description="user or system reference, not a name")
    reason: str = Field(default="", max_length=200, description="e.g. the carrier's claim number")


class LostReceipt(Message):
    """Answer to `report_lost`: how many units were still to come."""

    units: int


class InspectionReceipt(Message):
    """Answer to `record_inspection`. `repeated` says that this parcel was known already, with the same content.

    `conflict`: it contradicts what was recorded before, so it was set aside for a person (E16).
    """

    inspection_id: str
    repeated: bool = False
    conflict: bool = False


class ResolutionReceipt(Message):
    """Answer to `resolve`."""

    exception_id: str
    repeated: bool = False


class ReturnOutcome(Message):
    """Result of the workflow."""

    stage: str
    rma_number: str = ""
    credit_numbers: list[str] = []


class SweepStart(Message):
    """Start of one sweep of a connection. `since`: look back to there; None: as far as configured (R2)."""

    connection: str
    erp_queue: str
    platform_queue: str
    since: datetime | None = None


class SweepOutcome(Message):
    """What one sweep came to.

    listed: returns that the platform says have changed; picked_up: those that we had not heard of, or of an older state
    late: what takes longer than agreed, by kind; raised, cleared: exceptions
    troubles: what could not be looked at, and why
    """

    listed: int = 0
    picked_up: int = 0
    late: dict[str, int] = {}
    raised: int = 0
    cleared: int = 0
    troubles: list[str] = []


class ReconcileCursor(Message):
    """How far a reconciliation got: its run, the books that it compares with, the part that it is in, and where.

    returns: how many were compared so far
    """

    run: int
    books: str
    part: int = 0
    after: str = ""
    returns: int = 0


class ReconcileOrder(Message):
    """Compare a connection's two systems (R78).

    days: the last so many days, further back while something older is open; since, until: these days instead, `until`
    not included
    carried: where the workflow's run before stopped; only the workflow sets it
    """

    connection: str
    days: int = Field(default=35, ge=1, le=400)
    since: date | None = None
    until: date | None = None
    carried: ReconcileCursor | None = None


class ReconcileOutcome(Message):
    """What a reconciliation came to. `differences`: class → how many are open; trouble: why it could not end."""

    run: str
    state: str
    returns: int = 0
    differences: dict[str, int] = {}
    trouble: str = ""


class InspectionEnvelope(Message):
    """Body of ``POST /inspections``: which return (platform id, or RMA number), and what was found.

    blind: the parcel came without its return (E26); `tracking_number` and `order_number` are what stood on the box
    """

    connection: str
    return_id: str = ""
    rma_number: str = ""
    blind: bool = False
    tracking_number: str = Field(default="", max_length=80)
    order_number: str = Field(default="", max_length=80)
    inspection: Inspection


class RegradeEnvelope(Message):
    """Body of ``POST /regrades``: which return, and which of its booked units get another disposition (E24)."""

    connection: str
    return_id: str = ""
    rma_number: str = ""
    regrade: Regrade
