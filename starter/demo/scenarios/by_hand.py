"""What finance does where the ERP takes no credit document of ours."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.resolution import Role
from starter.demo.play import Play


async def credit_by_hand(play: Play, price: str, shipping: str = "") -> None:
    """The ERP refuses our credit; finance makes it at the ERP's own screens, and the retry finds it."""
    parked = await play.until_parked(ExceptionCode.CREDIT_REJECTED)
    await play.erp.credit_by_hand(play.target.rma, play.order, price, shipping)
    await play.decide(parked, ResolutionKind.RETRY, Role.FINANCE)


async def book_elsewhere(play: Play) -> None:
    """The ERP takes no such credit at all: finance books it outside, and ends the matter."""
    parked = await play.until_parked(ExceptionCode.CREDIT_REJECTED)
    await play.decide(parked, ResolutionKind.CANCEL_TRACK, Role.FINANCE, "booked in the ledger by hand")


async def apply_by_hand(play: Play) -> None:
    """The credit document is there, and no invoice takes it: finance pays it out in the ERP."""
    parked = await play.until_parked(ExceptionCode.NOTHING_TO_APPLY)
    note = str(parked.payload["credit_note"])
    await play.decide(parked, ResolutionKind.DONE_BY_HAND, Role.FINANCE, document=note)
