"""Exchanges that come to nothing after the replacement was ordered."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.progress import Stage
from domain.resolution import Role
from starter.demo.play import Play
from starter.demo.scenario import Expected, NewGoods, Scenario
from starter.demo.scenarios.exchanges import ask_for_larger

_SHIRT, _LARGER = "P2001-WHT-M", "P2001-WHT-L"


async def _cancelled(play: Play) -> None:
    """The customer keeps the shirt: the order is cancelled before it leaves, then the RMA."""
    await ask_for_larger(play, "30.00")
    await play.until_ordered()
    await play.until_authorised()
    await play.platform.act(play.known.return_id, "cancel")
    await play.until_stage(Stage.CANCELLED)
    await play.check_units_are_free()


async def _rejected(play: Play) -> None:
    """The replacement is out when the old shirt proves to be worn: nothing undoes that, so a person decides."""
    await ask_for_larger(play, "30.00")
    await play.until_exposed()
    await play.until_authorised()
    await play.erp.despatch(await play.until_ordered())
    await play.inspect((_SHIRT, 1, "RETURN_TO_CUSTOMER"))
    parked = await play.until_parked(ExceptionCode.EXCHANGE_EXPOSURE)
    await play.decide(parked, ResolutionKind.DONE_BY_HAND, Role.CX, document="INV-CHARGED-1")


UNDONE = (
    Scenario(
        "exchange cancelled",
        _cancelled,
        Expected(status=Stage.CANCELLED, replacements=(NewGoods(_LARGER, cancelled=True),)),
    ),
    Scenario(
        "exchange, goods rejected",
        _rejected,
        Expected(
            stock={"hold": 1},
            replacements=(NewGoods(_LARGER),),
            exposure={"decided": "30.00"},
            exceptions=(ExceptionCode.EXCHANGE_EXPOSURE,),
        ),
    ),
)
