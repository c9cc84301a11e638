"""One runbook for each exception code: what it means, what to do, what each decision does (R75, N16)."""

from collections.abc import Iterator, Sequence

from domain.catalogue import CATALOGUE
from domain.connection import Connection
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track
from domain.resolution import deciding
from domain.resolution_texts import RESOLUTION_TEXTS
from domain.runbooks import RUNBOOKS
from domain.runbooks.figures import meaning_of
from domain.second_person import may_settle_money
from guides.blocks import Code, Given, Page, Ref, Section, Table
from guides.roles import to_guide
from guides.screens import ScreenId, to_queue, to_screen
from guides.site import site_section
from guides.words import team

_TRACKS = {
    Track.PLATFORM: "the exchange of news with the platform",
    Track.RMA: "the RMA",
    Track.GOODS: "goods and stock",
    Track.FINANCE: "refund and credit note",
    Track.EXCHANGE: "the exchange",
}


def to_runbook(code: ExceptionCode) -> Ref:
    """A link to the runbook of a code."""
    return Ref(text=code.value, page=f"runbooks/{code}")


def runbook(code: ExceptionCode, connections: Sequence[Connection] = ()) -> Page:
    """The page ``runbooks/<code>``. With connections it says what each of them has to do with it."""
    entry = CATALOGUE[code]
    return Page(
        path=f"runbooks/{code}",
        title=f"{entry.title} ({code})",
        intro=entry.explanation,
        sections=tuple(_sections(code, connections)),
    )


def _sections(code: ExceptionCode, connections: Sequence[Connection]) -> Iterator[Section]:
    entry, book = CATALOGUE[code], RUNBOOKS[code]
    yield Section(title="Whose it is", points=tuple(_ownership(code)))
    yield Section(title="What is at stake", paragraphs=(book.stake,))
    yield Section(title="What goes on meanwhile", paragraphs=(book.meanwhile,))
    yield Section(title="What to do", steps=entry.steps, points=_where(code))
    yield Section(title="Decisions", **_decisions(code))
    yield Section(title="What happens then", paragraphs=(book.afterwards,))
    if book.figures:
        yield Section(
            title="Figures that you see",
            paragraphs=("An item has some of these. None of them is personal.",),
            table=_figures(book.figures),
        )
    if (own := site_section(code, connections)) is not None:
        yield own
    yield Section(title="How to have fewer of them", points=book.prevention)


def _ownership(code: ExceptionCode) -> Iterator[Given]:
    entry = CATALOGUE[code]
    yield ("Owner: ", to_guide(entry.owner), ".")
    decider = money_decider(code)
    yield f"Who decides about money: {team(decider) if decider else 'nobody, no decision here moves money'}."
    yield f"What stands still: {_stands_still(code)}."


def money_decider(code: ExceptionCode) -> Owner | None:
    """Who decides about the money of a code: finance wherever an amount is accepted, else the owner who may write it
    off; None where no decision is about money (R100)."""
    entry = CATALOGUE[code]
    deciders = {deciding(entry.owner, kind) for kind in entry.resolutions if may_settle_money(code, kind)}
    return Owner.FINANCE if Owner.FINANCE in deciders else entry.owner if deciders else None


def _stands_still(code: ExceptionCode) -> str:
    track = CATALOGUE[code].track
    if code is ExceptionCode.CONNECTION_DOWN:
        return "every return of the connection that needs the system. There is one item for all of them"
    return _TRACKS[track] if track else "the part of the return that the reason names"


def _where(code: ExceptionCode) -> tuple[Given, ...]:
    entry = CATALOGUE[code]
    found: Given = ("Find them in ", to_queue(entry.owner, code=code.value), ".")
    if not entry.resolutions:
        return (found,)
    many = "If many returns have it, decide them together in "
    return (found, (many, to_screen(ScreenId.GROUPS, owner=entry.owner.value, code=code.value), "."))


def _decisions(code: ExceptionCode) -> dict[str, object]:
    """Paragraphs and table of the allowed decisions; a sentence for what closes by itself."""
    entry, book = CATALOGUE[code], RUNBOOKS[code]
    if not entry.resolutions:
        return {"paragraphs": ("There is nothing to decide: it closes by itself when its cause is gone.",)}
    rows = tuple(_decision(code, kind, book.decisions[kind]) for kind in entry.resolutions)
    return {"table": Table(columns=("Decision", "What it does here", "What it needs", "Whose decision"), rows=rows)}


def _decision(code: ExceptionCode, kind: ResolutionKind, here: str) -> tuple[Given, ...]:
    owner, text = CATALOGUE[code].owner, RESOLUTION_TEXTS[kind]
    two = "; above the agreed amount, or of an unknown one, two people" if may_settle_money(code, kind) else ""
    return (
        (text.title, " (", Code(code=kind.value), ")"),
        (here,),
        (text.needs or "nothing",),
        (f"{team(deciding(owner, kind))}{two}",),
    )


def _figures(figures: dict[str, str]) -> Table:
    rows: tuple[tuple[Given, ...], ...] = tuple(
        ((Code(code=name),), (meaning_of(name),), (Code(code=example),)) for name, example in figures.items()
    )
    return Table(columns=("Figure", "What it says", "For example"), rows=rows)
