"""Merchandising: items, recipes, reasons."""

from domain.exceptions import Owner
from guides.checks.entry import HowOften, check
from guides.screens import ScreenId, to_queue, to_screen

MERCHANDISING = (
    check(
        Owner.MERCHANDISING,
        HowOften.DAILY,
        "Decide what waits for merchandising",
        to_queue(Owner.MERCHANDISING),
        "Nothing is older than a day.",
        "Create or activate the SKU, enter the recipe, or name the right SKU. Then retry.",
    ),
    check(
        Owner.MERCHANDISING,
        HowOften.WEEKLY,
        "Look at the SKUs and reasons behind these exceptions",
        to_screen(ScreenId.GROUPS, owner="merchandising"),
        "No SKU stops more than a few returns.",
        "One correction of the item data clears the whole group.",
    ),
    check(
        Owner.MERCHANDISING,
        HowOften.MONTHLY,
        "Look at the exceptions by cause",
        to_screen(ScreenId.OVERVIEW),
        "Those of merchandising become fewer.",
        "Agree with buying and operations how new items and reasons get into both systems before they are used.",
    ),
)
