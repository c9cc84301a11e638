"""What comes back, and where it goes."""

from domain.exceptions import ExceptionCode
from starter.demo.abilities import TAX_IN_PRICES
from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, Otherwise, Scenario
from starter.demo.scenarios.by_hand import credit_by_hand

_COAT, _SHIRT, _PULLOVER, _BAG = "P1001-BLK-080", "P2001-WHT-M", "P2002-BLU-L", "P3001-NAT"
_BOX, _SCARF, _HAT, _CANDLE = "P4000-GIFT", "P4001-RED-S", "P4002-RED-OS", "P4003-OAK"


async def _one_of_three(play: Play) -> None:
    """54.26 for three shirts: the units are worth 18.09, 18.08 and 18.09."""
    await play.sell(Sold(_SHIRT, "19.99", 3, discount="5.71"))
    await play.ask_for_return(Wanted(_SHIRT, "19.99", discount="1.90"))
    await play.until_authorised()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _damaged_and_sellable(play: Play) -> None:
    """One line, two depots: nothing damaged ever reaches the one that sells. A defect is credited in full."""
    await play.sell(Sold(_PULLOVER, "60.00", 2))
    await play.ask_for_return(Wanted(_PULLOVER, "60.00", 2, reason="defective"))
    await play.until_authorised()
    await play.inspect((_PULLOVER, 1, "SELLABLE"), (_PULLOVER, 1, "DAMAGED"))


async def _one_of_three_by_hand(play: Play) -> None:
    await _one_of_three(play)
    await credit_by_hand(play, "18.09")


async def _kit_item_by_hand(play: Play) -> None:
    await _kit_item(play)
    await credit_by_hand(play, "20.00")


async def _two_parcels(play: Play) -> None:
    """The second parcel comes later; the platform pays when both are there."""
    await play.sell(Sold(_SHIRT, "19.99"), Sold(_BAG, "40.00", 2))
    await play.ask_for_return(Wanted(_SHIRT, "19.99"), Wanted(_BAG, "40.00", 2, line=2))
    await play.until_authorised()
    await play.inspect((_BAG, 1, "SELLABLE"))
    await play.until_partly_received()
    await play.inspect((_SHIRT, 1, "SELLABLE"), (_BAG, 1, "QUARANTINE"))


async def _kit_item(play: Play) -> None:
    """A quarter of the gift box's 79.99, to the penny, twice over: 20.00 for the first scarf."""
    parts = ((_SCARF, 1), (_HAT, 1), (_CANDLE, 2))
    await play.sell(Sold(_BOX, "79.99", 2, parts=parts))
    await play.ask_for_return(Wanted(_SCARF, "20.00", line=2 if play.erp.parts_are_lines else 1))
    await play.until_authorised()
    await play.inspect((_SCARF, 1, "SELLABLE"))


async def _archived_order(play: Play) -> None:
    """The ERP links nothing to an archived order, so the RMA stands alone."""
    await play.sell(Sold(_COAT, "210.00", 2, discount="42.00"), status="Closed", archived=True)
    await play.ask_for_return(Wanted(_COAT, "210.00", discount="21.00"))
    await play.until_authorised()
    await play.inspect((_COAT, 1, "SELLABLE"))


_ROUNDED = "{erp} keeps prices without tax: the refund differs by a penny, which no charge of its credits can carry"

DAMAGED_AND_SELLABLE = Scenario(
    "damaged and sellable", _damaged_and_sellable, Expected(credited="120.00", stock={"sellable": 1, "damaged": 1})
)
ARCHIVED_ORDER = Scenario(
    "archived order", _archived_order, Expected(credited="189.00", stock={"sellable": 1}, standalone=True)
)

GOODS = (
    Scenario(
        "one unit of three",
        _one_of_three,
        Expected(credited="18.09", stock={"sellable": 1}),
        otherwise={
            TAX_IN_PRICES: Otherwise(
                _ROUNDED,
                Expected(credited="18.09", stock={"sellable": 1}, exceptions=(ExceptionCode.CREDIT_REJECTED,)),
                _one_of_three_by_hand,
            )
        },
    ),
    DAMAGED_AND_SELLABLE,
    Scenario("two parcels", _two_parcels, Expected(credited="99.99", stock={"sellable": 2, "quarantine": 1})),
    Scenario(
        "one item of a kit",
        _kit_item,
        Expected(credited="20.00", stock={"sellable": 1}),
        otherwise={
            TAX_IN_PRICES: Otherwise(
                _ROUNDED,
                Expected(credited="20.00", stock={"sellable": 1}, exceptions=(ExceptionCode.CREDIT_REJECTED,)),
                _kit_item_by_hand,
            )
        },
    ),
    ARCHIVED_ORDER,
)
