"""Finance: whether a month is ready to close, what is in the way, and closing it (R84)."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.choosing import asked_month, connection_names, connection_or_first
from console.forms import Form, form_of
from console.pages import go, page
from console.parts import parts_of
from console.session import visitor_of
from desk.periods import close_period, period_statement, worth
from domain.accounts import AccountRole
from domain.resolution import Role

router = APIRouter()

_CLOSERS = frozenset({AccountRole.FINANCE, AccountRole.ADMIN})


@router.get("/finance/periods")
async def periods(request: Request) -> Response:
    """The statement of one month; of a closed one as it was closed, and what was found since. The closed months."""
    parts = parts_of(request)
    connection, month = connection_or_first(request), asked_month(request)
    statement = await period_statement(parts.store, connection, month, parts.clock())
    async with parts.store.reading() as unit:
        closed = await unit.periods.closed(connection)
    return page(
        request,
        "finance/periods.html",
        form=Form(),
        statement=statement,
        found_value=worth(statement.since_close),
        closed=closed,
        connections=connection_names(request),
        may_close=bool(visitor_of(request).roles & _CLOSERS),
    )


@router.post("/finance/periods")
async def close(request: Request) -> Response:
    """Close a month for good. Sent twice it is closed once."""
    parts, visitor, form = parts_of(request), visitor_of(request), form_of(request)
    connection = form.one_of("connection", "Connection", connection_names(request))
    month = form.text("month", "Month", needed=True, longest=7)
    sure = form.ticked("sure")
    back = f"/finance/periods?connection={connection}&month={month}" if connection and month else "/finance/periods"
    if form.problems or not sure:
        said = next(iter(form.problems.values()), "Tick the box to say that you looked at the statement.")
        return await go(request, back, said, kind="bad")
    role = Role.FINANCE if AccountRole.FINANCE in visitor.roles else Role.ADMIN
    try:
        answer = await close_period(parts.store, connection, month, actor=visitor.account, role=role, clock=parts.clock)
    except ValueError:
        return RedirectResponse("/finance/periods", 303)
    if answer.outcome == "refused":
        return await go(request, back, f"{month} stays open: {answer.text}", kind="bad")
    return await go(request, back, f"{month} of {connection} is closed.")
