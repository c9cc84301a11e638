"""The tracks of a return: what each of their states means, and whose it is (R107)."""

from collections.abc import Iterator

from domain.exceptions import Track
from domain.track_states import TRACK_STATES
from guides.blocks import Code, Given, Page, Section, Table
from guides.screens import ScreenId, to_screen
from guides.words import team

TITLES = {
    Track.PLATFORM: "Platform",
    Track.RMA: "RMA",
    Track.GOODS: "Goods and stock",
    Track.FINANCE: "Finance",
    Track.EXCHANGE: "Exchange",
}


def tracks_page() -> Page:
    """The page ``tracks``."""
    return Page(
        path="tracks",
        title="The tracks of a return",
        intro=(
            "A return has up to five tracks, and each goes its own way. ",
            to_screen(ScreenId.RETURNS),
            " shows the state of each, what it waits for, since when and until when.",
        ),
        sections=tuple(_sections()),
    )


def _sections() -> Iterator[Section]:
    yield Section(
        title=TITLES[Track.PLATFORM],
        paragraphs=(
            "It shows the platform's own word for the return. The platform is master of it, and CX looks after it.",
        ),
    )
    for track in (Track.RMA, Track.GOODS, Track.FINANCE, Track.EXCHANGE):
        rows: tuple[tuple[Given, ...], ...] = tuple(
            (
                (Code(code=row.state),),
                (row.meaning,),
                (team(row.owner) if row.owner else "the owner of the exception",),
            )
            for row in TRACK_STATES.values()
            if row.track is track
        )
        yield Section(
            title=TITLES[track], table=Table(columns=("State", "What it means", "Who looks after it"), rows=rows)
        )
