"""Exceptions: the queue, and one page each where it is decided (R67, R69, R73, N4, R110)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.deciding import effect_of, offers_of, read_decision, role_for
from console.decision_words import change_of, told
from console.exception_page import agreed, read_record, show
from console.forms import Form, form_of
from console.pages import go, page
from console.paging import cursor_parts, cursor_text
from console.parts import ConsoleParts, parts_of
from console.queue_filter import Asked
from console.session import visitor_of
from console.trouble import Trouble
from console.words import path_part
from desk.decisions_form import choices_of
from desk.queue import queue_counts, read_queue
from desk.resolutions import decide
from desk.second_person import confirmation
from domain.exceptions import Owner
from domain.limits import limits_of
from domain.resolution import Resolution, deciding
from guides.words import team, team_title
from store.records import ExceptionRecord, ExceptionState

router = APIRouter()

PAGE_SIZE = 50
CONFIRM = "CONFIRM"
#: A decision that a return took is written down by it a moment later; so long a page waits to show it.
_CLOSED_SECONDS = 2.0
_LOOK_EVERY = 0.1
_HIGHEST = 999_999_999


@router.get("/exceptions")
async def queue(request: Request) -> Response:
    """What waits for a decision, the oldest first; what is past, the newest first."""
    parts, asked = parts_of(request), Asked(request)
    cursor = request.query_params.get("after", "")
    after = cursor_parts(cursor, 1)[0] if cursor else None
    newest = asked.filters.state is not ExceptionState.OPEN
    found = await read_queue(parts.store, asked.filters, parts.clock(), after, PAGE_SIZE, newest)
    return page(
        request,
        "exceptions/list.html",
        found=found.items,
        newest=newest,
        counts=await queue_counts(parts.store, parts.clock()),
        next=asked.address("/exceptions", after=cursor_text(found.next)) if found.next else "",
        first=asked.address("/exceptions") if after else "",
        bar=asked.bar(parts),
        team_title=team_title,
    )


@router.get("/exceptions/{exception_id:path}")
async def one_exception(request: Request, exception_id: str) -> Response:
    """Everything about one exception, and the decisions that this person may make."""
    return await show(request, exception_id)


@router.post("/exceptions/{exception_id:path}")
async def decide_one(request: Request, exception_id: str) -> Response:
    """Make a decision, or confirm another person's. Sent twice it counts once (E67)."""
    parts, form = parts_of(request), form_of(request)
    record = await read_record(parts, exception_id)
    resolution = await _sent(request, record, form)
    if form.problems:
        return await show(request, exception_id, form=form, status=422)
    if resolution is None:
        return await show(request, exception_id, changed=change_of(record), status=409)
    limits = agreed(parts)
    answer = await decide(parts.store, parts.link, record, resolution, parts.clock, limits=limits, wait=parts.wait)
    if answer.outcome == "refused":
        return await _refused(request, exception_id, form, resolution.version, answer.text)
    closed = answer.outcome != "decided" or await _closed(parts, exception_id)
    effect, limit = effect_of(record.code, resolution.kind), limits_of(limits, record.connection).second_person
    return await go(
        request,
        f"/exceptions/{path_part(exception_id)}",
        told(resolution.kind, effect, answer, limit, closed),
        kind="good" if answer.outcome == "decided" else "note",
        link="/exceptions",
        link_text="Back to the queue",
    )


async def not_yours(request: Request, subject: str, kind: str, owner: Owner) -> Trouble:
    """What is said to somebody whose decision it is not; that they tried is in the audit (R110)."""
    parts, visitor = parts_of(request), visitor_of(request)
    roles = ", ".join(sorted(role.value for role in visitor.roles))
    detail = {"kind": kind, "role": roles, "why": f"it is for {team(owner)} to decide"}
    async with parts.store.begin() as unit:
        await unit.audit.add(visitor.account, "exception.refused", subject, detail, parts.clock())
    advice = f"It is for {team(owner)} to decide. Nothing was changed; that you tried is in the audit."
    return Trouble(403, "This is not yours to decide.", advice)


async def _sent(request: Request, record: ExceptionRecord, form: Form) -> Resolution | None:
    """What was sent. None with problems in the form; None without any: it has changed since the page was opened."""
    parts, visitor, kind = parts_of(request), visitor_of(request), form.text("kind")
    if kind == CONFIRM:
        return await _confirmed(request, record, form)
    offers = offers_of(choices_of(record), record.code, visitor, parts.connections.get(record.connection))
    offer = next((one for one in offers if one.choice.kind == kind), None)
    if offer is None:
        form.wrong("", "Choose one of the decisions of this page.")
        return None
    if offer.role is None:
        raise await not_yours(request, record.id, kind, offer.choice.owner)
    return read_decision(form, record, offer, visitor.account)


async def _confirmed(request: Request, record: ExceptionRecord, form: Form) -> Resolution | None:
    """The second person's decision, as `_sent`."""
    visitor, made = visitor_of(request), record.resolution
    version = form.number("version", "Version", low=1, high=_HIGHEST)
    reason = form.text("confirm-reason", "Your note")
    if made is not None and made.proposed_by and made.actor == visitor.account:
        return made  # their own press again
    if record.proposal is None or form.problems:
        return None
    owner = deciding(record.owner, record.proposal.kind)
    role = role_for(visitor, owner)
    if role is None:
        raise await not_yours(request, record.id, record.proposal.kind, owner)
    return confirmation(record, visitor.account, role, reason).model_copy(update={"version": version})


async def _refused(request: Request, exception_id: str, form: Form, version: int, text: str) -> Response:
    """The page as it is now; what was typed is kept, unless it was about something that has changed."""
    record = await read_record(parts_of(request), exception_id)
    if record.state is not ExceptionState.OPEN or record.version != version:
        return await show(request, exception_id, changed=change_of(record), status=409)
    form.wrong("", f"This was refused: {text}.")
    return await show(request, exception_id, form=form, status=409)


async def _closed(parts: ConsoleParts, exception_id: str) -> bool:
    """Wait a moment for the return to write its decision down; whether it did."""
    for _ in range(int(_CLOSED_SECONDS / _LOOK_EVERY)):
        if (await read_record(parts, exception_id)).state is not ExceptionState.OPEN:
            return True
        await asyncio.sleep(_LOOK_EVERY)
    return False
