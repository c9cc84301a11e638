"""How the outside talks to a running return: names and payloads of its workflow, signals, updates and queries.

Starters use these names, so that they need not import the workflow.
"""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from domain.inspection import Inspection
from domain.model import Message
from domain.returns import ReturnRef

RETURN_WORKFLOW = "ReturnWorkflow"
RETURNS_QUEUE = "returns"

POKE_SIGNAL = "poke"
INSPECTION_SIGNAL = "inspection_recorded"
RECORD_INSPECTION_UPDATE = "record_inspection"
RESOLVE_UPDATE = "resolve"

#: Search attributes that the namespace must know; all are keywords. No personal data goes into them.
CONNECTION_ATTRIBUTE = "BackhaulConnection"
RETURN_ATTRIBUTE = "BackhaulReturn"
ATTENTION_ATTRIBUTE = "BackhaulAttention"
SEARCH_ATTRIBUTES = (CONNECTION_ATTRIBUTE, RETURN_ATTRIBUTE, ATTENTION_ATTRIBUTE)

#: Values of ATTENTION_ATTRIBUTE: "none", or the owner whose decision a parked track waits for.
NO_ATTENTION = "none"


def erp_queue(books: str) -> str:
    """Task queue of one ERP's activities (D11): its limits hold for all connections that share it."""
    return f"erp/{books}"


def platform_queue(connection: str) -> str:
    """Task queue of one platform connection's activities (D11)."""
    return f"platform/{connection}"


class ReturnStart(Message):
    """Start of a return's workflow."""

    ref: ReturnRef
    erp_queue: str
    platform_queue: str


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


class InspectionReceipt(Message):
    """Answer to `record_inspection`. `repeated` says that this scan id was known already."""

    inspection_id: str
    repeated: bool = False


class ResolutionReceipt(Message):
    """Answer to `resolve`."""

    exception_id: str
    repeated: bool = False


class ReturnOutcome(Message):
    """Result of the workflow."""

    stage: str
    rma_number: str = ""
    credit_numbers: list[str] = []


class InspectionEnvelope(Message):
    """Body of ``POST /inspections``: which return (platform id, or RMA number), and what was found."""

    connection: str
    return_id: str = ""
    rma_number: str = ""
    inspection: Inspection
