"""Goods as they really arrive. What is there is booked somewhere, and nothing unknown can be sold."""

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.progress import Stage
from domain.resolution import Role
from starter.demo.abilities import CREDIT_FIRST
from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, Otherwise, Scenario
from starter.demo.scenarios.by_hand import book_elsewhere

_COAT, _SHIRT, _PULLOVER, _BAG, _HAT = "P1001-BLK-080", "P2001-WHT-M", "P2002-BLU-L", "P3001-NAT", "P4002-RED-OS"


async def _ask_for_coat(play: Play) -> None:
    await play.sell(Sold(_COAT, "189.00"))
    await play.ask_for_return(Wanted(_COAT, "189.00"))
    await play.until_authorised()


async def _too_many(play: Play) -> None:
    """Two coats where one was authorised: the second lies in quarantine and is not credited."""
    await _ask_for_coat(play)
    await play.inspect((_COAT, 2, "SELLABLE"), confirmed=True)
    parked = await play.until_parked(ExceptionCode.OVER_RECEIPT)
    await play.decide(parked, ResolutionKind.WRITE_OFF, Role.WAREHOUSE, "nobody misses it")


async def _wrong_item(play: Play) -> None:
    """A hat beside the coat: first to quarantine, then to where it waits for its way back."""
    await _ask_for_coat(play)
    await play.inspect((_COAT, 1, "SELLABLE"), (_HAT, 1, "SELLABLE"), confirmed=True)
    parked = await play.until_parked(ExceptionCode.UNEXPECTED_SKU)
    await play.decide(parked, ResolutionKind.RETURN_TO_CUSTOMER, Role.WAREHOUSE)


async def _regraded(play: Play) -> None:
    """Credited and closed; then a second look moves the coat to where it can be sold, and never money."""
    await _ask_for_coat(play)
    await play.inspect((_COAT, 1, "QUARANTINE"))
    await play.until_stage(Stage.CLOSED)
    await play.regrade(_COAT, 1, "QUARANTINE", "SELLABLE")


async def _nobodys_parcel(play: Play) -> None:
    """A box without papers, before anybody asked for a return; somebody finds out whose it is."""
    await play.sell(Sold(_SHIRT, "19.99"))
    parcel = await play.inspect_unknown((_SHIRT, 1, "SELLABLE"))
    parked = await play.until_parked(ExceptionCode.UNMATCHED_RECEIPT, parcel)
    return_id = await play.ask_for_return(Wanted(_SHIRT, "19.99"))
    await play.until_authorised()
    await play.decide(parked, ResolutionKind.EDIT_AND_RETRY, Role.WAREHOUSE, edits={"return": return_id})
    await play.until_posted(DocumentKind.REMOVAL, parcel)


async def _damaged(play: Play) -> None:
    """Damaged, but not by the supplier: finance gives half, and the platform hears of it only then."""
    await play.sell(Sold(_PULLOVER, "60.00"))
    await play.ask_for_return(Wanted(_PULLOVER, "60.00"), planned_refund="30.00")
    await play.until_authorised()
    await play.inspect((_PULLOVER, 1, "DAMAGED"))
    parked = await play.until_parked(ExceptionCode.DAMAGED_DECISION)
    await play.decide(parked, ResolutionKind.EDIT_AND_RETRY, Role.FINANCE, edits={"share": "50"})


async def _kept(play: Play) -> None:
    """The customer keeps the shirt and gets its money; only the bag must come."""
    await play.sell(Sold(_SHIRT, "19.99"), Sold(_BAG, "40.00"))
    await play.ask_for_return(Wanted(_SHIRT, "19.99", keep=True), Wanted(_BAG, "40.00", line=2))
    await play.until_authorised()
    await play.inspect((_BAG, 1, "SELLABLE"))


async def _lost(play: Play) -> None:
    """The carrier lost it: with finance's consent it is credited without stock."""
    await _ask_for_coat(play)
    await play.lose_parcel("claim 4711")
    parked = await play.until_parked(ExceptionCode.LOST_PARCEL)
    await play.decide(parked, ResolutionKind.ACCEPT_ORDER_AMOUNT, Role.FINANCE)


async def _lost_uncredited(play: Play) -> None:
    """The same where nothing is credited that was not received: finance books the loss elsewhere."""
    await _lost(play)
    await book_elsewhere(play)


async def _kept_uncredited(play: Play) -> None:
    """The same: what is kept is never received, and the refund is one for both."""
    await _kept(play)
    await book_elsewhere(play)


async def _after_cancellation(play: Play) -> None:
    """Called off, and sent all the same: not for sale, not credited, and back it goes."""
    await _ask_for_coat(play)
    await play.platform.act(play.known.return_id, "cancel")
    await play.until_over(Stage.CANCELLED)
    await play.inspect((_COAT, 1, "SELLABLE"))
    parked = await play.until_parked(ExceptionCode.INSPECTION_AFTER_CANCEL)
    await play.decide(parked, ResolutionKind.RETURN_TO_CUSTOMER, Role.WAREHOUSE)
    await play.until_posted(DocumentKind.TRANSFER)


_LATER = "{erp} credits nothing that was not received"
_BOOKED = "the ERP takes no credit, and finance booked it elsewhere"

ARRIVALS = (
    Scenario(
        "more than announced",
        _too_many,
        Expected(credited="189.00", stock={"sellable": 1, "quarantine": 1}, exceptions=(ExceptionCode.OVER_RECEIPT,)),
    ),
    Scenario(
        "wrong item too",
        _wrong_item,
        Expected(credited="189.00", stock={"sellable": 1, "hold": 1}, exceptions=(ExceptionCode.UNEXPECTED_SKU,)),
    ),
    Scenario("regraded after the close", _regraded, Expected(credited="189.00", stock={"sellable": 1})),
    Scenario(
        "parcel without a return",
        _nobodys_parcel,
        Expected(credited="19.99", stock={"sellable": 1}, exceptions=(ExceptionCode.UNMATCHED_RECEIPT,)),
    ),
    Scenario(
        "damaged by nobody knows",
        _damaged,
        Expected(credited="30.00", stock={"damaged": 1}, exceptions=(ExceptionCode.DAMAGED_DECISION,)),
    ),
    Scenario(
        "kept item",
        _kept,
        Expected(credited="59.99", stock={"sellable": 1}),
        otherwise={
            CREDIT_FIRST: Otherwise(
                _LATER,
                Expected(stock={"sellable": 1}, exceptions=(ExceptionCode.CREDIT_REJECTED,), explained=_BOOKED),
                _kept_uncredited,
            )
        },
    ),
    Scenario(
        "lost by the carrier",
        _lost,
        Expected(
            credited="189.00",
            exceptions=(ExceptionCode.LOST_PARCEL,),
            explained="the carrier lost the parcel, and finance credited it",
        ),
        otherwise={
            CREDIT_FIRST: Otherwise(
                _LATER,
                Expected(exceptions=(ExceptionCode.LOST_PARCEL, ExceptionCode.CREDIT_REJECTED), explained=_BOOKED),
                _lost_uncredited,
            )
        },
    ),
    Scenario(
        "goods after cancellation",
        _after_cancellation,
        Expected(status=Stage.CANCELLED, stock={"hold": 1}, exceptions=(ExceptionCode.INSPECTION_AFTER_CANCEL,)),
    ),
)
