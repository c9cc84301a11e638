"""Money that is easy to get wrong: currencies with 0 and 3 decimals, a discount over two tax rates."""

from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, Scenario

_COAT, _SHIRT, _PULLOVER, _JACKET = "P1001-BLK-080", "P2001-WHT-M", "P2002-BLU-L", "P3002-KID-104"


async def _yen(play: Play) -> None:
    """2987 yen for three units: two of them are worth 1991."""
    await play.sell(Sold(_SHIRT, "1100", 3, discount="313", vat="10.00"), currency="JPY")
    await play.ask_for_return(Wanted(_SHIRT, "1100", 2, discount="209"), currency="JPY")
    await play.until_authorised()
    await play.inspect((_SHIRT, 2, "SELLABLE"))


async def _dinar(play: Play) -> None:
    """12.147 dinar for two units: half a fils goes to the first."""
    await play.sell(Sold(_COAT, "6.375", 2, discount="0.603", vat="0.00"), currency="KWD")
    await play.ask_for_return(Wanted(_COAT, "6.375", discount="0.301"), currency="KWD")
    await play.until_authorised()
    await play.inspect((_COAT, 1, "SELLABLE"))


async def _discount_over_two_rates(play: Play) -> None:
    """15.00 off an order with 20 % and 0 % lines; one unit of each comes back."""
    await play.sell(Sold(_PULLOVER, "60.00", 2, discount="12.41"), Sold(_JACKET, "25.00", discount="2.59", vat="0.00"))
    await play.ask_for_return(
        Wanted(_PULLOVER, "60.00", discount="6.20"), Wanted(_JACKET, "25.00", discount="2.59", line=2)
    )
    await play.until_authorised()
    await play.inspect((_PULLOVER, 1, "SELLABLE"), (_JACKET, 1, "SELLABLE"))


TWO_RATES = Scenario(
    "discount, two tax rates", _discount_over_two_rates, Expected(credited="76.21", stock={"sellable": 2})
)

MONEY = (
    Scenario("order in yen", _yen, Expected(credited="1991", currency="JPY", stock={"sellable": 2})),
    Scenario("order in dinar", _dinar, Expected(credited="6.074", currency="KWD", stock={"sellable": 1})),
    TWO_RATES,
)
