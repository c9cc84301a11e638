"""Runbooks of parcels that come at the wrong time, come without their return, or do not come at all."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

_HELD = "The units go from quarantine into the hold depot, and wait for their way back."
_KEPT = "The units stay in quarantine, and nobody is credited."

PARCELS = (
    Runbook(
        code=ExceptionCode.UNMATCHED_RECEIPT,
        stake="Somebody's goods. A customer waits for money, and will ask for it.",
        meanwhile="The units are in quarantine. No return is affected.",
        afterwards="If a return is found, the units leave quarantine and are booked there as found. A return that we"
        " did not know yet is started.",
        decisions={
            ResolutionKind.RETRY: "A match is looked for once more, by order, tracking number and SKU.",
            ResolutionKind.EDIT_AND_RETRY: "The parcel is handed to the return that you name: return=<its id on the"
            " platform>.",
            ResolutionKind.RETURN_TO_CUSTOMER: _HELD,
            ResolutionKind.WRITE_OFF: _KEPT,
            ResolutionKind.DONE_BY_HAND: "You dealt with the parcel. The units stay in quarantine in our books.",
            ResolutionKind.CANCEL_TRACK: _KEPT,
        },
        figures={"inspection": "scan-130", "tracking": "1Z999", "order": "10042", "units": "1 x P1001-BLK"},
        prevention=(
            "Have customers put the return label into the parcel as well.",
            "Type in whatever stands on the box: tracking number and order number find most returns.",
        ),
    ),
    Runbook(
        code=ExceptionCode.INSPECTION_AFTER_CANCEL,
        stake="Goods without a return. The customer may believe that the money is on its way.",
        meanwhile="Nothing is credited by itself. The units are in quarantine where their depot is known.",
        afterwards="If the return was opened again on the platform, its goods are booked there.",
        decisions={
            ResolutionKind.RETRY: "The return is looked for again. Right when it was opened again on the platform.",
            ResolutionKind.EDIT_AND_RETRY: "The parcel is handed to the return that you name: return=<its id on the"
            " platform>.",
            ResolutionKind.RETURN_TO_CUSTOMER: _HELD,
            ResolutionKind.WRITE_OFF: _KEPT,
            ResolutionKind.DONE_BY_HAND: "You dealt with the parcel. The units stay where they are in our books.",
            ResolutionKind.CANCEL_TRACK: _KEPT,
        },
        figures={"inspection": "scan-131", "units": "1 x P1001-BLK"},
        prevention=("Ask customers who cancel whether the parcel is on its way already.",),
    ),
    Runbook(
        code=ExceptionCode.LATE_RETURN,
        stake="The customer's money. The return had expired, so nothing is credited without a decision.",
        meanwhile="The units are in quarantine where their depot is known.",
        afterwards="If the return is accepted late, it is booked and credited like any other.",
        decisions={
            ResolutionKind.RETRY: "The return is looked for again. Right when it was opened again on the platform.",
            ResolutionKind.EDIT_AND_RETRY: "The parcel is handed to the return that you name: return=<its id on the"
            " platform>.",
            ResolutionKind.RETURN_TO_CUSTOMER: _HELD,
            ResolutionKind.WRITE_OFF: _KEPT,
            ResolutionKind.DONE_BY_HAND: "You dealt with the parcel. The units stay where they are in our books.",
            ResolutionKind.CANCEL_TRACK: _KEPT,
        },
        figures={"inspection": "scan-132", "units": "1 x P1001-BLK"},
        prevention=("If parcels are often a few days late, have the days of grace of the connection extended.",),
    ),
    Runbook(
        code=ExceptionCode.RECEIPT_NOT_INSPECTED,
        stake="The goods lie somewhere in the warehouse. They cannot be sold, and the customer waits for the refund.",
        meanwhile="Nothing is booked and nothing is credited before the inspection.",
        afterwards="It closes by itself with the inspection.",
        decisions={
            ResolutionKind.RETRY: "The matter ends here. The return still waits for its goods.",
            ResolutionKind.DONE_BY_HAND: "The matter ends here. The return still waits for an inspection.",
            ResolutionKind.CANCEL_TRACK: "The matter ends here, for the reason that you give. The return still waits"
            " for its goods until its deadline.",
        },
        figures={},
        prevention=("Inspect in the order of arrival. The list of incoming returns shows the oldest first.",),
    ),
    Runbook(
        code=ExceptionCode.LOST_PARCEL,
        stake="The goods, or what the carrier pays for them, and a customer who did nothing wrong.",
        meanwhile="What arrived is booked and credited. Only the missing units wait.",
        afterwards="If lost goods turn up later, they are booked into stock, and never credited a second time.",
        decisions={
            ResolutionKind.RETRY: "The return waits on, with the whole time once more.",
            ResolutionKind.WRITE_OFF: "The missing units are written off. The customer gets nothing for them.",
            ResolutionKind.ACCEPT_ORDER_AMOUNT: "The missing units count as lost on the way: the refund is credited"
            " without stock. This is finance's decision.",
            ResolutionKind.DONE_BY_HAND: "The missing units are written off. Give the number of your document.",
            ResolutionKind.CANCEL_TRACK: "The missing units are written off, for the reason that you give.",
        },
        figures={},
        prevention=("Claim from the carrier at once: most carriers have a deadline for it.",),
    ),
    Runbook(
        code=ExceptionCode.EXPOSURE_DUE,
        stake="The money or the replacement that the customer has already. After the deadline of the platform's cover"
        " it is the retailer's loss.",
        meanwhile="The credit note of the refund stays. The return does not expire while money is out.",
        afterwards="The exposure ends with the goods, or with your decision.",
        decisions={
            ResolutionKind.RETRY: "The return waits on, with the whole time once more.",
            ResolutionKind.WRITE_OFF: "The missing units and the value that is out for them are written off.",
            ResolutionKind.DONE_BY_HAND: "The return waits on. Give the number of your document, for example of the"
            " claim.",
            ResolutionKind.CANCEL_TRACK: "The return ends as expired where nothing came yet, and the value stays out.",
        },
        figures={
            "cover_until": "2026-10-30 12:00 UTC",
            "missing": "2",
            "refunds": "36.18 EUR",
            "units.L1": "2",
        },
        prevention=(
            "Look at the exposure every day: each item shows its deadline.",
            "Claim the platform's cover before its deadline. Afterwards nobody pays.",
        ),
    ),
)
