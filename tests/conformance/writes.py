"""Every write of an ERP's port: what must be there before it, what is asked, and what it must leave, exactly once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from domain.batches import AnyRequest
from domain.documents import CreditCharge, DocumentKind, Posting
from domain.ports import Erp, ErpCapabilities
from tests.conformance.case import LONG_COAT, Case
from tests.conformance.effects import Effect

K = DocumentKind


@dataclass(frozen=True)
class Write:
    """One write. `name` is the port's method, `leaves` writes its effect into what is expected.

    needs: writes that come before it; an ERP that credits nothing before it was received gets a receipt as well
    undoes: it takes back the effect of another write, under that one's key
    """

    name: str
    kind: DocumentKind
    ask: Callable[[Case], AnyRequest]
    leaves: Callable[[Effect, Case], None]
    needs: tuple[str, ...] = ()
    label: str = ""
    undoes: bool = False
    able: Callable[[ErpCapabilities], bool] = field(default=lambda _: True)

    def call(self, erp: Erp, request: AnyRequest) -> Awaitable[Posting]:
        """Ask the port."""
        method: Callable[[Any], Awaitable[Posting]] = getattr(erp, self.name)
        return method(request)

    def __str__(self) -> str:
        return self.label or self.name


def _opened(effect: Effect, case: Case) -> None:
    effect.live_rmas += 1


def _closed(effect: Effect, case: Case) -> None:
    effect.live_rmas -= 1
    effect.cancelled_rmas += 1


def _received(effect: Effect, case: Case) -> None:
    effect.move(case.stage.depots["01"], case.lines[0].sku, 1)


def _booked_in(effect: Effect, case: Case) -> None:
    effect.move(case.stage.depots["DM"], case.lines[0].sku, 1)


def _booked_out(effect: Effect, case: Case) -> None:
    effect.move(case.stage.depots["01"], case.lines[0].sku, -1)


def _moved(effect: Effect, case: Case) -> None:
    _booked_out(effect, case)
    _booked_in(effect, case)


def _ordered(effect: Effect, case: Case) -> None:
    effect.replacements.append(({LONG_COAT: 1}, False))


def _called_off(effect: Effect, case: Case) -> None:
    units, _ = effect.replacements.pop()
    effect.replacements.append((units, True))


def _credited(effect: Effect, case: Case) -> None:
    effect.credit(case.credit().total, case.order.currency)


def _taken_back(effect: Effect, case: Case) -> None:
    total, _ = effect.credits.pop()
    effect.credits.append((total, True))


def _adjusts(able: ErpCapabilities) -> bool:
    return able.stock_adjustments


def _exchanges(able: ErpCapabilities) -> bool:
    return able.exchange_orders


OPEN = Write("open_rma", K.RMA, Case.rma, _opened)
OPEN_TWO = Write("open_rma", K.RMA, lambda case: case.rma({1: 2}), _opened, label="open_rma of two")
RECEIVE = Write("receive_goods", K.RECEIPT, Case.receipt, _received, ("open_rma",))
CREDIT = Write("post_credit", K.CREDIT, Case.credit, _credited, ("open_rma",))

WRITES = (
    OPEN,
    Write("cancel_rma", K.RMA_CANCELLATION, Case.cancel_rma, _closed, ("open_rma",), undoes=True),
    RECEIVE,
    Write("adjust_stock", K.ADJUSTMENT, Case.adjustment, _booked_in, able=_adjusts),
    Write(
        "adjust_stock",
        K.REMOVAL,
        lambda case: case.adjustment(remove=True),
        _booked_out,
        label="adjust_stock, out",
        able=_adjusts,
    ),
    Write("transfer_stock", K.TRANSFER, Case.transfer, _moved),
    Write("order_replacement", K.EXCHANGE, Case.replacement, _ordered, ("open_rma",), able=_exchanges),
    Write(
        "cancel_replacement",
        K.EXCHANGE_CANCELLATION,
        Case.cancel_replacement,
        _called_off,
        ("open_rma", "order_replacement"),
        undoes=True,
        able=_exchanges,
    ),
    CREDIT,
    Write("post_credit", K.CREDIT, Case.credit, _credited, ("open_rma of two",), label="post_credit of a part"),
    Write(
        "cancel_credit",
        K.CREDIT_CANCELLATION,
        Case.cancel_credit,
        _taken_back,
        ("open_rma", "post_credit"),
        undoes=True,
    ),
)


def opening(units: dict[int, int]) -> Write:
    """An RMA over these units: position of the line → units."""
    return replace(OPEN, ask=lambda case: case.rma(units))


def receiving(units: dict[int, int]) -> Write:
    """A receipt of these units."""
    return replace(RECEIVE, ask=lambda case: case.receipt(units))


def crediting(
    units: dict[int, int] | None = None, charges: tuple[CreditCharge, ...] = (), number: int = 1, credited: int = 0
) -> Write:
    """As `Case.credit`."""
    return replace(CREDIT, ask=lambda case: case.credit(units, charges, number, credited))


BY_LABEL = {str(write): write for write in (*WRITES, OPEN_TWO)}


def before(write: Write, able: ErpCapabilities) -> list[Write]:
    """The writes that must have been done, in order."""
    needs = [BY_LABEL[name] for name in write.needs]
    if able.credit_needs_receipt and K.CREDIT in {write.kind, *(need.kind for need in needs)}:
        needs.insert(1, RECEIVE)
    return needs


def expected(write: Write, case: Case, able: ErpCapabilities) -> Effect:
    """What there must be after it, once."""
    effect = Effect()
    for one in (*before(write, able), write):
        one.leaves(effect, case)
    return effect
