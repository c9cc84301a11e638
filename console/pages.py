"""Turns templates into answers."""

import hashlib
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse

from console import words
from console.access import menu_for
from console.parts import ConsoleParts, parts_of
from console.session import CSRF_FIELD, maybe_visitor, visit_csrf, visit_of, visitor_of
from store.account_records import Notice

HERE = Path(__file__).parent


@cache
def static_files() -> dict[str, bytes]:
    """Name → content of what pages load besides themselves."""
    return {path.name: path.read_bytes() for path in (HERE / "static").iterdir() if path.is_file()}


def build_templates(parts: ConsoleParts) -> Environment:
    """The templates. A name that a page does not know is an error, never an empty text."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        time=partial(words.time_tag, zone=parts.zone),
        day=words.day,
        day_before=words.day_before,
        span=words.span,
        money=words.money,
        minor=words.minor,
        words=words.words,
        say=words.say,
        plural=words.plural,
        amount=words.amount,
        count=words.count,
        number=words.number,
        part=words.path_part,
        named=words.named,
    )
    versions = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in static_files().items()}
    environment.globals.update(
        static=lambda name: f"/static/{name}?v={versions[name]}",
        workflow_url=parts.workflow_url,
        csrf_field=CSRF_FIELD,
        zone=str(parts.zone),
    )
    return environment


def page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page. Beside its `context` a template knows `visitor`, `menu`, `notices`, `csrf_token`, `path` and `now`."""
    environment: Environment = request.app.state.templates
    visitor = maybe_visitor(request)
    own: dict[str, object] = {
        "visitor": visitor,
        "menu": menu_for(visitor.roles) if visitor else [],
        "notices": visitor.notices if visitor and request.method == "GET" else [],
        "csrf_token": visitor.csrf if visitor else visit_csrf(visit_of(request)),
        "path": request.url.path,
        "now": _now(request),
        "q": "",
    }
    return HTMLResponse(environment.get_template(template).render(**{**own, **context}), status_code=status)


async def go(
    request: Request, path: str, notice: str = "", *, kind: str = "good", link: str = "", link_text: str = ""
) -> RedirectResponse:
    """After a deed: to the page at `path`, which shows the notice once. `kind`: good, bad or note."""
    if notice:
        key = visitor_of(request).key
        async with parts_of(request).store.begin() as unit:
            await unit.sessions.tell(key, Notice(kind=kind, text=notice, link=link, link_text=link_text))
    return RedirectResponse(path, status_code=303)


def _now(request: Request) -> datetime:
    return parts_of(request).clock()
