"""Finance: reconciliation runs, each with its sums, and the way to start one (R78, R85)."""

from collections.abc import Iterable

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.choosing import asked_connection, connection_names
from console.forms import Form, form_of
from console.pages import go, page
from console.paging import address_of, cursor_number, cursor_text
from console.parts import parts_of
from console.session import visitor_of
from console.trouble import not_found
from desk.reconciliation import BAND_WORDS, ageing, list_runs, run_summary
from desk.reconciling import reconcile_now
from domain.accounts import AccountRole
from domain.limits import Limits
from domain.messages import ReconcileOrder
from domain.reconciliation.classes import DifferenceClass
from store.reconciliation_records import DifferenceSum

router = APIRouter()

PAGE_SIZE = 30
_PATH = "/finance/reconciliation"
#: So long the page waits for a run; a longer one goes on by itself.
_WAIT_SECONDS = 5.0
_MOST_DAYS = 400
_STARTERS = frozenset({AccountRole.FINANCE, AccountRole.ADMIN})


@router.get("/finance")
async def finance(_: Request) -> RedirectResponse:
    """The first page of finance."""
    return RedirectResponse("/finance/reconciliation", 303)


@router.get("/finance/reconciliation")
async def reconciliation(request: Request) -> Response:
    """Open differences by class and age, the running balance of rounding, and the runs."""
    return await _show(request)


@router.post("/finance/reconciliation")
async def start(request: Request) -> Response:
    """Compare now. Started twice it is one run."""
    parts, form = parts_of(request), form_of(request)
    name = form.one_of("connection", "Connection", connection_names(request))
    days = form.number("days", "Days", low=1, high=_MOST_DAYS)
    if form.problems:
        return await _show(request, form=form, status=422)
    client = await parts.link.client()
    order = ReconcileOrder(connection=name, days=days)
    outcome = await reconcile_now(client, order, parts.clock().date(), wait=min(_WAIT_SECONDS, parts.wait))
    said = f"The reconciliation of {name} runs; look here again in a moment."
    if outcome is not None:
        said = f"The last {days} days of {name} are compared."
    return await go(request, "/finance/reconciliation", said, kind="good" if outcome else "note")


@router.get("/finance/reconciliation/{name:path}")
async def one_run(request: Request, name: str) -> Response:
    """One run: what both systems listed, and the classes that this is made of."""
    summary = await run_summary(parts_of(request).store, name)
    if summary is None:
        raise not_found("reconciliation")
    return page(request, "finance/run.html", summary=summary, kinds=_by_class(summary.open))


async def _show(request: Request, *, form: Form | None = None, status: int = 200) -> Response:
    parts, connection = parts_of(request), asked_connection(request)
    cursor, kept = request.query_params.get("after", ""), {"connection": connection}
    before = cursor_number(cursor) or None
    runs = await list_runs(parts.store, connection or None, before, PAGE_SIZE + 1)
    sums = await ageing(parts.store, connection or None, parts.clock())
    async with parts.store.reading() as unit:
        rounding = await unit.periods.rounding(connection or None)
    return page(
        request,
        "finance/reconciliation.html",
        status=status,
        form=form or Form(),
        runs=runs[:PAGE_SIZE],
        next=address_of(_PATH, kept, after=cursor_text(str(runs[PAGE_SIZE - 1].id))) if len(runs) > PAGE_SIZE else "",
        first=address_of(_PATH, kept) if cursor else "",
        ages=_by_class(sums),
        bands=BAND_WORDS,
        rounding=rounding,
        connection=connection,
        connections=connection_names(request),
        usual_days=Limits().reconcile_days,
        may_start=bool(visitor_of(request).roles & _STARTERS),
    )


def _by_class(sums: Iterable[DifferenceSum]) -> list[tuple[DifferenceClass, str, dict[int, DifferenceSum]]]:
    """Sums by class and currency, each with its bands of age; the serious classes first."""
    rows: dict[tuple[DifferenceClass, str], dict[int, DifferenceSum]] = {}
    for one in sums:
        rows.setdefault((one.kind, one.currency), {})[one.band] = one
    order = sorted(rows, key=lambda key: (not key[0].serious, list(DifferenceClass).index(key[0]), key[1]))
    return [(kind, currency, rows[kind, currency]) for kind, currency in order]
