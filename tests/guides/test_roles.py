"""One guide for each team: checks that point at real screens, decisions, times."""

import pytest

from desk.escalation import TOP_LEVEL, asked_at
from domain.alert_rules import ALERT_RULES
from domain.catalogue import CATALOGUE
from domain.connection import Connection
from domain.exceptions import ExceptionCode, Owner
from domain.limits import Limits
from domain.reconciliation.classes import DifferenceClass
from domain.resolution import deciding
from domain.resolution_texts import RESOLUTION_TEXTS
from domain.second_person import may_settle_money
from guides.blocks import Page, refs_in
from guides.checks import CHECKS, Check, HowOften, checks_of
from guides.differences import CLASS_TEXTS
from guides.role_page import LADDER, role_page
from guides.roles import ROLE_GUIDES
from guides.screens import SCREENS, ScreenId, unknown_screens
from guides.words import span
from tests.guides.reading import rows, said, section, whole


@pytest.mark.parametrize("owner", Owner)
def test_R98_each_team_has_a_guide_with_checks_exceptions_and_steps(owner: Owner, pages: dict[str, Page]) -> None:
    page = pages[ROLE_GUIDES[owner].page]
    mine = [code for code in ExceptionCode if CATALOGUE[code].owner is owner]
    assert [row["Exception"] for row in rows(page, "Exceptions that are yours")] == [code.value for code in mine]
    targets = {ref.page for ref in refs_in(page)}
    assert {f"runbooks/{code}" for code in mine} <= targets
    assert len(section(page, "Your first hour").steps) >= 5
    assert section(page, "What not to do").points
    assert len(section(page, ROLE_GUIDES[owner].task).steps) >= 4
    assert section(page, "Which system to believe").points


@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize("often", HowOften)
def test_R99_each_team_has_checks_of_each_rhythm(owner: Owner, often: HowOften, pages: dict[str, Page]) -> None:
    checks = checks_of(owner, often)
    assert checks
    table = rows(pages[ROLE_GUIDES[owner].page], often.value)
    assert [row["Check"] for row in table] == [check.what.replace("`", "") for check in checks]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.owner}-{check.what[:30]}")
def test_R98_R99_every_check_points_at_a_screen_of_the_catalogue(check: Check) -> None:
    assert check.where.screen
    assert unknown_screens([check.where.screen]) == []
    assert check.good.endswith(".") and check.otherwise.endswith(".")


def test_R99_whoever_has_a_check_may_open_its_screen() -> None:
    for check in CHECKS:
        screen = SCREENS[ScreenId(check.where.screen.partition("?")[0])]
        roles = {role.value for role in screen.roles}
        assert check.owner.value in roles or roles == {"admin"}, f"{check.what} is not for {check.owner}"


def test_R99_every_page_of_the_guides_points_only_at_screens_of_the_catalogue(pages: dict[str, Page]) -> None:
    named = {ref.screen for page in pages.values() for ref in refs_in(page) if ref.screen}
    assert unknown_screens(named) == []
    assert SCREENS.keys() == set(ScreenId)


@pytest.mark.parametrize("owner", Owner)
def test_R98_the_guide_explains_every_decision_that_the_team_can_make(owner: Owner, pages: dict[str, Page]) -> None:
    mine = {
        RESOLUTION_TEXTS[kind].title
        for entry in CATALOGUE.values()
        for kind in entry.resolutions
        if deciding(entry.owner, kind) is owner
    }
    assert {row["Decision"] for row in rows(pages[ROLE_GUIDES[owner].page], "How to decide")} == mine


def test_R98_finance_is_told_about_its_money_decisions_on_exceptions_of_others(pages: dict[str, Page]) -> None:
    table = rows(pages["finance"], "Money decisions on exceptions of others")
    assert {row["Exception"] for row in table} == {
        code.value
        for code, entry in CATALOGUE.items()
        if any(deciding(entry.owner, kind) is not entry.owner for kind in entry.resolutions)
    }


def test_R98_two_people_are_asked_for_exactly_where_money_is_settled(pages: dict[str, Page]) -> None:
    for owner in Owner:
        page = pages[ROLE_GUIDES[owner].page]
        settles = any(
            may_settle_money(code, kind) and deciding(entry.owner, kind) is owner
            for code, entry in CATALOGUE.items()
            for kind in entry.resolutions
        )
        assert any(one.title == "Decisions that need two people" for one in page.sections) is settles, owner


def test_R74_the_guide_states_the_times_after_which_an_item_goes_up(connections: list[Connection]) -> None:
    limits = Limits.model_validate({"escalate_after": {"cx": "90m"}})
    changed = [connection.model_copy(update={"limits": limits}) for connection in connections[:1]]
    assert "1 hour 30 minutes" in whole(role_page(Owner.CX, changed))
    assert "3 hours" in whole(role_page(Owner.CX, changed)), "the second level is after the same time again"
    assert span(Limits().escalates_after(Owner.FINANCE)) in whole(role_page(Owner.FINANCE, changed))


def test_R74_the_ladder_of_the_guide_is_the_one_that_is_climbed() -> None:
    assert len(LADDER) == TOP_LEVEL
    assert asked_at(1, Owner.CX).startswith("the lead of")
    assert LADDER[0].startswith("the lead of")
    assert asked_at(TOP_LEVEL, Owner.CX) == LADDER[1]


def test_R102_every_team_finds_the_alerts_that_it_gets(pages: dict[str, Page]) -> None:
    for owner in Owner:
        told = {row["Alert"] for row in rows(pages[ROLE_GUIDES[owner].page], "Alerts that you get")}
        assert told == {rule.title for rule in ALERT_RULES.values() if rule.owner in (owner, None)}


def test_R78_finance_finds_every_class_of_the_reconciliation(pages: dict[str, Page]) -> None:
    assert CLASS_TEXTS.keys() == set(DifferenceClass)
    table = {row["Class"].lower(): row for row in rows(pages["finance"], "What the reconciliation says")}
    assert table.keys() == {kind.words for kind in DifferenceClass}
    for kind in DifferenceClass:
        assert (table[kind.words]["In the way of the close"] == "yes") is kind.serious
        assert kind.serious <= (table[kind.words]["What to do"] != "Nothing.")


def test_R101_the_guides_are_in_sentences(pages: dict[str, Page]) -> None:
    for owner in Owner:
        guide = ROLE_GUIDES[owner]
        for words in (*guide.about, *guide.trust, *guide.never, *guide.steps, *guide.first_hour):
            assert said(words).endswith("."), said(words)
