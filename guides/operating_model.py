"""The operating model: who is master of what, who owns what, who speaks to whom (R97, R100, R106, R107)."""

from collections.abc import Iterator, Sequence

from domain.catalogue import CATALOGUE
from domain.connection import Connection
from domain.exceptions import ExceptionCode, Owner
from domain.progress import Stage
from domain.stages import STAGES
from guides.blocks import Code, Given, Page, Ref, Section, Table
from guides.erps import erp_facts
from guides.masters import DataObject, Mastery, Pair, masters_of, pairs_of
from guides.platforms import platform_facts
from guides.roles import to_guide
from guides.runbook_page import money_decider, to_runbook
from guides.settings import MODES
from guides.stage_page import to_stage
from guides.timing import timing_words
from guides.words import team


def operating_model(connections: Sequence[Connection]) -> Page:
    """The page ``operating-model``."""
    return Page(
        path="operating-model",
        title="Operating model",
        intro="How returns run here: which system is right about what, which team decides what, and when things happen."
        " It is written from the code and from your own configuration, so that it is true today.",
        sections=tuple(_sections(connections)),
    )


def _sections(connections: Sequence[Connection]) -> Iterator[Section]:
    pairs = pairs_of(connections)
    yield Section(title="How a return runs", steps=_RUN)
    yield Section(
        title="Who is master of what",
        paragraphs=(
            "If two systems differ, the master is right, and the other one is corrected.",
            "The tables below say for each pair who may change it, and how the other side hears of it.",
        ),
        table=_matrix(pairs),
    )
    for pair in pairs:
        yield _pair_section(pair)
    yield Section(title="Who speaks to the customer", paragraphs=_VOICE)
    yield Section(
        title="Who looks after each stage of a return",
        paragraphs=("Each stage has one owner: the team that looks after a return that does not move.",),
        table=_stages(),
    )
    yield Section(
        title="Who owns which exception",
        paragraphs=(
            "Each code has one owner, and links to its runbook.",
            "An amount is accepted by finance alone, whoever owns the rest. To give something up is for its owner.",
            "Above the amount of the connection two people make the same decision.",
        ),
        table=_ownership(),
    )
    yield Section(
        title="How each connection is set up",
        paragraphs=("Each connection has a page with its mappings, policies, windows and agreed times.",),
        table=_setups(connections),
    )
    yield Section(title="How this is kept true", points=_KEPT)


_RUN: tuple[Given, ...] = (
    "The customer asks for a return on the platform. The platform approves it and says so.",
    "The order is read from the ERP and frozen. Every line of the return is checked against it.",
    "The RMA is opened in the ERP, before the parcel arrives.",
    "The warehouse inspects the parcel. Only then stock is booked, into the depot of its disposition.",
    "The platform hears what was accepted, and pays.",
    "The refund is compared with the order. One credit note is made, linked to the original order.",
    "An exchange gets a replacement order of its own, which names the RMA and the original order.",
    "The return closes when nothing is left. What cannot go on stops at its step, with an owner and a reason.",
)

_VOICE: tuple[Given, ...] = (
    "The platform does, and CX through it. Backhaul never sends a message to a customer.",
    (
        "It tells the platform what was accepted, and leaves reminders there as notes for its users. What the customer"
        " reads is the platform's."
    ),
    "Questions about the status of a return are CX's, whatever their cause is.",
)

_KEPT: tuple[Given, ...] = (
    "These pages are written by the command `backhaul guides`. Nobody edits them by hand.",
    "A new kind of exception, alert or stage without owner, steps, screen and runbook does not pass our tests.",
    "After a change of the configuration, write them again. `backhaul guides --check` says whether they are current.",
)


def _matrix(pairs: Sequence[Pair]) -> Table:
    """One row per data object, one column per pair."""
    masters: list[dict[DataObject, str]] = [{row.what: row.master for row in masters_of(pair)} for pair in pairs]
    rows = tuple(((what.value,), *((known[what],) for known in masters)) for what in DataObject)
    return Table(columns=("What", *(pair.title for pair in pairs)), rows=rows)


def _pair_section(pair: Pair) -> Section:
    order = {what: number for number, what in enumerate(DataObject)}
    rows = sorted(masters_of(pair), key=lambda row: order[row.what])
    names: list[str | Ref] = []
    for name in pair.connections:
        names += [", " if names else "", Ref(text=name, page=f"connections/{name}")]
    return Section(
        title=pair.title,
        paragraphs=(("Connections: ", *names, "."),),
        points=(*platform_facts(pair.platform).notes, *erp_facts(pair.erp).notes),
        table=Table(columns=("What", "Master", "Who may change it", "How the other side hears"), rows=_cells(rows)),
    )


def _cells(rows: Sequence[Mastery]) -> tuple[tuple[Given, ...], ...]:
    return tuple(((row.what.value,), (row.master,), (row.changed_by,), (row.heard,)) for row in rows)


def _stages() -> Table:
    rows: tuple[tuple[Given, ...], ...] = tuple(
        (
            (to_stage(stage),),
            (Code(code=stage.value),),
            (to_guide(STAGES[stage].owner),),
            (STAGES[stage].waits_for or "nothing more",),
        )
        for stage in Stage
    )
    return Table(columns=("Stage", "Shown as", "Owner", "What it waits for"), rows=rows)


def _ownership() -> Table:
    """Code, owner, and who decides about money (R100)."""
    rows: tuple[tuple[Given, ...], ...] = tuple(
        ((to_runbook(code),), (CATALOGUE[code].title,), (team(CATALOGUE[code].owner),), (_money(code),))
        for owner in Owner
        for code in ExceptionCode
        if CATALOGUE[code].owner is owner
    )
    return Table(columns=("Exception", "What it says", "Owner", "Who decides about money"), rows=rows)


def _money(code: ExceptionCode) -> str:
    decider = money_decider(code)
    return team(decider) if decider else "–"


def _setups(connections: Sequence[Connection]) -> Table:
    rows: tuple[tuple[Given, ...], ...] = tuple(
        (
            (Ref(text=c.name, page=f"connections/{c.name}"),),
            (f"{platform_facts(c.platform).name} with {erp_facts(c.erp).name}",),
            (timing_words(c),),
            (" ".join((MODES[c.policy.credit_on], MODES[c.policy.exchange_on], MODES[c.policy.inspected_by])),),
            (Code(code=c.mappings.version),),
        )
        for c in connections
    )
    columns = ("Connection", "Systems", "When documents are posted", "What was decided", "Mapping version")
    return Table(columns=columns, rows=rows)
