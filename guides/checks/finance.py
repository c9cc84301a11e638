"""Finance: refunds, credit notes, differences, the close."""

from domain.exceptions import Owner
from guides.checks.entry import HowOften, check
from guides.screens import ScreenId, to_queue, to_screen

FINANCE = (
    check(
        Owner.FINANCE,
        HowOften.DAILY,
        "Decide what waits for finance, the oldest first",
        to_queue(Owner.FINANCE),
        "Nothing is older than a day.",
        "Open the runbook of the item. If somebody else must act first, tell them, and leave the item open.",
    ),
    check(
        Owner.FINANCE,
        HowOften.DAILY,
        "Confirm decisions that wait for a second person",
        to_queue(Owner.FINANCE, second="yes"),
        "None waits.",
        "Look at the figures as if nobody had decided. Make the same decision, or another one.",
    ),
    check(
        Owner.FINANCE,
        HowOften.DAILY,
        "Look at last night's reconciliation",
        to_screen(ScreenId.RECONCILIATION),
        "The run is complete, and refunds, credit notes and stock agree or are explained.",
        "Open each new difference. Its class says what is missing; its exception says what you can do.",
    ),
    check(
        Owner.FINANCE,
        HowOften.DAILY,
        "Look for refunds without a credit note",
        to_screen(ScreenId.DIFFERENCES),
        "Every refund has its note, or is younger than the agreed time.",
        "Open the return and read what the note waits for. Decide an open exception first.",
    ),
    check(
        Owner.FINANCE,
        HowOften.DAILY,
        "Look at the money that is out while its goods are not in",
        to_screen(ScreenId.EXPOSURE),
        "No deadline falls in the next days.",
        "Ask CX to contact the customer. Claim the cover of the platform before its deadline.",
    ),
    check(
        Owner.FINANCE,
        HowOften.WEEKLY,
        "Look at the causes behind finance's exceptions",
        to_screen(ScreenId.GROUPS, owner="finance"),
        "No cause stands for many returns.",
        "Mend the cause, then decide its returns as one group.",
    ),
    check(
        Owner.FINANCE,
        HowOften.WEEKLY,
        "Look at the running balance of rounding differences",
        to_screen(ScreenId.RECONCILIATION),
        "The balance stays near nothing.",
        "Find the connection that they come from, and have its rounding of tax or discounts checked.",
    ),
    check(
        Owner.FINANCE,
        HowOften.MONTHLY,
        "Before the close: is the period ready?",
        to_screen(ScreenId.PERIODS),
        "The statement says ready, and its totals agree with both systems.",
        "Work through what it lists, with its value. Close only then.",
    ),
    check(
        Owner.FINANCE,
        HowOften.MONTHLY,
        "Hand in the payout file of the payment provider",
        to_screen(ScreenId.PAYOUTS),
        "Every line of it is matched by the next reconciliation.",
        "Each line that is left names its order. Find out who paid it.",
    ),
)
