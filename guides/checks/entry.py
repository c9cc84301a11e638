"""One check: what a team looks at, where, and what it should see there."""

from enum import StrEnum

from domain.exceptions import Owner
from domain.model import Value
from guides.blocks import Ref


class HowOften(StrEnum):
    """When a check is due."""

    DAILY = "Every day"
    WEEKLY = "Every week"
    MONTHLY = "Every month"


class Check(Value):
    """One look. `good`: what you should see; `otherwise`: what to do when you do not."""

    owner: Owner
    often: HowOften
    what: str
    where: Ref
    good: str
    otherwise: str


def check(owner: Owner, often: HowOften, what: str, where: Ref, good: str, otherwise: str) -> Check:
    """A check in the order in which it is read."""
    return Check(owner=owner, often=often, what=what, where=where, good=good, otherwise=otherwise)
