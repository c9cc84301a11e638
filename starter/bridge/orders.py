"""``GET /orders/{connection}/{order_number}``: the original order for a platform's self-service (R10)."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from domain.footing import SnapshotNotFooting
from domain.outcomes import Rejected, VendorTrouble
from starter.bridge.answers import Refusal, unavailable
from starter.bridge.parts import BridgeParts
from starter.bridge.shared import parts_of
from starter.order_lookup import OrderView, is_unknown

router = APIRouter()


@router.get("/orders/{connection}/{order_number}")
async def look_up_order(
    request: Request, connection: str, order_number: str, parts: Annotated[BridgeParts, Depends(parts_of)]
) -> OrderView:
    """200 the order · 401, 403 no token · 404 unknown · 409 its figures do not add up · 503 the ERP does not answer."""
    _authenticate(parts, request.headers.get("authorization", ""))
    if parts.orders is None or connection not in parts.orders.erps:
        raise Refusal(404, "order_unknown", f"There is no connection {connection!r}.")
    try:
        return await parts.orders.find(connection, order_number)
    except Rejected as rejection:
        if is_unknown(rejection):
            raise Refusal(404, "order_unknown", f"The ERP does not know order {order_number!r}.") from None
        raise Refusal(409, "order_unusable", f"The order cannot be used: {rejection}.") from None
    except SnapshotNotFooting as wrong:
        raise Refusal(409, "order_unusable", f"The order cannot be used: {wrong}.") from None
    except VendorTrouble:
        raise unavailable("erp_unavailable", "The ERP does not answer now. Ask again later.", 30) from None


def _authenticate(parts: BridgeParts, header: str) -> None:
    token = parts.limits.orders_token
    if token is None:
        raise Refusal(403, "closed", "This address is closed: set BACKHAUL_ORDERS_TOKEN to open it.")
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.get_secret_value().encode()):
        message = "Send the token for orders: Authorization: Bearer <token>."
        raise Refusal(401, "not_authenticated", message, {"WWW-Authenticate": "Bearer"})
