"""What no program may decide: it waits for a person, with a reason."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.resolution import Role
from starter.demo.abilities import GOODWILL
from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, Otherwise, Scenario
from starter.demo.scenarios.by_hand import credit_by_hand
from starter.demo.trouble import Refused

_PULLOVER, _NEW = "P2002-BLU-L", "P7001-GRN-M"


async def _unknown_sku(play: Play) -> None:
    """The item is missing in the master; merchandising adds it and says: try again."""
    await play.sell(Sold(_NEW, "35.00"))
    await play.erp.set_active(_NEW, active=False)
    await play.ask_for_return(Wanted(_NEW, "35.00"))
    parked = await play.until_parked(ExceptionCode.SKU_NOT_IN_MASTER)
    await play.erp.set_active(_NEW, active=True)
    await play.decide(parked, ResolutionKind.RETRY, Role.MERCHANDISING)
    await play.until_authorised()
    await play.inspect((_NEW, 1, "SELLABLE"))


async def _refund_mismatch(play: Play) -> None:
    """The platform gave the shipping back although half the order stays; finance lets the customer keep it."""
    await play.sell(Sold(_PULLOVER, "60.00", 2), charges={"RM24": "4.95"})
    await play.ask_for_return(Wanted(_PULLOVER, "60.00"), shipping_refund="4.95")
    await play.until_authorised()
    await play.inspect((_PULLOVER, 1, "SELLABLE"))
    parked = await play.until_parked(ExceptionCode.REFUND_MISMATCH)
    if "shipping 4.95 included" not in f"{parked.reason} {parked.payload}":
        raise Refused(f"the exception does not name the shipping as the cause: {parked.reason}")
    kind, reason = ResolutionKind.ACCEPT_PLATFORM_AMOUNT, "the customer keeps the shipping"
    await play.decide(parked, kind, Role.FINANCE, reason)


async def _refund_mismatch_by_hand(play: Play) -> None:
    """The same where a credit has no place for goodwill."""
    await _refund_mismatch(play)
    await credit_by_hand(play, "60.00", shipping="4.95")


PEOPLE = (
    Scenario(
        "unknown SKU",
        _unknown_sku,
        Expected(credited="35.00", stock={"sellable": 1}, exceptions=(ExceptionCode.SKU_NOT_IN_MASTER,)),
    ),
    Scenario(
        "refund mismatch",
        _refund_mismatch,
        Expected(credited="64.95", stock={"sellable": 1}, exceptions=(ExceptionCode.REFUND_MISMATCH,)),
        otherwise={
            GOODWILL: Otherwise(
                "no credit of {erp} can carry goodwill",
                Expected(
                    credited="64.95",
                    stock={"sellable": 1},
                    exceptions=(ExceptionCode.REFUND_MISMATCH, ExceptionCode.CREDIT_REJECTED),
                ),
                _refund_mismatch_by_hand,
            )
        },
    ),
)
