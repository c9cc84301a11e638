"""``POST /inspections``: where warehouse systems report what was in a parcel (R21)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from desk.inspections import InspectionAnswer
from desk.link import TemporalUnreachableError
from domain.messages import InspectionEnvelope
from domain.outcomes import VendorTrouble
from domain.parcel import parcel_ref
from domain.returns import ReturnRef
from runtime.logs import bound_contextvars
from starter.bridge.answers import Refusal, unavailable
from starter.bridge.parts import BridgeParts
from starter.bridge.shared import parts_of
from starter.bridge.warehouse import find_return, no_temporal, read_envelope, unknown

router = APIRouter()
_BODY = {
    "content": {"application/json": {"schema": InspectionEnvelope.model_json_schema()}},
    "required": True,
}


@router.post("/inspections", status_code=200, openapi_extra={"requestBody": _BODY})
async def receive_inspection(request: Request, parts: Annotated[BridgeParts, Depends(parts_of)]) -> JSONResponse:
    """200 recorded · 202 kept: not confirmed yet, or no open return waits for it · 404 unknown · 422 refused ·
    503 try again."""
    envelope = await read_envelope(request, parts, InspectionEnvelope)
    ref = await _meant(parts, envelope)
    with bound_contextvars(connection=ref.connection, return_id=ref.return_id):
        try:
            answer = await _record(parts, envelope, ref)
        except TemporalUnreachableError:
            raise no_temporal("inspection") from None
        except VendorTrouble:
            message = "The platform cannot be asked about this return. Send the same inspection again."
            raise unavailable("platform_unavailable", message, 10) from None
    return _answer(answer, ref, envelope)


async def _meant(parts: BridgeParts, envelope: InspectionEnvelope) -> ReturnRef:
    """The return, or what stands for it while nobody knows it (E26)."""
    named = bool(envelope.return_id or envelope.rma_number)
    if named == envelope.blind:
        hint = "for a parcel whose return nobody knows send blind=true, with tracking_number and order_number if known"
        text = f"Name the return by return_id or rma_number; {hint}."
        raise Refusal(422, "inspection_invalid", text)
    if named:
        return await find_return(parts, envelope)
    if envelope.connection not in parts.receivers:
        raise unknown(envelope)
    return parcel_ref(envelope.connection, envelope.inspection.inspection_id)


async def _record(parts: BridgeParts, envelope: InspectionEnvelope, ref: ReturnRef) -> InspectionAnswer:
    client, inspection = await parts.link.client(), envelope.inspection
    if envelope.blind:
        return await parts.warehouse.came_blind(
            client, envelope.connection, inspection, envelope.tracking_number, envelope.order_number
        )
    return await parts.warehouse.inspected(client, ref, inspection, parts.limits.inspection_wait)


def _answer(answer: InspectionAnswer, ref: ReturnRef, envelope: InspectionEnvelope) -> JSONResponse:
    content: dict[str, object] = {"accepted": True, "confirmed": answer.outcome == "confirmed"}
    if not envelope.blind:
        content["return"] = str(ref)
    match answer.outcome:
        case "refused":
            raise Refusal(422, "inspection_refused", answer.text)
        case "conflict":
            message = "This parcel was recorded before with another result, which stands. A person decides."
            raise Refusal(409, "inspection_conflict", message)
        case "closed" | "unknown":
            raise unknown(envelope)
        case "kept":
            return JSONResponse(content, status_code=202)
        case "parcel":
            content |= {"parcel": envelope.inspection.inspection_id, "repeated": answer.repeated}
            return JSONResponse(content, status_code=202)
        case "confirmed":
            return JSONResponse(content | {"repeated": answer.repeated})
