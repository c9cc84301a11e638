"""Goods that the platform's own users inspect: they count once the platform has finished (R139)."""

from dataclasses import replace

from starter.demo.abilities import INSPECTS
from starter.demo.goods import Sold, Wanted
from starter.demo.pairing import Setting
from starter.demo.play import Play
from starter.demo.scenario import Expected, Otherwise, Scenario
from starter.demo.scenarios.exchanges import EVEN
from starter.demo.scenarios.goods import ARCHIVED_ORDER, DAMAGED_AND_SELLABLE
from starter.demo.scenarios.money import TWO_RATES
from starter.demo.scenarios.plain import PLAIN

_PULLOVER = "P2002-BLU-L"
_NOBODY = Otherwise("nobody inspects goods in {platform}: a connection that says so does not start")


async def _reason_decides(play: Play) -> None:
    """Not fit for sale, and nobody said why: the customer's reason decides what it is, and where it goes."""
    await play.sell(Sold(_PULLOVER, "60.00"))
    await play.ask_for_return(Wanted(_PULLOVER, "60.00", reason="not_as_described"))
    await play.until_authorised()
    await play.inspect((_PULLOVER, 1, "DAMAGED"))


def _graded(scenario: Scenario, name: str) -> Scenario:
    return replace(scenario, name=name, setting=Setting.GRADED, otherwise={**scenario.otherwise, INSPECTS: _NOBODY})


GRADED = (
    _graded(PLAIN, "plain, graded there"),
    _graded(DAMAGED_AND_SELLABLE, "damaged and sellable, graded there"),
    _graded(EVEN, "even exchange, graded there"),
    _graded(ARCHIVED_ORDER, "archived order, graded there"),
    _graded(TWO_RATES, "two tax rates, graded there"),
    _graded(
        Scenario("", _reason_decides, Expected(credited="60.00", stock={"quarantine": 1})),
        "the reason decides, graded there",
    ),
)
