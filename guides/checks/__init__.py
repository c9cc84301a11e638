"""What each team looks at, and how often. Every check names the page of the console where it is done (R98, R99)."""

from domain.exceptions import Owner
from guides.checks.cx import CX
from guides.checks.entry import Check, HowOften
from guides.checks.finance import FINANCE
from guides.checks.merchandising import MERCHANDISING
from guides.checks.operations import OPERATIONS
from guides.checks.warehouse import WAREHOUSE

__all__ = ["CHECKS", "Check", "HowOften", "checks_of"]

CHECKS: tuple[Check, ...] = (*FINANCE, *WAREHOUSE, *CX, *MERCHANDISING, *OPERATIONS)


def checks_of(owner: Owner, often: HowOften) -> list[Check]:
    """A team's checks of one rhythm, in the order in which they are done."""
    return [check for check in CHECKS if (check.owner, check.often) == (owner, often)]
