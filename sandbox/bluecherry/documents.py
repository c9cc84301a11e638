"""One document of a batch: taken, known already, or refused. Nothing in between."""

from collections.abc import Callable

from sandbox.bluecherry import credit_memos, orders, returns, stock
from sandbox.bluecherry.layout import Document
from sandbox.bluecherry.model import Claim
from sandbox.bluecherry.refusal import Refused
from sandbox.bluecherry.state import Desk, World
from sandbox.bluecherry.switches import Switches

HANDLERS: dict[str, Callable[[Desk, Document], Claim]] = {
    "RAH": returns.open_ra,
    "RAX": returns.cancel_by_file,
    "RCV": returns.receive,
    "ADJ": stock.adjust,
    "SOH": orders.take_order,
    "SOX": orders.cancel_order,
    "CMH": credit_memos.credit_by_file,
    "CMV": credit_memos.void_by_file,
}

MEANING = {"E211": "DOCUMENT LOCKED", "E299": "INTERNAL ERROR"}


def process(desk: Desk, document: Document, switches: Switches) -> list[str]:
    """The fields of its acknowledgement: record type, EXTREF, status, number, state or error code, text.

    An EXTREF that was accepted is the same document for ever. One that was refused may come again.
    """
    kind, ext_ref = document.type, document.ext_ref
    if known := desk.world.claims.get((kind, ext_ref)):
        return [kind, ext_ref, "D", known.number, _state(desk.world, kind, known), "DUPLICATE EXTREF"]
    try:
        if code := switches.draw("refuse", ext_ref):
            raise Refused(code, MEANING.get(code, "REFUSED"))
        claim = HANDLERS[kind](desk, document)
    except Refused as refused:
        return [kind, ext_ref, "R", "", refused.code, refused.text.replace("|", " ")]
    desk.world.claims[kind, ext_ref] = claim
    return [kind, ext_ref, "A", claim.number, _state(desk.world, kind, claim), ""]


def _state(world: World, kind: str, claim: Claim) -> str:
    """State of the RA, memo or order that the document is about; adjustments are posted."""
    match kind:
        case "RAH" | "RAX" | "RCV":
            return world.returns[claim.about].status
        case "SOH" | "SOX":
            return world.orders[claim.about].status
        case "CMH" | "CMV":
            return world.memos[claim.about].status
        case _:
            return "POSTED"
