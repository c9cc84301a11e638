"""The guide of one team: checks, exceptions, decisions, times (R98, R99, R74)."""

from collections.abc import Iterator, Sequence

from domain.catalogue import CATALOGUE
from domain.connection import Connection
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.resolution import deciding
from domain.resolution_texts import RESOLUTION_TEXTS
from domain.second_person import may_settle_money
from domain.stages import STAGES
from guides.alerts import alerts_of, to_alert
from guides.blocks import Given, Page, Ref, Section, Table
from guides.checks import Check, HowOften, checks_of
from guides.differences import classes_section
from guides.roles import ROLE_GUIDES
from guides.runbook_page import to_runbook
from guides.screens import ScreenId, to_screen
from guides.stage_page import to_stage
from guides.words import span, team

#: An exception that nobody handles goes to these, one after the other. `desk.escalation` asks them; a test compares.
LADDER = ("the lead of the team", "the head of operations")


def role_page(owner: Owner, connections: Sequence[Connection]) -> Page:
    """The page of a team, such as ``finance``."""
    guide = ROLE_GUIDES[owner]
    return Page(
        path=guide.page,
        title=f"Guide for {guide.title}",
        intro=guide.about[0],
        sections=tuple(_sections(owner, connections)),
    )


def _sections(owner: Owner, connections: Sequence[Connection]) -> Iterator[Section]:
    guide = ROLE_GUIDES[owner]
    yield Section(title="What you look after", paragraphs=guide.about[1:], points=tuple(_duties(owner)))
    yield Section(title="Which system to believe", points=guide.trust)
    yield Section(title=guide.task, steps=guide.steps)
    for often in HowOften:
        yield Section(title=often.value, table=_checks(checks_of(owner, often)))
    yield Section(
        title="Exceptions that are yours",
        paragraphs=("Each has a runbook: what it means, what is at stake, what to do, what each decision does.",),
        table=_exceptions(owner),
    )
    if owner is Owner.FINANCE:
        yield classes_section()
        yield Section(
            title="Money decisions on exceptions of others",
            paragraphs=("The team that owns the exception does the rest. Only the money is yours.",),
            table=_money_elsewhere(),
        )
    yield Section(
        title="How to decide",
        paragraphs=(
            (
                "Mend the cause first, then decide. Every decision goes to the very step that stopped; nothing is done"
                " twice, and pressing twice changes nothing."
            ),
        ),
        table=_decisions(owner),
    )
    yield from _second_person(owner, connections)
    yield Section(
        title="When nobody is there",
        paragraphs=_away(owner),
        table=_escalation(owner, connections),
    )
    yield Section(title="Alerts that you get", table=_alerts(owner))
    yield Section(title="What not to do", points=guide.never)
    yield Section(title="Your first hour", steps=guide.first_hour)


def _duties(owner: Owner) -> Iterator[Given]:
    for entry in STAGES.values():
        if entry.owner is owner and entry.waits_for:
            yield ("Returns in the stage ", to_stage(entry.stage), f": they wait for {entry.waits_for}.")
    yield (f"{len(_codes(owner))} kinds of exception, listed below.",)


def _checks(checks: Sequence[Check]) -> Table:
    rows = tuple(((check.what,), (check.where,), (check.good,), (check.otherwise,)) for check in checks)
    return Table(columns=("Check", "Where", "What you should see", "Otherwise"), rows=rows)


def _codes(owner: Owner) -> list[ExceptionCode]:
    return [code for code in ExceptionCode if CATALOGUE[code].owner is owner]


def _exceptions(owner: Owner) -> Table:
    rows = tuple(((to_runbook(code),), (CATALOGUE[code].title,)) for code in _codes(owner))
    return Table(columns=("Exception", "What it says"), rows=rows)


def _money_elsewhere() -> Table:
    """Decisions of finance on what others own (E31)."""
    rows = tuple(
        ((to_runbook(code),), (CATALOGUE[code].title,), (team(CATALOGUE[code].owner),), (_titles(kinds),))
        for code in ExceptionCode
        if CATALOGUE[code].owner is not Owner.FINANCE and (kinds := money_kinds(code))
    )
    return Table(columns=("Exception", "What it says", "Owner", "Your decision"), rows=rows)


def money_kinds(code: ExceptionCode) -> list[ResolutionKind]:
    """Decisions on a code that are finance's, whoever owns it."""
    entry = CATALOGUE[code]
    return [kind for kind in entry.resolutions if deciding(entry.owner, kind) is Owner.FINANCE is not entry.owner]


def _titles(kinds: Sequence[ResolutionKind]) -> str:
    return ", ".join(RESOLUTION_TEXTS[kind].title for kind in kinds)


def _decisions(owner: Owner) -> Table:
    """Every decision that the team can meet."""
    mine = {
        kind
        for code in ExceptionCode
        for kind in CATALOGUE[code].resolutions
        if deciding(CATALOGUE[code].owner, kind) is owner
    }
    texts = [RESOLUTION_TEXTS[kind] for kind in ResolutionKind if kind in mine]
    rows = tuple(((text.title,), (text.meaning,), (text.choose,), (text.needs or "nothing",)) for text in texts)
    return Table(columns=("Decision", "What it does", "When", "What it needs"), rows=rows)


def _second_person(owner: Owner, connections: Sequence[Connection]) -> Iterator[Section]:
    kinds = [
        kind
        for kind in ResolutionKind
        if any(
            kind in CATALOGUE[code].resolutions
            and deciding(CATALOGUE[code].owner, kind) is owner
            and may_settle_money(code, kind)
            for code in ExceptionCode
        )
    ]
    if not kinds:
        return
    rows = tuple(((c.name,), (_amount(c.limits.second_person),)) for c in connections)
    yield Section(
        title="Decisions that need two people",
        paragraphs=(
            (
                f"Where the runbook says so, these settle money: {_titles(kinds)}. Above the amount of the connection,"
                " and where nobody knows the amount, your decision is kept as a proposal. A second person of your team"
                " makes the same decision, and only then it counts."
            ),
        ),
        table=Table(columns=("Connection", "Second person above"), rows=rows),
    )


def _amount(limit: int | None) -> str:
    return "no amount: one person is enough" if limit is None else f"{limit} of the currency"


def _away(owner: Owner) -> tuple[Given, ...]:
    return (
        (
            f"An item that nobody touched for the time below goes to {LADDER[0]}, and after the same time again to"
            f" {LADDER[1]}. Each is told once. The item stays in your queue: it is nobody else's to decide."
        ),
        (
            (
                "If you are away, name somebody who has your role in the console. In the meantime nothing is lost:"
                " a return waits, and its other parts go on. "
            ),
            to_screen(ScreenId.EXCEPTIONS, owner=owner.value, level="1"),
            " shows what has gone up.",
        ),
    )


def _escalation(owner: Owner, connections: Sequence[Connection]) -> Table:
    rows = tuple(
        (
            (Ref(text=c.name, page=f"connections/{c.name}"),),
            (span(c.limits.escalates_after(owner)),),
            (span(2 * c.limits.escalates_after(owner)),),
        )
        for c in connections
    )
    return Table(columns=("Connection", f"To {LADDER[0]} after", f"To {LADDER[1]} after"), rows=rows)


def _alerts(owner: Owner) -> Table:
    rows = tuple(((to_alert(rule.id),), (rule.meaning,)) for rule in alerts_of(owner))
    return Table(columns=("Alert", "What it tells"), rows=rows)
