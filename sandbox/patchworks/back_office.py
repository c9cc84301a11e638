"""People at the ERP's own screens. Over HTTP under `/_sandbox`; 404 for an unknown document, 409 when the ERP would
refuse it, 422 for bad arguments:

`POST orders/{number}/despatch`, `POST orders/{number}/edit` (an OrderEdit), `POST orders/{number}/due` (a Due),
`POST returns/{number}/cancel`, `POST credits` (a HandCredit) answers `{"credit_number"}`,
`POST credits/{number}/void`.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.kit.money import ZERO, vat_of
from sandbox.kit.sold import Seed
from sandbox.patchworks import credit_memos, order_changes, returns
from sandbox.patchworks.model import Charge, CreditMemo, MemoLine, Order, RaLine, ReturnAuthorization
from sandbox.patchworks.order_changes import OrderEdit
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.state import Desk

T = TypeVar("T")


class HandLine(Seed):
    """Units of one line of the authorization; `price` is per unit, in the order's tax mode."""

    return_line: int = 1
    quantity: int = Field(default=1, ge=1)
    price: Decimal


class HandCredit(Seed):
    """A credit memo by hand, made from an authorization. `key` is another system's external id."""

    return_number: str
    lines: tuple[HandLine, ...] = ()
    charges: dict[str, Decimal] = Field(default_factory=dict)
    order: str | None = None
    key: str = ""


class Due(Seed):
    """What the invoice of an order still owes; left out: all of it."""

    amount: Decimal | None = Field(default=None, ge=0)


class BackOffice:
    """What people do at one ERP. Methods raise Refused and change nothing then."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def despatch(self, order_number: str) -> Order:
        """The goods of an order leave; it is Billed and has an invoice."""
        with self._desk.world.lock:
            return order_changes.despatch(self._desk, order_number)

    def edit_order(self, order_number: str, edit: OrderEdit) -> Order:
        """Change what an order says, whatever its state."""
        with self._desk.world.lock:
            return order_changes.edit_order(self._desk, order_number, edit)

    def set_amount_due(self, order_number: str, amount: Decimal | None) -> Order:
        """Pay the invoices of an order (0: nothing is due), or open them again (None: all of it)."""
        with self._desk.world.lock:
            return order_changes.set_amount_due(self._desk, order_number, amount)

    def cancel_return(self, return_number: str) -> ReturnAuthorization:
        """Close all lines of an authorization on which nothing has happened yet."""
        with self._desk.world.lock:
            returns.cancel_return(self._desk, return_number, by_hand=True)
            return self._desk.world.returns[return_number]

    def post_credit(self, credit: HandCredit) -> str:
        """The number of a new credit memo dated today. Its effects and limits are those of any other."""
        with self._desk.world.lock:
            found = self._desk.world.ra(credit.return_number)
            order = self._desk.world.order(credit.order or found.order)
            return credit_memos.post(self._desk, self._memo(credit, found, order), order, by_hand=True)

    def void_credit(self, number: str) -> str:
        """Void a credit memo; its number."""
        with self._desk.world.lock:
            credit_memos.void_credit_note(self._desk, number)
        return number

    def _memo(self, credit: HandCredit, found: ReturnAuthorization, order: Order) -> CreditMemo:
        lines = tuple(_line(line, found, order) for line in credit.lines)
        charges = tuple(Charge(code, amount) for code, amount in credit.charges.items())
        return CreditMemo(
            number="",
            key=credit.key,
            ra=found.number,
            order=order.number,
            currency=order.currency,
            day=self._desk.today,
            lines=lines,
            charges=charges,
            total=credit_memos.total_of(lines, charges, order.tax_included),
        )


def back_office_router(office: BackOffice) -> APIRouter:
    """The routes named above."""
    router = APIRouter(prefix="/_sandbox")

    @router.post("/orders/{number}/despatch")
    def despatch(number: str) -> dict[str, str]:
        return _order(_plainly(lambda: office.despatch(number)))

    @router.post("/orders/{number}/edit")
    def edit(number: str, body: OrderEdit) -> dict[str, str]:
        return _order(_plainly(lambda: office.edit_order(number, body)))

    @router.post("/orders/{number}/due")
    def set_due(number: str, body: Due) -> dict[str, str]:
        return _order(_plainly(lambda: office.set_amount_due(number, body.amount)))

    @router.post("/returns/{number}/cancel")
    def cancel(number: str) -> dict[str, str]:
        found = _plainly(lambda: office.cancel_return(number))
        return {"return_number": found.number, "status": found.status}

    @router.post("/credits", status_code=201)
    def post_credit(body: HandCredit) -> dict[str, str]:
        return {"credit_number": _plainly(lambda: office.post_credit(body))}

    @router.post("/credits/{number}/void")
    def void_credit(number: str) -> dict[str, str]:
        return {"credit_number": _plainly(lambda: office.void_credit(number))}

    return router


def _line(line: HandLine, found: ReturnAuthorization, order: Order) -> MemoLine:
    if (authorised := found.line(line.return_line)) is None:
        raise Refused("VALIDATION", f"{found.number} has no line {line.return_line}")
    amount = line.quantity * line.price
    tax = vat_of(amount, _rate(authorised, order), order.tax_included, order.currency)
    return MemoLine(authorised.line, authorised.sku, line.quantity, amount, tax)


def _rate(authorised: RaLine, order: Order) -> Decimal:
    sold = [line.tax_rate for line in order.lines if line.units(authorised.sku)]
    return (sold or [line.tax_rate for line in order.lines] or [ZERO])[0]


def _order(order: Order) -> dict[str, str]:
    return {"order": order.number, "status": order.status}


def _plainly(work: Callable[[], T]) -> T:
    """Run it, and word the ERP's refusal for the caller over HTTP."""
    try:
        return work()
    except Refused as refused:
        status = 404 if refused.code in ("ORDER_NOT_FOUND", "DOCUMENT_NOT_FOUND") else 409
        raise HTTPException(status, refused.message) from refused
