"""Exceptions by root cause: one correction, then one decision for all of them (R72, N18).

A decision for many is counted first, and then carried out behind a page of its own: see `console.runs`.
"""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from console.deciding import Offer, for_many, offers_of, read_edits
from console.decision_words import title_of
from console.exception_page import agreed
from console.exceptions import not_yours
from console.forms import Form, form_of
from console.pages import go, page
from console.parts import ConsoleParts, parts_of
from console.queue_filter import Asked
from console.runs import runs_of
from console.session import visitor_of
from console.trouble import not_found
from console.words import path_part
from desk.bulk import FOR_MANY, rehearse
from desk.groups import GroupView, read_groups, read_members
from desk.queue import QueueItem, read_queue
from desk.runs import MOST_AT_ONCE, BulkOrder
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode
from guides.words import team, team_title
from runtime.problems import sentences
from store.queue_records import QueueFilter
from store.records import ExceptionRecord, ExceptionState

router = APIRouter()

_GROUPS = 200
_MEMBERS = 20
#: Decisions a second: usual, and at most.
RATE, FASTEST = 5, 50


@router.get("/exceptions/groups")
async def groups(request: Request) -> Response:
    """The root causes, the largest first."""
    parts, asked = parts_of(request), Asked(request)
    found = await read_groups(parts.store, asked.filters, parts.clock(), _GROUPS)
    bar = asked.bar(parts)
    return page(request, "exceptions/groups.html", found=found, bar=bar, team_title=team_title, most=_GROUPS)


@router.get("/exceptions/groups/{group_id}")
async def group(request: Request, group_id: str) -> Response:
    """One root cause: what waits for it, and the decisions for all of it."""
    return await _show(request, await read_group(parts_of(request), group_id), Form())


@router.post("/exceptions/groups/{group_id}")
async def decide_group(request: Request, group_id: str) -> Response:
    """Count what a decision would do, or carry it out for what was counted."""
    parts, form = parts_of(request), form_of(request)
    found = await read_group(parts, group_id)
    if not found.count:
        return await go(request, group_path(group_id), "Nothing of this group is open any more.", kind="note")
    carry_out = form.text("step") == "go"
    until = _moment(form) if carry_out else parts.clock()
    order = await _order(request, found, form)
    if order is None or until is None:
        return await _show(request, found, form, status=422)
    members = await read_members(parts.store, group_id, parts.clock(), limit=MOST_AT_ONCE)
    records = [record for record in members if record.opened_at <= until]
    if not _complete(order, records, form):
        return await _show(request, found, form, status=422)
    if carry_out:
        await runs_of(request).begin(order, records)
        return RedirectResponse(f"{group_path(group_id)}/run", 303)
    return await _counted(request, found, order, records, until)


async def read_group(parts: ConsoleParts, group_id: str) -> GroupView:
    """The group in numbers; one of which nothing is open any more counts none. Raises Trouble."""
    for state in (ExceptionState.OPEN, None):
        wanted = QueueFilter(state=state, cause=group_id)
        if found := (await read_groups(parts.store, wanted, parts.clock(), 1)).groups:
            return found[0] if state else found[0].model_copy(update={"count": 0, "amounts": []})
    raise not_found("group")


def group_path(group_id: str) -> str:
    """The address of a group's page."""
    return f"/exceptions/groups/{path_part(group_id)}"


async def _show(request: Request, found: GroupView, form: Form, status: int = 200) -> Response:
    members = await _oldest(parts_of(request), found.id)
    offers = _offers(request, found, members)
    return page(
        request,
        "exceptions/group.html",
        status=status,
        group=found,
        steps=CATALOGUE[ExceptionCode(found.code)].steps,
        members=members,
        mine=[offer for offer in offers if offer.role is not None],
        theirs=[offer for offer in offers if offer.role is None],
        last=await runs_of(request).last(found.id),
        form=form,
        rate=RATE,
        fastest=FASTEST,
        most=MOST_AT_ONCE,
        team=team,
        team_title=team_title,
    )


async def _counted(
    request: Request, found: GroupView, order: BulkOrder, records: list[ExceptionRecord], until: datetime
) -> Response:
    """What the decision would do, and the button that does it."""
    decisions = {record.id: order.decision(record) for record in records}
    parts, form = parts_of(request), form_of(request)
    answer = await rehearse(parts.store, records, decisions, limits=agreed(parts))
    tried = answer.decided + answer.proposed
    return page(
        request,
        "exceptions/counted.html",
        group=found,
        order=order,
        title=title_of(order.kind),
        answer=answer,
        count=len(records),
        tried=tried,
        seconds=tried // order.per_second,
        until=until.isoformat(),
        sent=[(name, form.text(name)) for name in form.data if name.startswith(f"{order.kind}-")],
    )


async def _order(request: Request, found: GroupView, form: Form) -> BulkOrder | None:
    """What was sent; None where something is wrong, and the form says what. Raises Trouble."""
    kind = form.text("kind")
    offers = _offers(request, found, await _oldest(parts_of(request), found.id))
    offer = next((one for one in offers if one.choice.kind == kind), None)
    if offer is None:
        form.wrong("", "Choose one of the decisions of this page.")
        return None
    if offer.role is None:
        raise await not_yours(request, found.id, kind, offer.choice.owner)
    order = BulkOrder(
        group=found.id,
        kind=offer.choice.kind,
        role=offer.role,
        actor=visitor_of(request).account,
        reason=form.text(f"{kind}-reason", "The reason", needed=offer.choice.needs_reason),
        edits=read_edits(form, offer),
        per_second=form.number(f"{kind}-rate", "Decisions a second", low=1, high=FASTEST),
    )
    return None if form.problems else order


def _complete(order: BulkOrder, records: list[ExceptionRecord], form: Form) -> bool:
    """Whether the decision says all that it has to; the form says what is missing."""
    try:
        if records:
            order.decision(records[0])
    except ValidationError as error:
        form.wrong("", " ".join(sentences(error)))
    return not form.problems


def _moment(form: Form) -> datetime | None:
    """Until when exceptions were counted: nobody has seen those that came later."""
    try:
        moment = datetime.fromisoformat(form.text("until"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        form.wrong("", "Count first what the decision would do.")
        return None
    return moment


def _offers(request: Request, found: GroupView, members: list[QueueItem]) -> list[Offer]:
    """The decisions for all of a group, as its oldest exception allows them."""
    if not members:
        return []
    item = members[0]
    choices = [choice for choice in item.choices if choice.kind in FOR_MANY]
    connection = parts_of(request).connections.get(item.connection)
    return for_many(offers_of(choices, ExceptionCode(item.code), visitor_of(request), connection), found.wrong)


async def _oldest(parts: ConsoleParts, group_id: str) -> list[QueueItem]:
    return (await read_queue(parts.store, QueueFilter(cause=group_id), parts.clock(), None, _MEMBERS)).items
