"""``POST /v1/inbound/{vendor}/events``: where an integration on the ERP's side reports of the warehouse.

The token says which connection it is: each has its own. An inspection is recorded at once; every other event is kept in
the inbox and says which return to look at, as a platform's webhook does.
"""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from desk.link import TemporalUnreachableError
from domain.inspection import Inspection, WarehouseEvent
from domain.outcomes import VendorTrouble
from domain.ports import BadDelivery, UnreadableDelivery
from domain.returns import Delivery, ReturnRef
from runtime.logs import bound_contextvars
from starter.bridge.answers import Refusal, unavailable
from starter.bridge.body import json_body
from starter.bridge.intake import keep, raise_unreadable
from starter.bridge.parts import BridgeParts
from starter.bridge.shared import parts_of
from starter.bridge.warehouse import no_temporal
from store.records import Acceptance

router = APIRouter()


@router.post("/v1/inbound/{vendor}/events", status_code=202)
async def receive_event(
    request: Request, vendor: str, parts: Annotated[BridgeParts, Depends(parts_of)]
) -> JSONResponse:
    """202 taken, `duplicate` when it was known · 400 unreadable · 401 no connection has this token · 422 refused ·
    503 send it again."""
    body = await json_body(request, parts.limits.body_cap)
    headers = {name.lower(): value for name, value in request.headers.items()}
    for connection, feed in parts.feeds.items():
        try:
            event = feed.read(headers, body)
        except UnreadableDelivery as bad:
            reason = f"The event of {vendor} cannot be read: {bad}"
            await raise_unreadable(parts, connection, reason, body)
            return JSONResponse({"error": {"code": "VALIDATION", "message": f"{reason}."}}, status_code=400)
        except BadDelivery:
            continue
        if event.inspection is not None and event.return_id is not None:
            ref = ReturnRef(connection=connection, return_id=event.return_id)
            duplicate = await _record(parts, ref, event.inspection)
        else:
            duplicate = await keep(parts, connection, _hint(event), body) is not Acceptance.NEW
        return JSONResponse({"accepted": True, "duplicate": duplicate}, status_code=202)
    raise Refusal(401, "not_authenticated", "No connection knows this token.", {"WWW-Authenticate": "Bearer"})


def _hint(event: WarehouseEvent) -> Delivery:
    """Its id must not meet one of the platform's. When it happened is no time of the platform, so it is not said."""
    number = hashlib.sha256(event.event_id.encode()).hexdigest()[:32]
    return Delivery(delivery_id=f"inbound-{number}", event=event.event, return_id=event.return_id)


async def _record(parts: BridgeParts, ref: ReturnRef, inspection: Inspection) -> bool:
    """Record what was found; whether it was known. What does not fit is counted already, so it goes to quarantine."""
    with bound_contextvars(connection=ref.connection, return_id=ref.return_id):
        try:
            client = await parts.link.client()
            answer = await parts.warehouse.inspected(client, ref, inspection, parts.limits.inspection_wait)
        except TemporalUnreachableError:
            raise no_temporal("event") from None
        except VendorTrouble:
            message = "The platform cannot be asked about this return. Send the same event again."
            raise unavailable("platform_unavailable", message, 10) from None
    if answer.outcome in ("refused", "conflict", "closed", "unknown"):
        message = answer.text or f"return {ref.return_id} takes no inspection: {answer.outcome}"
        raise Refusal(422, "inspection_refused", message)
    return answer.repeated
