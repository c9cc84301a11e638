"""What people should know about each returns platform: what it decides, and what it leaves to others (R137–R140)."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.model import Value


class PlatformFacts(Value):
    """One platform, in words. Whatever a site decides for itself comes from its configuration instead.

    refund: how the money gets to the customer; tells: how it says that something happened
    """

    name: str
    refund: str
    tells: str
    notes: tuple[str, ...] = ()


_REVENI = PlatformFacts(
    name="Reveni",
    refund="Reveni pays, at once where it advances the money (instant refund), otherwise after the acceptance",
    tells="signed webhooks",
    notes=(
        "Reveni decides on the request, on the refund and its amount, and on the status that the customer sees.",
        "An instant refund is paid before the goods are back, and its credit note is made at once.",
        "Stock waits for the inspection all the same. Until then the value counts as exposure.",
        "An instant return that nobody processed is accepted by Reveni itself after 30 days. Claim before that.",
        "A refund that is made outside Reveni makes no credit note. Only the reconciliation finds it.",
    ),
)

_RETURNGO = PlatformFacts(
    name="ReturnGO",
    refund="ReturnGO has the shop pay; a refund to a bank account is only marked there, and somebody must transfer it",
    tells="unsigned webhooks to a secret address",
    notes=(
        "ReturnGO decides on the request and approves it. Only its final status starts stock and credit.",
        "People release refunds and exchanges in its dashboard. This cannot be done from here.",
        "Exchange orders that ReturnGO makes itself are not used.",
        "The replacement is ordered in the ERP, with all data of the original order.",
        "A refund that is made in the shop makes no credit note. Only the reconciliation finds it.",
        "ReturnGO answers a limited number of calls a day. Live returns go first.",
    ),
)

PLATFORMS: Mapping[str, PlatformFacts] = MappingProxyType({"reveni": _REVENI, "returngo": _RETURNGO})


def platform_facts(platform: str) -> PlatformFacts:
    """What is known of a platform by its name in the configuration; of another one, what holds for every platform."""
    name = platform.replace("_", " ").title()
    return PLATFORMS.get(platform) or PlatformFacts(name=name, refund=f"{name} pays", tells="webhooks")
