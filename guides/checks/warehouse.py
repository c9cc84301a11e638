"""The warehouse: parcels, depots, quarantine."""

from domain.exceptions import Owner
from guides.checks.entry import HowOften, check
from guides.screens import ScreenId, to_queue, to_screen

WAREHOUSE = (
    check(
        Owner.WAREHOUSE,
        HowOften.DAILY,
        "Inspect what has arrived, the oldest parcel first",
        to_screen(ScreenId.RECEIVING),
        "No parcel of yesterday is left.",
        "Search by RMA, tracking or order number. A parcel that belongs to nothing is recorded as such.",
    ),
    check(
        Owner.WAREHOUSE,
        HowOften.DAILY,
        "Decide what waits for the warehouse",
        to_queue(Owner.WAREHOUSE),
        "Nothing is left at the end of the shift.",
        "Open the runbook of the item. A missing mapping is added by operations: tell them the code.",
    ),
    check(
        Owner.WAREHOUSE,
        HowOften.DAILY,
        "Compare what was inspected with what is in the depots",
        to_screen(ScreenId.DEPOTS),
        "No difference for yesterday.",
        "Open the return of each difference, and read what its stock document waits for.",
    ),
    check(
        Owner.WAREHOUSE,
        HowOften.WEEKLY,
        "Look at what went into quarantine and into the hold depots",
        to_screen(ScreenId.DEPOTS),
        "You know of each unit why it lies there.",
        "Regrade what can be sold or is damaged. Send back what belongs to a customer.",
    ),
    check(
        Owner.WAREHOUSE,
        HowOften.WEEKLY,
        "Look at the time from inspection to stock",
        to_screen(ScreenId.OVERVIEW),
        "It is inside the agreed time for every depot.",
        "Tell operations which depot is slow. Time in a batch window is shown apart, and is no delay.",
    ),
    check(
        Owner.WAREHOUSE,
        HowOften.MONTHLY,
        "Look at the causes behind the warehouse's exceptions",
        to_screen(ScreenId.GROUPS, owner="warehouse"),
        "No cause comes back every month.",
        "Have the scanner, the label or the mapping changed that makes them.",
    ),
)
