"""The replacement cannot be had: nothing is promised, the goods do not wait, and a person decides."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.resolution import Role
from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, NewGoods, Scenario
from store.records import ExceptionRecord

_SHIRT, _SOLD_OUT, _OTHER = "P2001-WHT-M", "P2001-WHT-S", "P2001-WHT-XL"


async def _sold_out(play: Play) -> ExceptionRecord:
    await play.sell(Sold(_SHIRT, "30.00"))
    await play.erp.offer(_SOLD_OUT, 0)
    await play.ask_for_return(Wanted(_SHIRT, "30.00", new=_SOLD_OUT))
    return await play.until_parked(ExceptionCode.EXCHANGE_OOS)


async def _substitute(play: Play) -> None:
    """The customer takes another size."""
    parked = await _sold_out(play)
    await play.erp.offer(_OTHER, 1)
    await play.decide(parked, ResolutionKind.SUBSTITUTE_SKU, Role.CX, edits={f"sku.{_SOLD_OUT}": _OTHER})
    await play.until_exposed()
    await play.until_authorised()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _refund_instead(play: Play) -> None:
    """The customer takes the money: the exchange becomes a refund, here and on the platform."""
    parked = await _sold_out(play)
    await play.decide(parked, ResolutionKind.CONVERT_TO_REFUND, Role.CX, "the customer takes the money")
    await play.platform.refund_instead(play.known.return_id)
    await play.until_authorised()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


_RAISED = (ExceptionCode.EXCHANGE_OOS,)

SOLD_OUT = (
    Scenario(
        "sold out, substitute",
        _substitute,
        Expected(
            stock={"sellable": 1}, replacements=(NewGoods(_OTHER),), exposure={"cleared": "30.00"}, exceptions=_RAISED
        ),
    ),
    Scenario(
        "sold out, refund", _refund_instead, Expected(credited="30.00", stock={"sellable": 1}, exceptions=_RAISED)
    ),
)
