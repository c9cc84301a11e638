"""What is played: what has a budget first and one by one, then all others side by side.

TROUBLED begin before the others, and the first of them kills the worker: they are in flight when it dies.
"""

from dataclasses import replace

from starter.demo.pairing import Pairing, Setting
from starter.demo.scenario import Scenario
from starter.demo.scenarios.arrivals import ARRIVALS
from starter.demo.scenarios.endings import ENDINGS
from starter.demo.scenarios.exchanges import EVEN, EXCHANGES
from starter.demo.scenarios.goods import ARCHIVED_ORDER, DAMAGED_AND_SELLABLE, GOODS
from starter.demo.scenarios.graded import GRADED
from starter.demo.scenarios.instant import INSTANT
from starter.demo.scenarios.money import MONEY, TWO_RATES
from starter.demo.scenarios.people import PEOPLE
from starter.demo.scenarios.plain import PLAIN
from starter.demo.scenarios.sold_out import SOLD_OUT
from starter.demo.scenarios.troubles import TROUBLES
from starter.demo.scenarios.undone import UNDONE

__all__ = ["ALL", "EVEN", "OTHERS", "PLAIN", "TROUBLED", "scenarios_of"]

TROUBLED: tuple[Scenario, ...] = (*TROUBLES, *ENDINGS, *PEOPLE)
OTHERS: tuple[Scenario, ...] = (*GOODS, *MONEY, *EXCHANGES, *SOLD_OUT, *UNDONE, *INSTANT, *ARRIVALS)
ALL: tuple[Scenario, ...] = (PLAIN, EVEN, *TROUBLED, *OTHERS, *GRADED)

_SHOWN = (PLAIN, DAMAGED_AND_SELLABLE, EVEN, ARCHIVED_ORDER, TWO_RATES)


def scenarios_of(pairing: Pairing) -> tuple[Scenario, ...]:
    """What is played on a pairing; where the platform's users inspect, the few that show it are graded there."""
    if pairing.alone:
        return ALL
    if pairing.whole:
        return tuple(scenario for scenario in ALL if scenario not in GRADED)
    if pairing.platform == "returngo":
        return tuple(replace(scenario, setting=Setting.MAIN) for scenario in GRADED)
    return _SHOWN
