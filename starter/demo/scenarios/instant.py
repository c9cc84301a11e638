"""The platform pays before the goods come: credited at once, and exposed until they are accepted."""

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.resolution import Role
from starter.demo.abilities import CREDIT_FIRST
from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, NewGoods, Otherwise, Scenario
from starter.demo.scenarios.exchanges import ask_for_larger

_COAT, _SHIRT, _LARGER = "P1001-BLK-080", "P2001-WHT-M", "P2001-WHT-L"


async def _paid_ahead(play: Play) -> None:
    await play.sell(Sold(_COAT, "189.00"))
    await play.ask_for_return(Wanted(_COAT, "189.00"), mode="instant")
    await play.until_exposed()
    await play.until_authorised()


async def _refund(play: Play) -> None:
    """The goods come later, and end the exposure."""
    await _paid_ahead(play)
    await play.inspect((_COAT, 1, "SELLABLE"))


async def _empty_box(play: Play) -> None:
    """The money is gone and the box is empty: the note stays, finance decides about the loss."""
    await _paid_ahead(play)
    await play.inspect((_COAT, 1, "MISSING"))
    parked = await play.until_parked(ExceptionCode.REFUND_EXCEEDS_ACCEPTED)
    await play.decide(parked, ResolutionKind.CANCEL_TRACK, Role.FINANCE, "claimed from the platform")


async def _empty_box_uncredited(play: Play) -> None:
    """The same where nothing was credited: finance decides about the refund alone."""
    await _paid_not_credited(play)
    await play.inspect((_COAT, 1, "MISSING"))
    parked = await play.until_parked(ExceptionCode.REFUND_EXCEEDS_ACCEPTED)
    await play.decide(parked, ResolutionKind.CANCEL_TRACK, Role.FINANCE, "claimed from the platform")


async def _paid_not_credited(play: Play) -> None:
    await play.sell(Sold(_COAT, "189.00"))
    await play.ask_for_return(Wanted(_COAT, "189.00"), mode="instant")
    await play.until_authorised()


async def _refund_waits(play: Play) -> None:
    """The credit waits for the goods."""
    await _paid_not_credited(play)
    await play.inspect((_COAT, 1, "SELLABLE"))


async def _exchange_waits(play: Play) -> None:
    """The replacement is out before the old shirt comes; the difference is credited when it is here."""
    await ask_for_larger(play, "24.00", mode="instant")
    await play.until_exposed()
    await play.until_authorised()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _exchange(play: Play) -> None:
    """Replacement and difference are both out before the old shirt comes."""
    await ask_for_larger(play, "24.00", mode="instant")
    await play.until_exposed()
    await play.until_posted(DocumentKind.CREDIT)
    await play.until_authorised()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


_LATER = "{erp} credits nothing before it was received"
_SWAPPED = Expected(
    credited="6.00", stock={"sellable": 1}, replacements=(NewGoods(_LARGER),), exposure={"cleared": "30.00"}
)
_RAISED = (ExceptionCode.REFUND_EXCEEDS_ACCEPTED,)

INSTANT = (
    Scenario(
        "instant refund",
        _refund,
        Expected(credited="189.00", stock={"sellable": 1}, exposure={"cleared": "189.00"}),
        otherwise={CREDIT_FIRST: Otherwise(_LATER, Expected(credited="189.00", stock={"sellable": 1}), _refund_waits)},
    ),
    Scenario(
        "instant, empty box",
        _empty_box,
        Expected(credited="189.00", exposure={"decided": "189.00"}, exceptions=_RAISED),
        otherwise={
            CREDIT_FIRST: Otherwise(
                _LATER,
                Expected(exceptions=_RAISED, explained="nothing was received, so that nothing can be credited"),
                _empty_box_uncredited,
            )
        },
    ),
    Scenario(
        "instant exchange", _exchange, _SWAPPED, otherwise={CREDIT_FIRST: Otherwise(_LATER, _SWAPPED, _exchange_waits)}
    ),
)
