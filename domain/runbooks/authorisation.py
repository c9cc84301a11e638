"""Runbooks of everything that keeps the RMA from being opened, or closes it too early."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

_HELD_UP = "Nothing goes on before the RMA. A parcel that arrives is kept and booked later."
_REFUSED = (
    "The return is not authorised and ends as rejected. If money was paid, a further exception asks finance about it."
)
_OPENED = "The RMA is opened, and everything that waited for it follows by itself."

AUTHORISATION = (
    Runbook(
        code=ExceptionCode.ORDER_NOT_FOUND,
        stake="The customer's return stands still, and the parcel may be on its way.",
        meanwhile=_HELD_UP,
        afterwards=_OPENED,
        decisions={
            ResolutionKind.RETRY: "The order is looked for once more, without waiting for it to arrive.",
            ResolutionKind.CANCEL_TRACK: _REFUSED,
        },
        figures={"order": "10042"},
        prevention=(
            "If orders need long to reach the ERP, have the limit of the connection extended.",
            "Check which of its order numbers the platform hands over.",
        ),
    ),
    Runbook(
        code=ExceptionCode.VALIDATION_QTY,
        stake="Somebody asks for money for goods that were never sold, or that came back before.",
        meanwhile=_HELD_UP,
        afterwards=_OPENED,
        decisions={
            ResolutionKind.RETRY: "The return is checked again, with the order as it is now.",
            ResolutionKind.EDIT_AND_RETRY: "The line is read as another item of the order: sku.<platform's>=<order's>.",
            ResolutionKind.CANCEL_TRACK: _REFUSED,
        },
        figures={
            "sku": "P1001-BLK",
            "order_line": "L1",
            "quantity": "2",
            "wanted": "2",
            "free": "1",
            "unknown_sku": "P9999",
        },
        prevention=(
            "Let the platform ask for the order before it offers a return. It then offers only what can come back.",
            "If the platform uses other SKUs, have them added to the mapping.",
        ),
    ),
    Runbook(
        code=ExceptionCode.ORDER_LOCKED,
        stake="The customer's return stands still because of bookkeeping.",
        meanwhile=_HELD_UP,
        afterwards=_OPENED,
        decisions={
            ResolutionKind.RETRY: "The order is read again. Right after it was opened in the ERP.",
            ResolutionKind.EDIT_AND_RETRY: "The same, with a correction of the input.",
            ResolutionKind.LINK_EXISTING: "The RMA that you name is used for the goods of this return.",
            ResolutionKind.DONE_BY_HAND: "The RMA that you made is used for the goods of this return.",
            ResolutionKind.CANCEL_TRACK: _REFUSED,
        },
        figures={"order": "10042", "ordered_on": "2025-03-02", "customer": "C-77", "lines": "L1: 2 x P1001-BLK"},
        prevention=("Archive orders in the ERP only after the time in which they may come back.",),
    ),
    Runbook(
        code=ExceptionCode.RMA_REJECTED,
        stake="The warehouse cannot book the parcel, and the refund waits for it.",
        meanwhile=_HELD_UP,
        afterwards=_OPENED,
        decisions={
            ResolutionKind.RETRY: "The same RMA is sent again. Right after the cause was mended.",
            ResolutionKind.EDIT_AND_RETRY: "The RMA is sent with a correction: reason.<platform's>=<ERP's> or"
            " sku.<platform's>=<ERP's>.",
            ResolutionKind.LINK_EXISTING: "The RMA that you name takes the place of ours.",
            ResolutionKind.DONE_BY_HAND: "The RMA that you made takes the place of ours.",
            ResolutionKind.CANCEL_TRACK: _REFUSED,
        },
        figures={
            "document": "bh-uk-r1042-rma-1",
            "vendor_code": "E101",
            "order": "10042",
            "customer": "C-77",
            "lines": "L1: 2 x P1001-BLK",
        },
        prevention=("Look at the group view: the same code of the vendor often stops many returns.",),
    ),
    Runbook(
        code=ExceptionCode.PARTIAL_ACCEPT,
        stake="A line that the ERP dropped in silence would be received and credited on nothing.",
        meanwhile=_HELD_UP,
        afterwards="The RMA is read back once more. It counts when every line is there.",
        decisions={
            ResolutionKind.RETRY: "The RMA is read again. Right after the missing lines were added.",
            ResolutionKind.EDIT_AND_RETRY: "The same, with a correction of the input.",
            ResolutionKind.LINK_EXISTING: "The RMA that you name takes the place of ours.",
            ResolutionKind.DONE_BY_HAND: "The RMA that you completed takes the place of ours.",
            ResolutionKind.CANCEL_TRACK: _REFUSED,
        },
        figures={"rma": "RA-501", "accepted": "1 of 2 lines"},
        prevention=("Ask the ERP's vendor which lines it leaves out, and why it does not refuse them.",),
    ),
    Runbook(
        code=ExceptionCode.RMA_CLOSED_IN_ERP,
        stake="Goods that arrive have no document to be booked on.",
        meanwhile="Parcels are kept and booked later. Refunds that are paid are still credited.",
        afterwards="Goods are booked on the RMA that is open then.",
        decisions={
            ResolutionKind.RETRY: "The RMA is read again. Right after it was opened again in the ERP.",
            ResolutionKind.LINK_EXISTING: "The RMA that you name is used from now on.",
            ResolutionKind.DONE_BY_HAND: "The RMA that you made is used from now on.",
            ResolutionKind.CANCEL_TRACK: "Before goods came the return is cancelled. Afterwards only what was refused"
            " is given up.",
        },
        figures={"rma": "RA-501"},
        prevention=("Do not close RMAs in the ERP while their return is open. Cancel on the platform instead.",),
    ),
    Runbook(
        code=ExceptionCode.SKU_NOT_IN_MASTER,
        stake="No document can carry the SKU, so neither stock nor credit can be booked for it.",
        meanwhile=_HELD_UP,
        afterwards="The RMA is opened. Every other return with this SKU can be tried again with one press.",
        decisions={
            ResolutionKind.RETRY: "The SKU is looked up again. Right after it was created or made active.",
            ResolutionKind.EDIT_AND_RETRY: "This return uses another SKU of the order: sku.<platform's>=<ERP's>.",
            ResolutionKind.LINK_EXISTING: "The document that you name in the ERP takes the place of ours.",
            ResolutionKind.CANCEL_TRACK: _REFUSED + " A replacement of an exchange is not ordered.",
        },
        figures={"skus": "PROMO-2026", "sku": "PROMO-2026"},
        prevention=(
            "Keep SKUs active in the ERP for as long as they may come back.",
            "Promotional items and gifts need a SKU too.",
        ),
    ),
    Runbook(
        code=ExceptionCode.BUNDLE_RECIPE_MISSING,
        stake="One part of a bundle cannot be valued or booked without knowing all its parts.",
        meanwhile=_HELD_UP,
        afterwards=_OPENED,
        decisions={
            ResolutionKind.RETRY: "The order is read again, with its recipe. Enter the recipe first.",
            ResolutionKind.CANCEL_TRACK: _REFUSED,
        },
        figures={"sku": "KIT-1"},
        prevention=("No bundle goes on sale without its recipe in the item master.",),
    ),
    Runbook(
        code=ExceptionCode.REASON_UNMAPPED,
        stake="The reason decides on depots, on damage and on statistics. A guess would be wrong in all three.",
        meanwhile=_HELD_UP,
        afterwards=_OPENED,
        decisions={
            ResolutionKind.RETRY: "The return is checked with the mapping of now. Right after the reason was added.",
            ResolutionKind.EDIT_AND_RETRY: "This return uses the code that you give: reason.<platform's>=<ERP's>.",
            ResolutionKind.DONE_BY_HAND: "The RMA that you made is used, whatever its reason.",
            ResolutionKind.CANCEL_TRACK: _REFUSED,
        },
        figures={"reason": "too_itchy", "sku": "P1001-BLK", "order_line": "L1", "quantity": "1"},
        prevention=("Tell operations before a new reason is offered to customers. They add it to the mapping.",),
    ),
)
