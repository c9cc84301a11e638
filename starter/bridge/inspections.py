"""``POST /inspections``: where warehouse systems report what was in a parcel (R21)."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import JSONResponse

from domain.messages import InspectionEnvelope
from domain.returns import ReturnRef
from runtime.logs import bound_contextvars
from runtime.problems import sentences
from starter.bridge.answers import Refusal, unavailable
from starter.bridge.body import json_body
from starter.bridge.parts import BridgeParts
from starter.bridge.shared import parts_of
from starter.inspections import InspectionAnswer, record_inspection
from starter.link import TemporalUnreachableError
from store.records import ReturnRecord

router = APIRouter()
_BODY = {
    "content": {"application/json": {"schema": InspectionEnvelope.model_json_schema()}},
    "required": True,
}


@router.post("/inspections", status_code=200, openapi_extra={"requestBody": _BODY})
async def receive_inspection(request: Request, parts: Annotated[BridgeParts, Depends(parts_of)]) -> JSONResponse:
    """200 recorded · 202 kept, not confirmed · 404 unknown · 409 closed · 422 refused · 503 try again."""
    _authenticate(parts, request.headers.get("authorization", ""))
    envelope = _envelope(await json_body(request, parts.limits.body_cap))
    ref = await _find(parts, envelope)
    with bound_contextvars(connection=ref.connection, return_id=ref.return_id):
        try:
            client = await parts.link.client()
            answer = await record_inspection(client, ref, envelope.inspection, parts.limits.inspection_wait)
        except TemporalUnreachableError:
            message = "Temporal does not answer. Send the same inspection again; it is applied once."
            raise unavailable("temporal_unavailable", message, 10) from None
    return _answer(answer, ref)


def _authenticate(parts: BridgeParts, header: str) -> None:
    token = parts.limits.inspection_token
    if token is None:
        message = "This address is closed: set BACKHAUL_INSPECTION_TOKEN to open it."
        raise Refusal(403, "closed", message)
    scheme, _, given = header.partition(" ")
    expected = token.get_secret_value().encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected):
        message = "Send the token for inspections: Authorization: Bearer <token>."
        raise Refusal(401, "not_authenticated", message, {"WWW-Authenticate": "Bearer"})


def _envelope(body: bytes) -> InspectionEnvelope:
    try:
        envelope = InspectionEnvelope.model_validate_json(body)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors()):
            raise Refusal(400, "json_invalid", "The body is not valid JSON.") from None
        raise Refusal(422, "inspection_invalid", " ".join(sentences(error))) from None
    if not (envelope.return_id or envelope.rma_number):
        raise Refusal(422, "inspection_invalid", "Name the return by return_id or rma_number.")
    return envelope


async def _find(parts: BridgeParts, envelope: InspectionEnvelope) -> ReturnRef:
    """The one return that the envelope names. A return that is not saved yet may have a workflow."""
    if envelope.connection not in parts.receivers:
        raise _unknown(envelope)
    wanted = envelope.return_id or envelope.rma_number
    async with parts.store.reading() as unit:
        found = [record for record in await unit.returns.find(wanted) if _fits(record, envelope)]
    if len(found) > 1:
        message = f"RMA {envelope.rma_number} belongs to {len(found)} returns; name one by return_id."
        raise Refusal(422, "return_ambiguous", message)
    if found:
        return found[0].ref
    if envelope.rma_number:
        raise _unknown(envelope)
    try:
        return ReturnRef(connection=envelope.connection, return_id=envelope.return_id)
    except ValidationError:
        raise _unknown(envelope) from None


def _fits(record: ReturnRecord, envelope: InspectionEnvelope) -> bool:
    return (
        record.ref.connection == envelope.connection
        and envelope.return_id in ("", record.ref.return_id)
        and envelope.rma_number in ("", record.rma_number)
    )


def _unknown(envelope: InspectionEnvelope) -> Refusal:
    named = [("return", envelope.return_id), ("RMA", envelope.rma_number)]
    which = " and ".join(f"{kind} {value!r}" for kind, value in named if value)
    message = f"There is no {which} on connection {envelope.connection!r}. Check the ids, or wait for its webhook."
    return Refusal(404, "return_unknown", message)


def _answer(answer: InspectionAnswer, ref: ReturnRef) -> JSONResponse:
    match answer.outcome:
        case "refused":
            raise Refusal(422, "inspection_refused", answer.text)
        case "closed":
            raise Refusal(409, "return_closed", f"Return {ref} already closed: nothing can be added to it.")
        case "unknown":
            raise Refusal(404, "return_unknown", f"Return {ref} was not started yet. Wait for its webhook.")
        case "kept":
            content = {"accepted": True, "confirmed": False, "return": str(ref)}
            return JSONResponse(content, status_code=202)
        case "confirmed":
            content = {"accepted": True, "confirmed": True, "return": str(ref), "repeated": answer.repeated}
            return JSONResponse(content)
