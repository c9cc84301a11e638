"""What inspections and regrades have in common at the bridge: who may send them, and which return they name."""

import hmac
from typing import TypeVar

from fastapi import Request
from pydantic import ValidationError

from domain.messages import InspectionEnvelope, RegradeEnvelope
from domain.model import Message
from domain.returns import ReturnRef
from runtime.problems import sentences
from starter.bridge.answers import Refusal, unavailable
from starter.bridge.body import json_body
from starter.bridge.parts import BridgeParts
from store.records import ReturnRecord

Envelope = TypeVar("Envelope", bound=Message)


async def read_envelope(request: Request, parts: BridgeParts, kind: type[Envelope]) -> Envelope:
    """The body of somebody who has the warehouse's token. Raises Refusal."""
    _authenticate(parts, request.headers.get("authorization", ""))
    body = await json_body(request, parts.limits.body_cap)
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors()):
            raise Refusal(400, "json_invalid", "The body is not valid JSON.") from None
        raise Refusal(422, "inspection_invalid", " ".join(sentences(error))) from None


async def find_return(parts: BridgeParts, envelope: InspectionEnvelope | RegradeEnvelope) -> ReturnRef:
    """The one return that the envelope names. A return that is not saved yet may have a workflow."""
    if envelope.connection not in parts.receivers:
        raise unknown(envelope)
    wanted = envelope.return_id or envelope.rma_number
    async with parts.store.reading() as unit:
        found = [record for record in await unit.returns.find(wanted) if _fits(record, envelope)]
    if len(found) > 1:
        message = f"RMA {envelope.rma_number} belongs to {len(found)} returns; name one by return_id."
        raise Refusal(422, "return_ambiguous", message)
    if found:
        return found[0].ref
    if envelope.rma_number:
        raise unknown(envelope)
    try:
        return ReturnRef(connection=envelope.connection, return_id=envelope.return_id)
    except ValidationError:
        raise unknown(envelope) from None


def unknown(envelope: InspectionEnvelope | RegradeEnvelope) -> Refusal:
    """A misspelt id never becomes a parcel without a return by itself: that is said with ``blind``."""
    named = [("return", envelope.return_id), ("RMA", envelope.rma_number)]
    which = " and ".join(f"{kind} {value!r}" for kind, value in named if value) or "such connection"
    message = f"There is no {which} on connection {envelope.connection!r}. Check the ids, or wait for its webhook."
    if isinstance(envelope, InspectionEnvelope):
        message += " A parcel whose return nobody knows is sent without ids and with blind=true."
    return Refusal(404, "return_unknown", message)


def no_temporal(what: str) -> Refusal:
    """503: the sender tries again."""
    message = f"Temporal does not answer. Send the same {what} again; it is applied once."
    return unavailable("temporal_unavailable", message, 10)


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


def _fits(record: ReturnRecord, envelope: InspectionEnvelope | RegradeEnvelope) -> bool:
    return (
        record.ref.connection == envelope.connection
        and envelope.return_id in ("", record.ref.return_id)
        and envelope.rma_number in ("", record.rma_number)
    )
