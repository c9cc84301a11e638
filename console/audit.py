"""Administration: who did what, and when (R86, R110, N15)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.pages import page
from console.parts import parts_of

router = APIRouter()

MOST = 200
_LONGEST = 200


@router.get("/administration/audit")
async def audit(request: Request) -> Response:
    """The latest entries, of everything or of one subject: an exception, a document, an account."""
    subject = request.query_params.get("subject", "").strip()[:_LONGEST]
    async with parts_of(request).store.reading() as unit:
        entries = await unit.audit.list(subject or None, MOST)
    return page(request, "administration/audit.html", entries=entries, subject=subject, most=MOST)
