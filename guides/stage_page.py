"""One page for each stage of a return: what it means, whose it is, what to do (R107, N16)."""

from collections.abc import Iterator, Sequence

from domain.connection import Connection
from domain.progress import Stage
from domain.stages import STAGES
from guides.blocks import Given, Page, Ref, Section, Table
from guides.roles import to_guide
from guides.screens import ScreenId, to_screen
from guides.words import sentence, span


def to_stage(stage: Stage) -> Ref:
    """A link to the page of a stage."""
    return Ref(text=STAGES[stage].title, page=f"stages/{stage}")


def stage_page(stage: Stage, connections: Sequence[Connection]) -> Page:
    """The page ``stages/<stage>``."""
    entry = STAGES[stage]
    return Page(
        path=f"stages/{stage}",
        title=f"Stage: {entry.title} ({stage})",
        intro=entry.meaning,
        sections=tuple(_sections(stage, connections)),
    )


def _sections(stage: Stage, connections: Sequence[Connection]) -> Iterator[Section]:
    entry = STAGES[stage]
    waits: tuple[Given, ...] = ((f"It waits for {entry.waits_for}.",),) if entry.waits_for else ()
    yield Section(
        title="Who looks after it",
        paragraphs=(
            (to_guide(entry.owner), ". If an exception is open, the owner of the exception decides that first."),
            *waits,
        ),
    )
    yield Section(
        title="What to do",
        steps=entry.steps,
        points=(("See them in ", to_screen(ScreenId.RETURNS, stage=stage.value), "."),),
    )
    if not stage.final:
        yield Section(
            title="How long it may last",
            paragraphs=("What stays longer is raised and announced. Time in a batch window does not count.",),
            table=Table(columns=("Connection", "Raised after"), rows=tuple(_limits(stage, connections))),
        )


def _limits(stage: Stage, connections: Sequence[Connection]) -> Iterator[tuple[Given, ...]]:
    for connection in connections:
        limit = connection.limits.stage_times.get(stage)
        own = f"no limit of its own; goods are due within {span(connection.policy.deadline)}"
        text = span(limit) if limit else own if stage is Stage.AWAITING_GOODS else "no limit of its own"
        yield (Ref(text=connection.name, page=f"connections/{connection.name}"),), (sentence(text),)
