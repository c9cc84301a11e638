"""The HTTP face: paths, the gate, the fault plan around every call, and refusals in the gateway's words."""

from collections.abc import Callable
from math import ceil
from uuid import uuid4

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kit.app import under_faults
from sandbox.kit.faults import Fault, FaultPlan
from sandbox.returngo.api import Api
from sandbox.returngo.call import Call, Gate
from sandbox.returngo.errors import Refused
from sandbox.returngo.jsontext import dump

Handler = Callable[[Call], object]


def build_app(api: Api, gate: Gate, faults: FaultPlan) -> FastAPI:
    """The API of one shop. What a fault's `match` sees is `METHOD path`, such as `PUT /rma/{rmaId}/status`."""
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/rmas", api.list_rmas),
        ("GET", "/rma/{rmaId}", api.get_rma),
        ("PUT", "/rma/{rmaId}/status", api.put_status),
        ("POST", "/rma/{rmaId}/comment", api.add_comment),
        ("PUT", "/shipment/{shipmentId}", api.put_shipment),
        ("GET", "/transactions", api.list_transactions),
        ("PUT", "/transaction/{transactionId}", api.put_transaction),
        ("POST", "/webhook", api.create_webhook),
        ("GET", "/webhooks", api.list_webhooks),
        ("PUT", "/webhook/{webhookId}", api.put_webhook),
        ("DELETE", "/webhook/{webhookId}", api.delete_webhook),
    ]
    return FastAPI(
        title="ReturnGO (emulated)",
        routes=[
            Route(path, _endpoint(f"{method} {path}", handler, gate, faults), methods=[method])
            for method, path, handler in table
        ],
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers={HTTPException: _framework_refusal},
    )


def json_answer(body: object, status: int = 200) -> Response:
    """JSON with exact amounts."""
    return Response(dump(body), status, media_type="application/json")


def _endpoint(name: str, handler: Handler, gate: Gate, faults: FaultPlan) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        text = f"{request.method} {request.url.path}?{request.url.query} {raw.decode(errors='replace')}"

        async def work(lag: float) -> Response:
            try:
                gate.check(request)
                answer = json_answer(handler(Call(request, raw, lag)))
            except Refused as refused:
                answer = JSONResponse(refused.body, refused.status, refused.headers)
            answer.headers["x-amzn-requestid"] = str(uuid4())
            return answer

        return await under_faults(faults, name, text, work, _refusal)

    return endpoint


def _refusal(fault: Fault) -> Response:
    """A `throttle` of 0 seconds comes without `Retry-After`, as from the quota of the day."""
    if fault.kind == "throttle":
        headers = {"Retry-After": str(ceil(fault.seconds))} if fault.seconds else {}
        return JSONResponse({"message": "Too Many Requests"}, 429, headers)
    return JSONResponse({"message": "Service Unavailable"}, fault.status)


async def _framework_refusal(request: Request, error: Exception) -> Response:
    """Unknown paths and methods; control endpoints keep their own words."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith("/_sandbox"):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    return JSONResponse({"message": error.detail}, error.status_code, error.headers)
