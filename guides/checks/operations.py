"""Operations: connections, alerts, accounts."""

from domain.exceptions import Owner
from guides.checks.entry import HowOften, check
from guides.screens import ScreenId, to_queue, to_screen

OPERATIONS = (
    check(
        Owner.INTEGRATION,
        HowOften.DAILY,
        "Look at the health of every connection",
        to_screen(ScreenId.OVERVIEW),
        "Each one had a success within the hour, and no backlog grows.",
        "Check the vendor's status page, the network and the credentials. Returns wait, and go on by themselves.",
    ),
    check(
        Owner.INTEGRATION,
        HowOften.DAILY,
        "Decide what waits for operations",
        to_queue(Owner.INTEGRATION),
        "Nothing is left.",
        "Open the runbook of the item. What concerns a whole connection comes first.",
    ),
    check(
        Owner.INTEGRATION,
        HowOften.DAILY,
        "Look for returns that do not move",
        to_screen(ScreenId.OVERVIEW),
        "Every stage is inside its agreed time. Waiting for a window is no delay.",
        "Open the oldest return and read what it waits for.",
    ),
    check(
        Owner.INTEGRATION,
        HowOften.DAILY,
        "Look for alerts that were not delivered",
        to_screen(ScreenId.ALERTS),
        "All were delivered.",
        "Run `backhaul alerts --test` for that team, and correct the channel.",
    ),
    check(
        Owner.INTEGRATION,
        HowOften.WEEKLY,
        "Look at items that nobody handled in time",
        to_screen(ScreenId.EXCEPTIONS, owner="all", level="1"),
        "None has gone up.",
        "Ask the team what it needs: people, rights, or a longer agreed time.",
    ),
    check(
        Owner.INTEGRATION,
        HowOften.WEEKLY,
        "Look at the largest groups of all teams",
        to_screen(ScreenId.GROUPS, owner="all"),
        "No group grows from week to week.",
        "Add the missing mapping, start the worker again, and try the group again.",
    ),
    check(
        Owner.INTEGRATION,
        HowOften.MONTHLY,
        "With an administrator: look at who may sign in, and with which role",
        to_screen(ScreenId.ACCOUNTS),
        "Everybody in the list still works in that role.",
        "Disable the others. A decision is always kept with the account that made it.",
    ),
    check(
        Owner.INTEGRATION,
        HowOften.MONTHLY,
        "With an administrator: read the audit trail of large decisions",
        to_screen(ScreenId.AUDIT),
        "Two different people stand behind each decision above the agreed amount.",
        "Ask for the reason. Lower the amount if it is passed too often.",
    ),
)
