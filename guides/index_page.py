"""The first page: where to find what."""

from collections.abc import Iterator, Sequence

from domain.alert_rules import RuleId
from domain.catalogue import CATALOGUE
from domain.connection import Connection
from domain.exceptions import ExceptionCode, Owner
from domain.progress import Stage
from guides.alerts import to_alert
from guides.blocks import Given, Page, Ref, Section, Table
from guides.roles import to_guide
from guides.runbook_page import to_runbook
from guides.screens import SCREENS, Screen, to_screen
from guides.stage_page import to_stage
from guides.words import sentence, team_title


def index_page(connections: Sequence[Connection]) -> Page:
    """The page ``index``."""
    return Page(
        path="index",
        title="Guides",
        intro="For the people who run returns. They are written from the program and from your own configuration.",
        sections=tuple(_sections(connections)),
    )


def _sections(connections: Sequence[Connection]) -> Iterator[Section]:
    yield Section(
        title="Begin here",
        points=(
            (Ref(text="Operating model", page="operating-model"), ": which system is right, and who decides what"),
            (Ref(text="Glossary", page="glossary"), ": the words of every screen"),
            (Ref(text="The tracks of a return", page="tracks"), ": what each of their states means"),
            (Ref(text="Temporal UI for operations", page="temporal-ui"), ": saved searches, signals, updates"),
        ),
    )
    yield Section(title="Guides of the teams", points=tuple((to_guide(owner),) for owner in Owner))
    yield Section(
        title="Your connections",
        points=tuple((Ref(text=c.name, page=f"connections/{c.name}"),) for c in connections),
    )
    yield Section(title="Pages of the console", table=_screens())
    for owner in Owner:
        codes = [code for code in ExceptionCode if CATALOGUE[code].owner is owner]
        yield Section(
            title=f"Runbooks: {team_title(owner)}",
            points=tuple((to_runbook(code), f" – {CATALOGUE[code].title}") for code in codes),
        )
    yield Section(title="Alerts", points=tuple((to_alert(rule),) for rule in RuleId))
    yield Section(title="Stages of a return", points=tuple((to_stage(stage),) for stage in Stage))


def _screens() -> Table:
    rows: tuple[tuple[Given, ...], ...] = tuple(
        ((to_screen(screen.id),), (sentence(screen.shows),), (_who(screen),)) for screen in SCREENS.values()
    )
    return Table(columns=("Page", "What it shows", "For"), rows=rows)


def _who(screen: Screen) -> str:
    roles = sorted(role.value for role in screen.roles)
    return "everybody" if "viewer" in roles else ", ".join(roles)
