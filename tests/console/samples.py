"""One address per route with something in its place, for the tests that walk all routes.

The data behind them is made by `tests.console.given.fill`. A route without parameters needs no entry.
"""

from console.app import routes
from tests.console.books import ACCOUNT, RUN
from tests.console.waiting import GROUP, MISMATCH

SAMPLES: dict[str, str] = {
    "/static/{name}": "/static/console.css",
    "/returns/{connection}/{return_id}": "/returns/shop/R1",
    "/receiving/{connection}/{return_id}": "/receiving/shop/R1",
    "/receiving/{connection}/{return_id}/regrade": "/receiving/shop/R1/regrade",
    "/exceptions/groups/{group_id}": f"/exceptions/groups/{GROUP}",
    "/exceptions/groups/{group_id}/run": f"/exceptions/groups/{GROUP}/run",
    "/exceptions/{exception_id:path}": f"/exceptions/{MISMATCH}",
    "/charts/{name}.svg": "/charts/flow.svg",
    "/finance/reconciliation/{name:path}": f"/finance/reconciliation/{RUN}",
    "/administration/accounts/{name}": f"/administration/accounts/{ACCOUNT}",
    "/runbooks/{code}": "/runbooks/REFUND_MISMATCH",
    "/guides/{path:path}": "/guides/operating-model",
}


def address(template: str) -> str:
    """An address of a route's template. KeyError: give it a sample."""
    return SAMPLES[template] if "{" in template else template


def all_routes() -> list[tuple[str, str]]:
    """Method and template of every route of the console."""
    return sorted(routes())


def pages() -> list[str]:
    """Templates of all routes that are looked at."""
    return [path for method, path in all_routes() if method == "GET"]
