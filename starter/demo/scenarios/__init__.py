"""What is played: the plain return first and alone, then all others side by side."""

from starter.demo.scenario import Scenario
from starter.demo.scenarios.endings import ENDINGS
from starter.demo.scenarios.goods import GOODS
from starter.demo.scenarios.money import MONEY
from starter.demo.scenarios.people import PEOPLE
from starter.demo.scenarios.plain import PLAIN
from starter.demo.scenarios.troubles import TROUBLES

__all__ = ["OTHERS", "PLAIN"]

OTHERS: tuple[Scenario, ...] = (*TROUBLES, *ENDINGS, *PEOPLE, *GOODS, *MONEY)
