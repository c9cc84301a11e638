"""What each typed decision means, in plain words: for the console, the guides and the runbooks."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.exceptions import ResolutionKind
from domain.model import Value


class ResolutionText(Value):
    """One decision, for business users.

    title: the words on a button; meaning: what it does, whatever the exception; choose: when it is the right one
    needs: what must be given with it; empty when nothing must
    """

    kind: ResolutionKind
    title: str
    meaning: str
    choose: str
    needs: str = ""


_TEXTS = (
    ResolutionText(
        kind=ResolutionKind.RETRY,
        title="Retry",
        meaning="The step that stopped is run once more, with everything as it is now: the order, the mapping, the"
        " platform. What was done before is not done again.",
        choose="The cause is mended, or has gone away by itself.",
    ),
    ResolutionText(
        kind=ResolutionKind.EDIT_AND_RETRY,
        title="Correct and retry",
        meaning="One input of this return is corrected, and the step is run once more. The correction holds for this"
        " return only. The original request stays as it was.",
        choose="This one input was wrong. If many returns have the same fault, mend the mapping and retry instead.",
        needs="the field and its right value, for example location=LDN-1",
    ),
    ResolutionText(
        kind=ResolutionKind.ACCEPT_PLATFORM_AMOUNT,
        title="Accept the platform's amount",
        meaning="The credit note is made over what the platform paid. What goes beyond the value of the goods becomes"
        " a goodwill line, so that goods and goodwill can be told apart in the ledger.",
        choose="The customer was meant to get this amount.",
        needs="a reason",
    ),
    ResolutionText(
        kind=ResolutionKind.ACCEPT_ORDER_AMOUNT,
        title="Accept the order's amount",
        meaning="The credit note is made over the value of the goods by the original order. The difference to what"
        " the platform paid stays visible in the reconciliation.",
        choose="The order is right and the platform is not, and the refund is corrected there.",
    ),
    ResolutionText(
        kind=ResolutionKind.LINK_EXISTING,
        title="Link the existing document",
        meaning="A document that is in the ERP already takes the place of ours. No second one is made.",
        choose="Somebody made the document, and it is the right one.",
        needs="the number of the ERP document",
    ),
    ResolutionText(
        kind=ResolutionKind.DONE_BY_HAND,
        title="Done by hand",
        meaning="You did the work in the ERP. It counts as done under the number that you give, it is never posted"
        " automatically again, and the reconciliation looks for it under that number.",
        choose="You have just done by hand what could not be done automatically.",
        needs="the number of the ERP document",
    ),
    ResolutionText(
        kind=ResolutionKind.CONVERT_TO_REFUND,
        title="Convert to refund",
        meaning="No replacement is ordered. The returned units are refunded like any other once they are accepted.",
        choose="The customer takes the money.",
    ),
    ResolutionText(
        kind=ResolutionKind.SUBSTITUTE_SKU,
        title="Send another item",
        meaning="Another item is ordered in place of the one that the customer chose. The customer's own choice stays"
        " on record.",
        choose="The customer has agreed to another item.",
        needs="the item that goes out instead, as sku.<wanted SKU>=<new SKU>",
    ),
    ResolutionText(
        kind=ResolutionKind.RETURN_TO_CUSTOMER,
        title="Send back to the customer",
        meaning="The units are not credited, and go back to the customer. What lies in quarantine is booked into the"
        " hold depot until then.",
        choose="The goods are the customer's, and the customer shall have them back.",
    ),
    ResolutionText(
        kind=ResolutionKind.WRITE_OFF,
        title="Write off",
        meaning="The units, or the value that is out, are given up. Nothing is waited for any more, and no money is"
        " recovered from here.",
        choose="The loss is accepted.",
        needs="a reason",
    ),
    ResolutionText(
        kind=ResolutionKind.CANCEL_TRACK,
        title="End it here",
        meaning="This part of the return is ended as it stands, and is not tried again. Documents that exist stay.",
        choose="Nothing more is to happen, and you can say why.",
        needs="a reason",
    ),
)

RESOLUTION_TEXTS: Mapping[ResolutionKind, ResolutionText] = MappingProxyType({text.kind: text for text in _TEXTS})
