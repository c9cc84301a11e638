"""``POST /webhooks/{connection}``: where returns platforms report.

A platform that signs nothing is given ``/webhooks/{connection}/{token}``, with a secret of the connection as token.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from domain.model import Value
from starter.bridge.body import json_body
from starter.bridge.intake import take_in
from starter.bridge.parts import BridgeParts
from starter.bridge.shared import parts_of
from store.records import Acceptance

router = APIRouter()


class WebhookAnswer(Value):
    """`duplicate`: this delivery id was known already, and the first one counts."""

    accepted: bool = True
    duplicate: bool


@router.post("/webhooks/{connection}", status_code=202)
@router.post("/webhooks/{connection}/{token}", status_code=202)
async def receive_webhook(
    request: Request,
    connection: str,
    parts: Annotated[BridgeParts, Depends(parts_of)],
    token: str = "",
) -> WebhookAnswer:
    """Verify, keep, answer. Whoever signed it need not wait for what comes of it."""
    body = await json_body(request, parts.limits.body_cap)
    headers = {name.lower(): value for name, value in request.headers.items()}
    acceptance = await take_in(parts, connection, headers, body, token)
    return WebhookAnswer(duplicate=acceptance is not Acceptance.NEW)
