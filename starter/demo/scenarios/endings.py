"""Returns that end before any goods: the RMA is cancelled and the units may be returned another time."""

from domain.progress import Stage
from starter.demo.goods import Sold, Wanted
from starter.demo.pairing import Setting
from starter.demo.play import Play
from starter.demo.scenario import Expected, Scenario

_BAG, _SHIRT = "P3001-NAT", "P2001-WHT-M"


async def _nothing_shipped(play: Play) -> None:
    """A connection with a deadline of a few seconds; after the reminder nothing comes."""
    await play.sell(Sold(_BAG, "40.00"))
    await play.ask_for_return(Wanted(_BAG, "40.00"))
    await play.until_stage(Stage.EXPIRED)
    await play.check_units_are_free()


async def _cancelled(play: Play) -> None:
    """The customer changes their mind about changing their mind."""
    await play.sell(Sold(_SHIRT, "19.99", 2))
    await play.ask_for_return(Wanted(_SHIRT, "19.99", 2))
    await play.until_authorised()
    await play.platform.act(play.known.return_id, "cancel")
    await play.until_stage(Stage.CANCELLED)
    await play.check_units_are_free()


ENDINGS = (
    Scenario("nothing shipped", _nothing_shipped, Expected(status=Stage.EXPIRED), setting=Setting.FAST),
    Scenario("cancelled by customer", _cancelled, Expected(status=Stage.CANCELLED)),
)
