"""The HTTP face: paths, the gate, the fault plan around every call, and refusals in the vendor's words."""

from collections.abc import Callable
from math import ceil

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kit.app import under_faults
from sandbox.kit.faults import Fault, FaultPlan
from sandbox.reveni.api import Answer, Api
from sandbox.reveni.call import Call, Gate
from sandbox.reveni.errors import Refused

BASE = "/merchants/v0/stores/{store_id}"

Handler = Callable[[Call], Answer]


def build_app(api: Api, gate: Gate, faults: FaultPlan) -> FastAPI:
    """The API of one store. The names on the left are what a fault's `match` sees."""
    table: list[tuple[str, str, str, Handler]] = [
        ("webhooks", "GET", "/webhooks", api.list_webhooks),
        ("webhooks", "POST", "/webhooks", api.create_webhook),
        ("webhooks", "DELETE", "/webhooks/{webhook_id}", api.delete_webhook),
        ("GET returns", "GET", "/returns", api.list_returns),
        ("GET return", "GET", "/returns/{return_id}", api.get_return),
        ("PATCH return", "PATCH", "/returns/{return_id}", api.patch_return),
        ("partial_validate", "POST", "/returns/{return_id}/partial_validate", api.partial_validate),
        ("notes", "POST", "/returns/{return_id}/notes", api.add_note),
        ("GET refunds", "GET", "/refunds", api.list_refunds),
        ("GET orders", "GET", "/orders", api.list_orders),
        ("GET order", "GET", "/orders/{order_id}", api.get_order),
    ]
    routes = [
        Route(BASE + path, _endpoint(name, handler, gate, faults), methods=[method])
        for name, method, path, handler in table
    ]
    return FastAPI(
        title="Reveni (emulated)",
        routes=list(routes),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers={HTTPException: _framework_refusal},
    )


def _endpoint(name: str, handler: Handler, gate: Gate, faults: FaultPlan) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        text = f"{request.method} {request.url.path}?{request.url.query} {raw.decode(errors='replace')}"

        async def work(lag: float) -> Response:
            try:
                gate.check(request)
                status, body = handler(Call(request, raw, lag))
            except Refused as refused:
                return JSONResponse(refused.body, refused.status, refused.headers)
            return Response(status_code=status) if body is None else JSONResponse(body, status)

        return await under_faults(faults, name, text, work, _refusal)

    return endpoint


def _refusal(fault: Fault) -> Response:
    if fault.kind == "throttle":
        headers = {"Retry-After": str(ceil(fault.seconds))}
        return JSONResponse({"detail": "Request was throttled."}, 429, headers)
    return JSONResponse({"detail": "Service temporarily unavailable, try again later."}, fault.status)


async def _framework_refusal(request: Request, error: Exception) -> Response:
    """Unknown paths and methods as Django REST Framework words them; control endpoints keep their own."""
    assert isinstance(error, HTTPException)
    words = {404: "Not found.", 405: f'Method "{request.method}" not allowed.'}
    return JSONResponse({"detail": words.get(error.status_code, error.detail)}, error.status_code, error.headers)
