"""Finance: payout reports of the payment gateway, for the next reconciliation (R80)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.choosing import connection_names
from console.forms import Form, form_of
from console.pages import go, page
from console.parts import parts_of
from console.session import visitor_of
from desk.payouts import BadLine, import_payouts

router = APIRouter()


@router.get("/finance/payouts")
async def payouts(request: Request) -> Response:
    """The form, and which columns a report has."""
    return _show(request, Form())


@router.post("/finance/payouts")
async def take_payouts(request: Request) -> Response:
    """Keep a report. Every line is kept or none; the same report again changes nothing."""
    parts, form = parts_of(request), form_of(request)
    connection = form.one_of("connection", "Connection", connection_names(request))
    file = form.file("report")
    if file is None:
        form.wrong("report", "Choose the file of the report.")
    if form.problems or file is None:
        return _show(request, form, status=422)
    answer = await import_payouts(
        parts.store,
        connection,
        file.filename or "report.csv",
        await file.read(),
        actor=visitor_of(request).account,
        clock=parts.clock,
    )
    if answer.problems:
        form.wrong("report", "Nothing of this report was kept; every line with a problem is listed below.")
        return _show(request, form, answer.problems, status=422)
    said = f"{answer.lines} lines are kept, {answer.fresh} of them new. The next reconciliation compares them."
    if answer.repeated:
        said = "This very report was kept before; nothing has changed."
    return await go(request, "/finance/reconciliation", said, kind="note" if answer.repeated else "good")


def _show(request: Request, form: Form, problems: tuple[BadLine, ...] = (), status: int = 200) -> Response:
    names = connection_names(request)
    return page(request, "finance/payouts.html", status=status, form=form, problems=problems, connections=names)
