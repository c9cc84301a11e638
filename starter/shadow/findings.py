"""Reads what a rehearsal left in its store: what each return would have done, what to decide, money that differs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from adapters.assembly import ReadyConnection
from desk.view import DocumentView, ExceptionView, ReturnView, exception_view, find_views
from domain.catalogue import CATALOGUE
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.money import AmountPrecisionError, Money, parse_money
from domain.progress import Stage
from domain.returns import RefundState, ReturnRef
from starter.calls import CallsToday
from starter.shadow.plan import Plan
from starter.shadow.report import (
    ExchangeMade,
    ExpectedExceptions,
    RehearsedReturn,
    RmaLineView,
    ShadowReport,
    StockView,
)
from store import Store
from store.records import ExceptionState

_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
_INTO_STOCK = (*_STOCK, DocumentKind.REMOVAL)


@dataclass
class Remarks:
    """What the run itself has to say. `stopped`: why it ended early; inspections: those that were not taken."""

    run: list[ReturnRef] = field(default_factory=list)
    inspections: dict[ReturnRef, str] = field(default_factory=dict)
    stopped: str = ""
    not_run: int = 0


async def report_on(
    store: Store, ready: ReadyConnection, plan: Plan, remarks: Remarks, calls: tuple[CallsToday, ...]
) -> ShadowReport:
    """Read what the rehearsal left in its store. `calls`: what the day's limits have left, read after it."""
    returns = [await _rehearsed(store, ref, remarks) for ref in remarks.run]
    async with store.reading() as unit:
        opened = await unit.exceptions.list(state=ExceptionState.OPEN, connection=ready.name)
    undecided = [one for one in returns if one.exceptions]
    settled = [one for one in returns if one.stage.final and not one.exceptions]
    return ShadowReport(
        connection=ready.name,
        platform=ready.connection.platform,
        erp=ready.connection.erp,
        since=plan.since,
        until=plan.until,
        returns=tuple(returns),
        exceptions=_grouped([exception_view(record) for record in opened]),
        settled=len(settled),
        to_decide=len(undecided),
        waiting=len(returns) - len(settled) - len(undecided),
        calls=calls,
        stopped=remarks.stopped,
        not_run=remarks.not_run,
    )


async def _rehearsed(store: Store, ref: ReturnRef, remarks: Remarks) -> RehearsedReturn:
    views = [view for view in await find_views(store, ref.return_id) if view.return_id == ref.return_id]
    if not views:
        return await _unread(store, ref)
    return _of(views[0], remarks.inspections.get(ref, ""))


async def _unread(store: Store, ref: ReturnRef) -> RehearsedReturn:
    """A return that the platform did not give, or not in a form that can be used."""
    async with store.reading() as unit:
        opened = await unit.exceptions.list(
            state=ExceptionState.OPEN, connection=ref.connection, return_id=ref.return_id
        )
    return RehearsedReturn(
        return_id=ref.return_id,
        order_number="",
        stage=Stage.RECEIVED,
        waits_for="an answer of the platform that can be used",
        rma_number="",
        standalone=False,
        rma=(),
        stock=(),
        credits=(),
        exchanges=(),
        refunded=None,
        credited=None,
        difference=None,
        exceptions=tuple(exception_view(record) for record in opened),
    )


def _of(view: ReturnView, note: str) -> RehearsedReturn:
    made = [document for document in view.documents if document.state.in_erp]
    notes = [
        Money(amount=document.total, currency=document.currency)
        for document in made
        if document.kind is DocumentKind.CREDIT and document.total is not None
    ]
    refunded, credited = _refunded(view), _sum(notes)
    return RehearsedReturn(
        return_id=view.return_id,
        order_number=view.order_number,
        stage=view.stage,
        waits_for=view.waits_for,
        rma_number=view.rma_number,
        standalone=view.standalone,
        rma=_rma(made),
        stock=_stock(made),
        credits=tuple(notes),
        exchanges=tuple(ExchangeMade(sku=one.sku, units=one.quantity, state=one.state) for one in view.exchanges),
        refunded=refunded,
        credited=credited,
        difference=_difference(refunded, credited),
        exceptions=tuple(one for one in view.exceptions if one.state is ExceptionState.OPEN),
        note=note,
    )


def _rma(made: Iterable[DocumentView]) -> tuple[RmaLineView, ...]:
    rma = next((document for document in made if document.kind is DocumentKind.RMA), None)
    return tuple(RmaLineView(sku=line.sku, units=line.quantity) for line in rma.lines) if rma else ()


def _stock(made: Iterable[DocumentView]) -> tuple[StockView, ...]:
    units: dict[tuple[str, str], int] = {}
    for document in made:
        if document.kind in _INTO_STOCK:
            sign = 1 if document.kind in _STOCK else -1
            for line in document.lines:
                place = (line.sku, document.depot)
                units[place] = units.get(place, 0) + sign * line.quantity
    return tuple(StockView(sku=sku, depot=depot, units=count) for (sku, depot), count in sorted(units.items()) if count)


def _refunded(view: ReturnView) -> Money | None:
    """What the platform paid; None when it paid nothing, or something that no currency can hold."""
    paid = [refund for refund in view.refunds if refund.state is RefundState.PAID]
    try:
        return _sum([parse_money(refund.amount_text, refund.currency) for refund in paid])
    except AmountPrecisionError:
        return None


def _sum(amounts: Sequence[Money]) -> Money | None:
    """All together; None for nothing, and for several currencies, whose exceptions say more."""
    sums = _sums(amounts)
    return sums[0] if len(sums) == 1 else None


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    sums: dict[str, int] = {}
    for one in amounts:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(sums.items()))


def _difference(refunded: Money | None, credited: Money | None) -> Money | None:
    if refunded is None or credited is None:
        return refunded or (-credited if credited else None)
    return refunded - credited if refunded.currency == credited.currency else None


def _grouped(opened: Sequence[ExceptionView]) -> tuple[ExpectedExceptions, ...]:
    """By code, the most frequent first."""
    codes = {one.code: [other for other in opened if other.code == one.code] for one in opened}
    groups = [
        ExpectedExceptions(
            code=code,
            title=found[0].title,
            owner=found[0].owner,
            count=len(found),
            amounts=_sums(one.amount for one in found if one.amount is not None),
            example=found[0].reason,
            fix=CATALOGUE[ExceptionCode(code)].steps,
            returns=tuple(one.return_id for one in found if one.return_id),
        )
        for code, found in codes.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.code)))
