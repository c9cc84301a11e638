"""The guides, as this site's configuration makes them: runbooks, alerts, stages, teams (R97–R103, N16)."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.pages import page
from console.parts import parts_of
from console.trouble import not_found
from guides.blocks import Page
from guides.pages import all_pages

router = APIRouter()

FIRST = "index"
_RUNBOOKS = "runbooks/"


@router.get("/runbooks")
async def first_page(request: Request) -> Response:
    """Where to find what."""
    return _show(request, FIRST)


@router.get("/runbooks/{code}")
async def runbook(request: Request, code: str) -> Response:
    """What to do about exceptions of one code."""
    return _show(request, f"{_RUNBOOKS}{code}")


@router.get("/guides/{path:path}")
async def guide(request: Request, path: str) -> Response:
    """Any page of the guides, by its path; each has one address."""
    if path == FIRST or path.startswith(_RUNBOOKS):
        return RedirectResponse(guide_address(path) if path in _guides(request) else "/runbooks", 303)
    return _show(request, path)


def guide_address(path: str) -> str:
    """The address of a page of the guides."""
    if path == FIRST:
        return "/runbooks"
    return f"/{path}" if path.startswith(_RUNBOOKS) else f"/guides/{path}"


def _show(request: Request, path: str) -> Response:
    found = _guides(request).get(path)
    if found is None:
        raise not_found("page of the guides")
    return page(request, "guides/page.html", guide=found, address=guide_address)


def _guides(request: Request) -> dict[str, Page]:
    """All pages by path. The configuration is the same as long as the console runs, so they are made once."""
    state = request.app.state
    if not hasattr(state, "guides"):
        state.guides = {one.path: one for one in all_pages(list(parts_of(request).connections.values()))}
    guides: dict[str, Page] = state.guides
    return guides
