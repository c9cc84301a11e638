"""What is to be rehearsed, and what the platform's history says about the warehouse of that time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.assembly import ReadyConnection
from domain.connection import InspectedBy
from domain.dispositions import Disposition
from domain.inspection import InspectedUnits, Inspection
from domain.model import Value
from domain.returns import ReturnLine

#: Returns that are under way at the same time. The ERP's own limits hold beside it (R34).
AT_ONCE = 8
#: A step that has failed for so long without any progress of its return will not succeed today.
PATIENCE = timedelta(minutes=3)


class Plan(Value):
    """Returns that changed in [since, until), or those of `return_ids` alone.

    location: where accepted and rejected units are taken to have arrived; accepted_as: what they were found to be
    """

    since: datetime
    until: datetime
    return_ids: tuple[str, ...] = ()
    location: str
    accepted_as: str = Disposition.SELLABLE.value
    at_once: int = AT_ONCE
    patience: timedelta = PATIENCE


def told_by_history(lines: Sequence[ReturnLine], plan: Plan) -> Inspection | None:
    """The inspection that the platform's decisions tell of; None when it has decided nothing."""
    units = [
        InspectedUnits(sku=line.sku, quantity=quantity, disposition=disposition, order_line_id=line.order_line_id)
        for line in lines
        if not line.keep
        for quantity, disposition in (
            (line.accepted, plan.accepted_as),
            (line.rejected, Disposition.RETURN_TO_CUSTOMER.value),
        )
        if quantity
    ]
    if not units:
        return None
    return Inspection(inspection_id="history", location=plan.location, inspector="rehearsal", units=units)


def warehouse_inspects(ready: ReadyConnection) -> bool:
    """Whether inspections come from a warehouse; otherwise the platform's own users' are in its returns."""
    return ready.connection.policy.inspected_by is InspectedBy.WAREHOUSE
