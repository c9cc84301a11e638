"""Runbooks of CX: replacements that cannot be ordered, are not paid, or are out without their goods."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

_WITHOUT_ORDER = {
    ResolutionKind.SUBSTITUTE_SKU: "Another item is checked and ordered. The price difference is the new item's.",
    ResolutionKind.CONVERT_TO_REFUND: "No replacement. The units are refunded once they are accepted: release the"
    " refund on the platform.",
    ResolutionKind.LINK_EXISTING: "The order that you name is the replacement.",
    ResolutionKind.DONE_BY_HAND: "The order that you made is the replacement.",
    ResolutionKind.CANCEL_TRACK: "No replacement. The units can be refunded like any other.",
}

EXCHANGES = (
    Runbook(
        code=ExceptionCode.EXCHANGE_OOS,
        stake="The customer was told yes, and there is no order. Nothing out of stock is promised from here.",
        meanwhile="RMA, inspection, stock and refunds of the return go on.",
        afterwards="Availability and customer data are checked again right before anything is ordered.",
        decisions={
            ResolutionKind.RETRY: "Availability is checked again, and the order is made if the item is there.",
            **_WITHOUT_ORDER,
        },
        figures={"sku": "P1001-BLK-090", "faults": "P1001-BLK-090: 0 available, 1 wanted", "fields": "quantity"},
        prevention=(
            "Compare how often the platform refreshes its stock with how fast popular sizes sell.",
            "Keep the last pieces of a size out of the exchange offer.",
        ),
    ),
    Runbook(
        code=ExceptionCode.EXCHANGE_DATA,
        stake="The customer was told yes, and there is no order. An order with missing data would not be delivered.",
        meanwhile="RMA, inspection, stock and refunds of the return go on.",
        afterwards="Everything is checked again right before the order is made. The request is unchanged.",
        decisions={
            ResolutionKind.RETRY: "The data are read and checked again. Right after they were corrected.",
            ResolutionKind.EDIT_AND_RETRY: "One input is corrected, for example sku.<wanted>=<right one>.",
            **_WITHOUT_ORDER,
        },
        figures={"sku": "P1001-BLK-090", "faults": "the delivery address has no postcode", "fields": "postcode"},
        prevention=(
            "Customer and delivery data are copied from the original order. Correct them there.",
            "Have the platform ask for a new address only with all its fields.",
        ),
    ),
    Runbook(
        code=ExceptionCode.EXCHANGE_PAYMENT_MISSING,
        stake="The replacement waits. Sent without payment, the difference would be lost.",
        meanwhile="RMA, inspection, stock and refunds of the return go on. Nobody is charged from here.",
        afterwards="As soon as the platform confirms the payment, the order is made by itself.",
        decisions={
            ResolutionKind.RETRY: "The payment is looked at again, and the item is checked and ordered once paid.",
            **_WITHOUT_ORDER,
        },
        figures={},
        prevention=("Have the platform take the payment before it confirms the exchange.",),
    ),
    Runbook(
        code=ExceptionCode.EXCHANGE_EXPOSURE,
        stake="The replacement, at its full value. The goods for it were refused, called off, or never came.",
        meanwhile="What was accepted is credited as usual. The value counts as open exposure.",
        afterwards="The exposure of these units ends with your decision.",
        decisions={
            ResolutionKind.WRITE_OFF: "The customer keeps the replacement, and the value is written off.",
            ResolutionKind.RETRY: "The cancellation of the order is tried again. Right when it was stopped in the"
            " warehouse.",
            ResolutionKind.DONE_BY_HAND: "The customer keeps the replacement, and you charged it. Give the document's"
            " number.",
            ResolutionKind.CANCEL_TRACK: "The customer keeps the replacement, for the reason that you give.",
        },
        figures={"document": "bh-uk-r1042-exchange-1", "vendor_code": "STATUS"},
        prevention=("Order replacements at acceptance instead of confirmation, if this happens often.",),
    ),
)
