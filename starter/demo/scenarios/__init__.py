"""What is played: what has a budget first and one by one, then all others side by side.

TROUBLED begin before the others, and the first of them kills the worker: they are in flight when it dies.
"""

from starter.demo.scenario import Scenario
from starter.demo.scenarios.arrivals import ARRIVALS
from starter.demo.scenarios.endings import ENDINGS
from starter.demo.scenarios.exchanges import EVEN, EXCHANGES
from starter.demo.scenarios.goods import GOODS
from starter.demo.scenarios.instant import INSTANT
from starter.demo.scenarios.money import MONEY
from starter.demo.scenarios.people import PEOPLE
from starter.demo.scenarios.plain import PLAIN
from starter.demo.scenarios.sold_out import SOLD_OUT
from starter.demo.scenarios.troubles import TROUBLES
from starter.demo.scenarios.undone import UNDONE

__all__ = ["EVEN", "OTHERS", "PLAIN", "TROUBLED"]

TROUBLED: tuple[Scenario, ...] = (*TROUBLES, *ENDINGS, *PEOPLE)
OTHERS: tuple[Scenario, ...] = (*GOODS, *MONEY, *EXCHANGES, *SOLD_OUT, *UNDONE, *INSTANT, *ARRIVALS)
