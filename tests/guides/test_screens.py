"""What the guides call a page of the console is one, for the people whom they send there (R99)."""

import pytest

from console.access import ACCESS, OPEN
from console.queue_filter import AGES
from domain.exceptions import ExceptionCode, Owner
from domain.progress import Stage
from guides.blocks import Page, refs_in
from guides.screens import SCREENS, ScreenId


@pytest.mark.parametrize("screen", ScreenId)
def test_R99_N16_every_screen_of_the_guides_is_a_page_of_the_console(screen: ScreenId) -> None:
    access = ACCESS.get(f"GET {screen.value}")
    assert access is not None, f"the console has no page {screen.value}"
    assert access is not OPEN
    assert SCREENS[screen].roles <= (access.roles or frozenset()), "who is sent there may not open it"


def test_R99_what_a_guide_narrows_a_screen_by_is_what_the_screen_knows(pages: dict[str, Page]) -> None:
    known = {
        "owner": {*(owner.value for owner in Owner), "all"},
        "code": {code.value for code in ExceptionCode},
        "stage": {stage.value for stage in Stage},
        "level": {"1", "2"},
        "age": set(AGES),
        "second": {"yes"},
    }
    for page in pages.values():
        for ref in refs_in(page):
            query = ref.screen.partition("?")[2]
            for name, value in (pair.split("=") for pair in query.split("&") if pair):
                assert value in known[name], f"{page.path}: {ref.screen}"
