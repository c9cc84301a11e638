"""The forms of decisions: who gets which, and what was sent."""

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from console.forms import Form
from desk.decisions_form import Choice
from domain.accounts import AccountRole
from domain.connection import Connection
from domain.dispositions import Disposition
from domain.edits import EditField
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.model import Value
from domain.resolution import Resolution, Role
from domain.resolution_texts import RESOLUTION_TEXTS
from domain.runbooks import RUNBOOKS
from guides.connection_page import DISPOSITION_TEXTS
from guides.words import sentence
from runtime.problems import sentences
from store.account_records import SessionRecord
from store.records import ExceptionRecord

_LONGEST = 80
_CORRECTING = frozenset({ResolutionKind.EDIT_AND_RETRY, ResolutionKind.SUBSTITUTE_SKU})
#: They end a matter for good, so people should be able to say why; some must.
_WITH_REASON = frozenset(ResolutionKind) - {ResolutionKind.RETRY} - _CORRECTING


class Input(Value):
    """One input that a decision corrects. `name` is its field; `options`: value and text, where it is one of a list.

    completes: field for the rest of the correction's name, where the person has to say it; empty otherwise
    """

    name: str
    edit: EditField
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    completes: str = ""


class Offer(Value):
    """One decision as a form for one person. `role`: the hat that they decide with; None: it is not theirs.

    effect: what it does here; asks_reason: whether the form has a field for the reason
    """

    choice: Choice
    role: Role | None
    effect: str
    inputs: tuple[Input, ...]
    asks_reason: bool


def role_for(visitor: SessionRecord, owner: Owner) -> Role | None:
    """The hat with which a person decides what is this owner's; the team's own before the administrator's."""
    hats = [Role(role.value) for role in sorted(visitor.roles) if role is not AccountRole.VIEWER]
    fitting = [hat for hat in hats if hat.may_decide(owner)]
    return min(fitting, key=lambda hat: hat is Role.ADMIN, default=None)


def offers_of(
    choices: Iterable[Choice], code: ExceptionCode, visitor: SessionRecord, connection: Connection | None
) -> list[Offer]:
    """The decisions, each with its form. `connection`: None where it is not configured any more."""
    return [
        Offer(
            choice=choice,
            role=role_for(visitor, choice.owner),
            effect=effect_of(code, choice.kind),
            inputs=tuple(_input(choice.kind, number, edit, connection) for number, edit in enumerate(choice.edits)),
            asks_reason=choice.kind in _WITH_REASON,
        )
        for choice in choices
    ]


def effect_of(code: ExceptionCode, kind: ResolutionKind) -> str:
    """What a decision does with an exception of this code.

    Of a correction the runbook says how it is typed on the command line; here its fields say that.
    """
    runbook = RUNBOOKS.get(code)
    here = runbook.decisions.get(kind, "") if runbook and kind not in _CORRECTING else ""
    return sentence(here or RESOLUTION_TEXTS[kind].meaning)


def read_decision(form: Form, record: ExceptionRecord, offer: Offer, actor: str) -> Resolution | None:
    """The decision that was sent; None when something is wrong, and the form says what."""
    kind = offer.choice.kind
    assert offer.role is not None
    version = form.number("version", "Version", low=1, high=999_999_999)
    reason = form.text(f"{kind}-reason", "The reason", needed=offer.choice.needs_reason)
    document, label = "", "The number of the ERP document"
    if offer.choice.needs_document:
        document = form.text(f"{kind}-document", label, longest=_LONGEST, needed=True)
    edits = read_edits(form, offer)
    if form.problems:
        return None
    try:
        return Resolution(
            exception_id=record.id,
            version=version,
            kind=kind,
            role=offer.role,
            actor=actor,
            reason=reason,
            document=document,
            edits=edits,
        )
    except ValidationError as error:
        form.wrong("", " ".join(sentences(error)))
        return None


def read_edits(form: Form, offer: Offer) -> dict[str, str]:
    """The corrections that were sent. Without any, where there have to be some, the form says so."""
    edits: dict[str, str] = {}
    for one in offer.inputs:
        value, name = _value(form, one), one.edit.name
        if one.completes:
            rest = form.text(one.completes, f"What {one.edit.label} belongs to", longest=_LONGEST)
            if value and not rest:
                form.wrong(one.completes, "Say which code or SKU this is for.")
            name += rest
        if value:
            edits[name] = value
    if offer.inputs and not edits:
        form.wrong(offer.inputs[0].name, "Nothing is corrected yet: fill in what was wrong.")
    return edits


def for_many(offers: Sequence[Offer], wrong: str) -> list[Offer]:
    """The decisions that fit a whole group, with inputs that fit all of it.

    wrong: what its exceptions share; without it a SKU or a return is that of one exception only
    """
    kept = []
    for offer in offers:
        inputs = tuple(one for one in offer.inputs if _shared(one.edit, wrong))
        if inputs or not offer.choice.edits:
            kept.append(offer.model_copy(update={"inputs": inputs}))
    return kept


def _shared(edit: EditField, wrong: str) -> bool:
    if edit.name == "return":
        return False
    return not edit.wrong or edit.wrong in wrong


def _input(kind: ResolutionKind, number: int, edit: EditField, connection: Connection | None) -> Input:
    name = f"{kind}-edit-{number}"
    completes = f"{name}-for" if edit.open else ""
    if edit.name == "location" and connection is not None:
        places = tuple((place, place) for place in sorted(connection.mappings.locations))
        return Input(name=name, edit=edit, kind="choice", options=places)
    if edit.name.startswith("disposition."):
        options = tuple((one.value, DISPOSITION_TEXTS[one]) for one in Disposition if one.scanned)
        return Input(name=name, edit=edit, kind="choice", options=options)
    kinds = {"credited_on": "date", "share": "number"}
    return Input(name=name, edit=edit, kind=kinds.get(edit.name, "text"), completes=completes)


def _value(form: Form, one: Input) -> str:
    label = one.edit.label
    match one.kind:
        case "choice":
            return form.one_of(one.name, label, [value for value, _ in one.options], needed=False)
        case "date":
            day = form.day(one.name, label)
            return day.isoformat() if day else ""
        case "number":
            return str(form.number(one.name, label, high=100)) if form.text(one.name, label) else ""
        case _:
            return form.text(one.name, label, longest=_LONGEST)
