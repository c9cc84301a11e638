"""Puts the console together."""

from collections.abc import Iterator

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from console import (
    account,
    accounts,
    alerts,
    audit,
    blind,
    charts,
    depots,
    differences,
    exceptions,
    exposure,
    finance,
    groups,
    overview,
    payouts,
    periods,
    plain,
    provider,
    receiving,
    regrade,
    returns,
    runbooks,
    runs,
    signin,
)
from console.access import access_to
from console.errors import add_error_pages
from console.guard import guard
from console.pages import build_templates
from console.parts import ConsoleParts
from console.report import KeptReports
from console.secure import SecureHeaders

#: The first route that fits an address gets it: fixed words stand before parameters.
ROUTERS: tuple[APIRouter, ...] = (
    plain.router,
    signin.router,
    provider.router,
    account.router,
    returns.router,
    blind.router,
    receiving.router,
    regrade.router,
    groups.router,
    runs.router,
    exceptions.router,
    finance.router,
    differences.router,
    depots.router,
    exposure.router,
    periods.router,
    payouts.router,
    overview.router,
    charts.router,
    alerts.router,
    accounts.router,
    audit.router,
    runbooks.router,
)


def create_console(parts: ConsoleParts) -> FastAPI:
    """The console as an ASGI application. The store must be migrated; what `parts` holds stays the caller's to close.

    Raises ValueError for a route that the table of access does not name.
    """
    app = FastAPI(
        title="Backhaul console",
        lifespan=runs.until_the_end,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(guard)],
    )
    app.state.parts = parts
    app.state.runs = runs.new_runs(parts)
    app.state.templates = build_templates(parts)
    app.state.metrics = plain.KeptMetrics()
    app.state.reports = KeptReports()
    for method, path in routes():
        if access_to(method, path) is None:
            raise ValueError(f"console.access says nothing of {method} {path}")
    for router in ROUTERS:
        app.include_router(router)
    add_error_pages(app)
    app.add_middleware(SecureHeaders, https=parts.secure)
    return app


def routes() -> Iterator[tuple[str, str]]:
    """Method and path of every route."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield method, route.path
