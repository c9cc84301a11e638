"""CX: customers who wait."""

from domain.exceptions import Owner
from guides.checks.entry import HowOften, check
from guides.screens import ScreenId, to_queue, to_screen

CX = (
    check(
        Owner.CX,
        HowOften.DAILY,
        "Decide what waits for CX, the oldest first",
        to_queue(Owner.CX),
        "Nothing is older than half a day. A customer waits behind each item.",
        "Open the runbook of the item. Contact the customer through the platform, then decide.",
    ),
    check(
        Owner.CX,
        HowOften.DAILY,
        "Look for exchanges without an order",
        to_queue(Owner.CX, code="EXCHANGE_OOS"),
        "There are none.",
        "Offer another item or a refund, and decide so at once.",
    ),
    check(
        Owner.CX,
        HowOften.DAILY,
        "Look at refunds and replacements whose goods never came",
        to_screen(ScreenId.EXPOSURE),
        "No deadline falls in the next days.",
        "Contact the customer. Claim the cover on the platform before its deadline.",
    ),
    check(
        Owner.CX,
        HowOften.WEEKLY,
        "Look at returns that wait for their parcel",
        to_screen(ScreenId.RETURNS, stage="AWAITING_GOODS"),
        "None is far beyond the carrier's usual time.",
        "Look at the tracking on the platform. Report a parcel as lost when the carrier has lost it.",
    ),
    check(
        Owner.CX,
        HowOften.WEEKLY,
        "Look at the causes behind CX's exceptions",
        to_screen(ScreenId.GROUPS, owner="cx"),
        "No cause comes back every week.",
        "Have the setting of the platform changed that makes them.",
    ),
    check(
        Owner.CX,
        HowOften.MONTHLY,
        "Look at what share of returns needed nobody",
        to_screen(ScreenId.OVERVIEW),
        "The share grows, and the exceptions for each hundred returns fall.",
        "Take the largest cause to the team that can end it.",
    ),
)
