"""Administration: which alerts were sent to whom, and which could not be delivered (R91, R102)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.pages import page
from console.paging import address_of, bad_address, cursor_parts, cursor_text
from console.parts import parts_of
from domain.exceptions import Owner
from store.alert_records import AlertState

router = APIRouter()

PAGE_SIZE = 50
_PATH = "/administration/alerts"


@router.get("/administration/alerts")
async def alerts(request: Request) -> Response:
    """Alerts, the latest first."""
    query = request.query_params
    chosen = {name: query.get(name, "").strip() for name in ("owner", "state")}
    cursor = query.get("after", "")
    try:
        state = AlertState(chosen["state"]) if chosen["state"] else None
        owner = Owner(chosen["owner"]) if chosen["owner"] else None
        before = cursor_parts(cursor, 1)[0] if cursor else None
    except ValueError:
        raise bad_address() from None
    async with parts_of(request).store.reading() as unit:
        found = await unit.alerts.recent(PAGE_SIZE + 1, state=state, owner=owner, before=before)
    after = cursor_text(found[PAGE_SIZE - 1].alert.key) if len(found) > PAGE_SIZE else ""
    return page(
        request,
        "administration/alerts.html",
        found=found[:PAGE_SIZE],
        next=address_of(_PATH, chosen, after=after) if after else "",
        first=address_of(_PATH, chosen) if cursor else "",
        chosen=chosen,
        owners=list(Owner),
        states=list(AlertState),
    )
