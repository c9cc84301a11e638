"""Who owns each stage of a return, what it waits for, and what to do when it does not move on (R107, N16).

An exception has an owner of its own. The owner of a stage is who looks after a return that simply does not move.
"""

from collections.abc import Mapping
from types import MappingProxyType

from domain.exceptions import Owner
from domain.model import Value
from domain.progress import Stage


class StageEntry(Value):
    """What people need to know about one stage.

    meaning: what is true of a return in this stage, for business users
    waits_for: what ends the stage; empty for a final one
    steps: what its owner does with a return that stays too long, or about which somebody asks; in order
    """

    stage: Stage
    owner: Owner
    title: str
    meaning: str
    waits_for: str = ""
    steps: tuple[str, ...]


_ENTRIES = (
    StageEntry(
        stage=Stage.RECEIVED,
        owner=Owner.CX,
        title="Request begun",
        meaning="The customer has begun a return on the platform and has not finished the request."
        " Nothing is in the ERP, and no unit of the order is taken.",
        waits_for="the customer to finish the request",
        steps=(
            "Nothing has to be done. Many of these requests are never finished.",
            "If a customer asks, look at the request on the platform: only there it can be finished.",
        ),
    ),
    StageEntry(
        stage=Stage.VALIDATING,
        owner=Owner.INTEGRATION,
        title="Being checked",
        meaning="The request is authorised. The order is read from the ERP, every line is checked against it, and the"
        " RMA is opened. This takes seconds, or until the next window where the ERP takes documents at windows.",
        waits_for="the RMA in the ERP",
        steps=(
            "Open the return and read what it waits for. If an exception is open, its owner decides it.",
            "If it waits for a window, note the time. Nothing is late before it.",
            "Otherwise look at the health of the ERP's connection on the overview, and mend that first.",
        ),
    ),
    StageEntry(
        stage=Stage.AWAITING_GOODS,
        owner=Owner.CX,
        title="Waiting for the parcel",
        meaning="The RMA is open, and the warehouse can see what will come. Nothing has been inspected, so nothing is"
        " in stock. Money is only out where the refund is paid in advance.",
        waits_for="the customer to send the parcel, and the warehouse to inspect it",
        steps=(
            "Look at the tracking on the platform. If the parcel was delivered, ask the warehouse to inspect it.",
            "If the carrier has lost it, report it as lost. An exception then asks what becomes of it.",
            "Otherwise wait. Reminders go out through the platform, and the return ends by itself at its deadline.",
        ),
    ),
    StageEntry(
        stage=Stage.PARTLY_RECEIVED,
        owner=Owner.WAREHOUSE,
        title="Partly here",
        meaning="Some units were inspected and booked. Others are still to come. Each parcel is booked by itself.",
        waits_for="the warehouse to inspect the remaining units",
        steps=(
            "Look whether the other units lie in the warehouse uninspected, and inspect them.",
            "If they are not there, ask CX whether the customer sent a second parcel.",
            "If they will not come, report them as lost. An exception then asks what becomes of them.",
        ),
    ),
    StageEntry(
        stage=Stage.INSPECTED,
        owner=Owner.WAREHOUSE,
        title="Inspected",
        meaning="All units were inspected. Their stock documents are on the way into the ERP, and the result is on the"
        " way to the platform, so that it can pay.",
        waits_for="the stock documents in the ERP, and the platform to take the result",
        steps=(
            "Open the return and read what it waits for. If an exception is open, its owner decides it.",
            "If it waits for a window, note the time. Nothing is late before it.",
            "Otherwise look at the health of the connection on the overview, and tell operations.",
        ),
    ),
    StageEntry(
        stage=Stage.SETTLING,
        owner=Owner.FINANCE,
        title="Being settled",
        meaning="Goods and stock are done. A refund is to be paid or credited, a replacement is to be ordered, or a"
        " decision is still open.",
        waits_for="the refund of the platform, its credit note, or the replacement order",
        steps=(
            "Open the return and read what it waits for.",
            "If it waits for the refund, ask CX to release it on the platform.",
            "If it waits for the credit note, look for an open exception, then for the next window.",
            "If it waits for a replacement, its exchange shows why. CX decides about it.",
        ),
    ),
    StageEntry(
        stage=Stage.CLOSED,
        owner=Owner.FINANCE,
        title="Closed",
        meaning="Every unit is booked, every refund has its credit note, every replacement is ordered, and nothing is"
        " left to decide. The return stays searchable by any of its numbers.",
        steps=(
            "Nothing has to be done.",
            "If somebody asks, its timeline has every document with time and person.",
            "News that arrives later, such as a second refund, becomes an exception of its own.",
        ),
    ),
    StageEntry(
        stage=Stage.REJECTED,
        owner=Owner.CX,
        title="Rejected",
        meaning="The platform rejected the request before goods came, or a person gave the authorisation up."
        " The RMA, if there was one, is cancelled. The units of the order can be returned again.",
        steps=(
            "Nothing has to be done in the ERP.",
            "If the customer asks, the platform shows why. A new request is a new return.",
        ),
    ),
    StageEntry(
        stage=Stage.CANCELLED,
        owner=Owner.CX,
        title="Cancelled",
        meaning="The request was called off before goods came. The RMA is cancelled, and so is a replacement that"
        " was not despatched. The units of the order can be returned again.",
        steps=(
            "Nothing has to be done in the ERP.",
            "If its parcel comes all the same, the warehouse records it. An exception then asks what becomes of it.",
        ),
    ),
    StageEntry(
        stage=Stage.EXPIRED,
        owner=Owner.CX,
        title="Expired",
        meaning="Nothing arrived before the deadline. The RMA is cancelled, and the units can be returned again."
        " A parcel that comes within the days of grace opens the return again by itself.",
        steps=(
            "Nothing has to be done in the ERP.",
            "If its parcel comes after the days of grace, an exception asks what becomes of it.",
        ),
    ),
)

STAGES: Mapping[Stage, StageEntry] = MappingProxyType({entry.stage: entry for entry in _ENTRIES})


def owner_of_stage(stage: Stage) -> Owner:
    """The one team that looks after a return in this stage (R107)."""
    return STAGES[stage].owner
