"""People at the ERP's own screens: they despatch and change orders, cancel returns, post credit notes.

Over HTTP under `/_sandbox`; 404 for an unknown document, 409 when Prima would refuse it, 422 for bad arguments:

`POST orders/{number}/despatch`, `POST orders/{number}/edit` (an OrderEdit), `POST returns/{number}/cancel`,
`POST credits` (a HandCredit) answers `{"credit_number"}`.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar
from xml.etree.ElementTree import Element, SubElement

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.kit.sold import Seed
from sandbox.prima import order_changes, returns
from sandbox.prima.credit_notes import credit_by_hand
from sandbox.prima.model import Order, Return, ReturnLine
from sandbox.prima.order_changes import OrderEdit
from sandbox.prima.refusal import Refused
from sandbox.prima.state import Desk

T = TypeVar("T")


class HandLine(Seed):
    """Units of one return line; `price` is per unit, in the order's tax mode."""

    return_line: int = 1
    quantity: int = Field(default=1, ge=1)
    price: Decimal


class HandCredit(Seed):
    """A credit note by hand on a return. `order` is needed on a standalone return; `tpguid` is another system's."""

    return_number: str
    lines: tuple[HandLine, ...] = ()
    charges: dict[str, Decimal] = Field(default_factory=dict)
    order: str | None = None
    tpguid: str = ""


class BackOffice:
    """What people do at one Prima. Methods raise Refused, as Prima words it, and change nothing then."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def despatch(self, order_number: str) -> Order:
        """The goods of an order leave the depots; it is Despatched and has an invoice."""
        with self._desk.world.lock:
            return order_changes.despatch(self._desk, order_number)

    def edit_order(self, order_number: str, edit: OrderEdit) -> Order:
        """Change what an order says, whatever its state."""
        with self._desk.world.lock:
            return order_changes.edit_order(self._desk, order_number, edit)

    def cancel_return(self, return_number: str) -> Return:
        """Cancel a return on which nothing has happened yet."""
        with self._desk.world.lock:
            return returns.cancel(self._desk, return_number, by_hand=True)

    def post_credit(self, credit: HandCredit) -> str:
        """The number of a new credit note dated today. Its effects and limits are those of any other."""
        with self._desk.world.lock:
            found = returns.return_by_number(self._desk.world, credit.return_number)
            order = self._desk.world.order(credit.order or found.order)
            answer = credit_by_hand(self._desk, _note(credit, found, order, self._desk.today().isoformat()))
        return answer.get("CreditNumber", "")


def back_office_router(office: BackOffice) -> APIRouter:
    """The routes named above."""
    router = APIRouter(prefix="/_sandbox")

    @router.post("/orders/{number}/despatch")
    def despatch(number: str) -> dict[str, str]:
        return _order(_plainly(lambda: office.despatch(number)))

    @router.post("/orders/{number}/edit")
    def edit(number: str, body: OrderEdit) -> dict[str, str]:
        return _order(_plainly(lambda: office.edit_order(number, body)))

    @router.post("/returns/{number}/cancel")
    def cancel(number: str) -> dict[str, str]:
        found = _plainly(lambda: office.cancel_return(number))
        return {"return_number": found.number, "status": found.status}

    @router.post("/credits", status_code=201)
    def post_credit(body: HandCredit) -> dict[str, str]:
        return {"credit_number": _plainly(lambda: office.post_credit(body))}

    return router


def _note(credit: HandCredit, found: Return, order: Order, today: str) -> Element:
    """The `Data` that NewCreditNote would get."""
    head = {"TPGUID": credit.tpguid, "ReturnNumber": found.number, "OrderNumber": order.number}
    data = Element("Data", head | {"InvoiceNumber": order.invoice, "Currency": order.currency, "CreditDate": today})
    for number, line in enumerate(credit.lines, 1):
        SubElement(data, "CreditLineData", {"CreditLine": str(number), **_line(line, found, order)})
    for code, value in credit.charges.items():
        SubElement(data, "CreditChargeData", {"Charge": code, "ChargeValue": str(value)})
    return data


def _line(line: HandLine, found: Return, order: Order) -> dict[str, str]:
    authorised = found.line(line.return_line)
    number = authorised.order_line if authorised else 0
    return {
        "ReturnLine": str(line.return_line),
        "OrderLine": str(number),
        "Quantity": str(line.quantity),
        "Price": str(line.price),
        "VatRate": str(_rate(authorised, order)),
    }


def _rate(authorised: ReturnLine | None, order: Order) -> Decimal:
    sold = [line.vat_rate for line in order.lines if authorised and line.sku == authorised.sku]
    return sold[0] if sold else order.lines[0].vat_rate


def _order(order: Order) -> dict[str, str]:
    return {"order": order.number, "status": order.status}


def _plainly(work: Callable[[], T]) -> T:
    """Run it, and word Prima's refusal for the caller over HTTP."""
    try:
        return work()
    except Refused as refused:
        raise HTTPException(404 if refused.code == "NOTFOUND" else 409, refused.text) from refused
