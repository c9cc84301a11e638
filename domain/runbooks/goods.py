"""Runbooks of the warehouse: stock that cannot be booked, and inspections that do not fit."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

_SET_ASIDE = (
    "This parcel is set aside. Its units are in no stock, and the return goes on waiting for them."
    " Only for a parcel that was recorded by mistake."
)

GOODS = (
    Runbook(
        code=ExceptionCode.LOCATION_UNMAPPED,
        stake="The units lie in the warehouse and are in no depot, so they can be neither sold nor counted.",
        meanwhile="No unit of this parcel is booked. Credit notes that do not need these units go on.",
        afterwards="The parcel is booked into the depots of its location, and the platform hears the result.",
        decisions={
            ResolutionKind.RETRY: "The parcel is booked with the mapping of now. Right after the location was added.",
            ResolutionKind.EDIT_AND_RETRY: "The parcel is booked as if it was inspected elsewhere: location=LDN-1.",
            ResolutionKind.CANCEL_TRACK: _SET_ASIDE,
        },
        figures={"location": "LDN-2", "bucket": "sellable"},
        prevention=(
            "Tell operations before a new dock, shop or warehouse takes returns. They add it to the mapping.",
            "Have scanners offer a list of locations. Typed ones get misspelt.",
        ),
    ),
    Runbook(
        code=ExceptionCode.DISPOSITION_UNMAPPED,
        stake="Nobody knows whether the units may be sold. Booked wrongly, damaged goods go to a customer.",
        meanwhile="No unit of this parcel is booked. Everything else of the return goes on.",
        afterwards="The parcel is booked by its dispositions, and the platform hears the result.",
        decisions={
            ResolutionKind.RETRY: "The parcel is booked with the mapping of now. Right after the code was added.",
            ResolutionKind.EDIT_AND_RETRY: "The code of this inspection is read as another one:"
            " disposition.<code>=SELLABLE.",
            ResolutionKind.CANCEL_TRACK: _SET_ASIDE,
        },
        figures={"disposition": "Z9", "reason": "changed_mind", "sku": "P1001-BLK"},
        prevention=("Agree on the codes with the inspectors, and have scanners offer a list of them.",),
    ),
    Runbook(
        code=ExceptionCode.STOCK_REJECTED,
        stake="The units are in the warehouse and not in the ERP's stock, so they cannot be sold.",
        meanwhile="Other documents of the parcel are booked. Money is not affected: what is credited stays credited.",
        afterwards="One stock document is in the ERP. It is looked for by our reference before it is sent again.",
        decisions={
            ResolutionKind.RETRY: "The same document is sent again. Right after the cause was mended in the ERP.",
            ResolutionKind.EDIT_AND_RETRY: "The document is sent to the depot of another place: location=LDN-1. What"
            " the units were inspected as stays; a regrade changes it once they are booked.",
            ResolutionKind.LINK_EXISTING: "The stock document that you name takes the place of ours.",
            ResolutionKind.DONE_BY_HAND: "You booked the units in the ERP. Nothing is posted for them later, and the"
            " reconciliation finds your document by its number.",
            ResolutionKind.WRITE_OFF: "The units will never be booked. They stay counted as inspected.",
            ResolutionKind.CANCEL_TRACK: "The document is given up. The units stay counted as inspected, and are in no"
            " stock.",
        },
        figures={"document": "bh-uk-r1042-goods-1", "depot": "01", "vendor_code": "QTY", "condition": "A"},
        prevention=("Look at the group view: one closed depot or one blocked SKU often stops many parcels.",),
    ),
    Runbook(
        code=ExceptionCode.INSPECTION_CONFLICT,
        stake="Two answers about the same units. If the wrong one is booked, stock and money are wrong.",
        meanwhile="The first result stands and is booked. The second one has moved nothing.",
        afterwards="Nothing is booked by this decision. A regrade is a record of its own: it moves the units from one"
        " depot to the other, and never credits twice.",
        decisions={
            ResolutionKind.RETRY: "The matter ends here, and the first result stands. A regrade that was refused is"
            " looked at again.",
            ResolutionKind.DONE_BY_HAND: "You moved the units in the ERP. Give the number of that document.",
            ResolutionKind.CANCEL_TRACK: "The second result is dropped, for the reason that you give.",
        },
        figures={
            "inspection": "scan-119",
            "first": "1 x P1001-BLK SELLABLE at LDN-1",
            "second": "1 x P1001-BLK DAMAGED at LDN-1",
        },
        prevention=("Use the regrade, not a second inspection, when units are looked at again.",),
    ),
    Runbook(
        code=ExceptionCode.OVER_RECEIPT,
        stake="Extra units belong to somebody: the customer, another return, or a supplier's mistake.",
        meanwhile="The announced units are booked and credited. The extra ones are in quarantine, not credited.",
        afterwards="The extra units become part of the return, go into the hold depot, or stay in quarantine.",
        decisions={
            ResolutionKind.RETRY: "The return is looked at again. If it was extended on the platform, the units become"
            " part of it and are credited.",
            ResolutionKind.EDIT_AND_RETRY: "The units are really another SKU: sku.<scanned>=<right one>. They become"
            " part of the return if its RMA has room for all of them, and the ERP's quarantine has them under that"
            " SKU. If they do not fit, you are asked again and told why. A parcel that came after the end of its return"
            " can be handed to the return that you name.",
            ResolutionKind.RETURN_TO_CUSTOMER: "The extra units go from quarantine into the hold depot.",
            ResolutionKind.WRITE_OFF: "The extra units stay in quarantine, and nobody is credited.",
            ResolutionKind.DONE_BY_HAND: "You dealt with the units. They stay in quarantine in our books.",
            ResolutionKind.CANCEL_TRACK: "The extra units stay in quarantine, for the reason that you give.",
        },
        figures={"inspection": "scan-120", "location": "LDN-1", "surplus": "1 x P1001-BLK"},
        prevention=("Count twice before you confirm more units than the screen expects.",),
    ),
    Runbook(
        code=ExceptionCode.UNEXPECTED_SKU,
        stake="The customer sent something else. What was announced is still missing, and may be refunded already.",
        meanwhile="The wrong item is in quarantine. The announced units are still waited for.",
        afterwards="The item becomes part of the return, goes into the hold depot, or stays in quarantine.",
        decisions={
            ResolutionKind.RETRY: "The return is looked at again. If its RMA has a line with room for the item by now,"
            " the item becomes part of it.",
            ResolutionKind.EDIT_AND_RETRY: "The item is really another SKU: sku.<scanned>=<right one>. It becomes part"
            " of the return if its RMA has room for it, and the ERP's quarantine has it under that SKU. If it does not"
            " fit, you are asked again and told why.",
            ResolutionKind.RETURN_TO_CUSTOMER: "The item goes from quarantine into the hold depot.",
            ResolutionKind.WRITE_OFF: "The item stays in quarantine, and nobody is credited for it.",
            ResolutionKind.DONE_BY_HAND: "You dealt with the item, for example for another return. It stays in"
            " quarantine in our books.",
            ResolutionKind.CANCEL_TRACK: "The item stays in quarantine, for the reason that you give.",
        },
        figures={"inspection": "scan-121", "location": "LDN-1", "surplus": "1 x P2002-RED", "sku": "P2002-RED"},
        prevention=("Scan the item's own label, not the label of the bag.",),
    ),
)
