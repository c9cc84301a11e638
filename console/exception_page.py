"""The page of one exception, for one person."""

from fastapi import Request
from starlette.responses import Response

from console.deciding import offers_of, role_for
from console.decision_words import details_of, title_of
from console.figures import figures_of
from console.forms import Form
from console.happened import history_of
from console.pages import page
from console.parts import ConsoleParts, parts_of
from console.session import visitor_of
from console.trouble import not_found
from desk.queue import read_item
from domain.catalogue import CATALOGUE
from domain.exceptions import Owner
from domain.limits import Limits, limits_of
from domain.model import Value
from domain.resolution import Proposal, deciding
from guides.words import team
from store.account_records import SessionRecord
from store.records import ExceptionRecord, ExceptionState

_HISTORY = 50
#: The figures that hypotheses are about.
_SIDES = ("platform_amount", "order_amount", "difference")


class Proposed(Value):
    """A first person's decision, and what the visitor can do about it: it may be their own, or another team's."""

    made: Proposal
    title: str
    details: str
    same: bool
    may: bool
    owner: Owner


async def show(
    request: Request, exception_id: str, *, form: Form | None = None, changed: str = "", status: int = 200
) -> Response:
    """Everything about one exception, with the decisions that the visitor may make. Raises Trouble.

    form: what was sent, with its problems; changed: what has happened since the form was opened
    """
    parts, visitor = parts_of(request), visitor_of(request)
    record = await read_record(parts, exception_id)
    item = await read_item(parts.store, exception_id, parts.clock())
    if item is None:
        raise not_found("exception")
    offers = offers_of(item.choices, record.code, visitor, parts.connections.get(item.connection))
    figures = figures_of(item.payload, item.amount)
    sides = {figure.key: figure.text for figure in figures if figure.key in _SIDES}
    async with parts.store.reading() as unit:
        history = history_of(await unit.audit.list(exception_id, limit=_HISTORY))
    return page(
        request,
        "exceptions/one.html",
        status=status,
        item=item,
        made=record.resolution,
        made_details=details_of(record.resolution.model_dump(mode="json")) if record.resolution else "",
        proposed=_proposed(record.proposal, record.owner, visitor),
        figures=figures,
        sides=sides if len(sides) == len(_SIDES) else {},
        mine=[offer for offer in offers if offer.role is not None],
        theirs=[offer for offer in offers if offer.role is None],
        limit=limits_of(agreed(parts), record.connection).second_person,
        others=await _others(parts, record),
        history=history,
        form=form or Form(),
        changed=changed,
        title_of=title_of,
        team=team,
        roles=sorted(role.value for role in visitor.roles),
    )


async def read_record(parts: ConsoleParts, exception_id: str) -> ExceptionRecord:
    """The exception as it is now. Raises Trouble."""
    async with parts.store.reading() as unit:
        record = await unit.exceptions.get(exception_id)
    if record is None:
        raise not_found("exception")
    return record


def agreed(parts: ConsoleParts) -> dict[str, Limits]:
    """The agreed limits of every connection."""
    return {name: connection.limits for name, connection in parts.connections.items()}


async def _others(parts: ConsoleParts, record: ExceptionRecord) -> list[tuple[str, str]]:
    """Id and title of what else is open of the same return."""
    if record.ref is None:
        return []
    async with parts.store.reading() as unit:
        found = await unit.exceptions.list(
            state=ExceptionState.OPEN, connection=record.connection, return_id=record.return_id
        )
    return [(one.id, CATALOGUE[one.code].title) for one in found if one.id != record.id]


def _proposed(proposal: Proposal | None, owner: Owner, visitor: SessionRecord) -> Proposed | None:
    if proposal is None:
        return None
    whose = deciding(owner, proposal.kind)
    return Proposed(
        made=proposal,
        title=title_of(proposal.kind),
        details=details_of(proposal.model_dump(mode="json")),
        same=proposal.same_person(visitor.account),
        may=role_for(visitor, whose) is not None,
        owner=whose,
    )
