"""The return that everything is built for."""

from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, Scenario

_COAT = "P1001-BLK-080"


async def _plain(play: Play) -> None:
    """A whole order comes back: the coat at its discounted price, and with it the shipping."""
    await play.sell(Sold(_COAT, "245.00", discount="24.50"), charges={"RM24": "4.95"})
    await play.ask_for_return(Wanted(_COAT, "245.00", discount="24.50"), shipping_refund="4.95")
    await play.until_authorised()
    await play.inspect((_COAT, 1, "SELLABLE"))


PLAIN = Scenario("plain", _plain, Expected(credited="225.45", stock={"sellable": 1}))
