"""``POST /regrades``: booked units get another disposition; stock moves once, money never (E24, N8)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from desk.link import TemporalUnreachableError
from domain.messages import RegradeEnvelope
from runtime.logs import bound_contextvars
from starter.bridge.answers import Refusal
from starter.bridge.parts import BridgeParts
from starter.bridge.shared import parts_of
from starter.bridge.warehouse import find_return, no_temporal, read_envelope

router = APIRouter()
_BODY = {
    "content": {"application/json": {"schema": RegradeEnvelope.model_json_schema()}},
    "required": True,
}


@router.post("/regrades", status_code=202, openapi_extra={"requestBody": _BODY})
async def receive_regrade(request: Request, parts: Annotated[BridgeParts, Depends(parts_of)]) -> JSONResponse:
    """202 kept, the stock moves · 404 unknown · 422 refused: so many units are not booked so · 503 try again."""
    envelope = await read_envelope(request, parts, RegradeEnvelope)
    if not (envelope.return_id or envelope.rma_number):
        raise Refusal(422, "regrade_invalid", "Name the return by return_id or rma_number.")
    ref = await find_return(parts, envelope)
    with bound_contextvars(connection=ref.connection, return_id=ref.return_id):
        try:
            answer = await parts.warehouse.regraded(await parts.link.client(), ref, envelope.regrade)
        except TemporalUnreachableError:
            raise no_temporal("regrade") from None
    if answer.refused:
        raise Refusal(422, "regrade_refused", f"{answer.refused}.")
    content = {
        "accepted": True,
        "return": str(ref),
        "regrade": envelope.regrade.regrade_id,
        "repeated": answer.repeated,
    }
    return JSONResponse(content, status_code=202)
