"""A code, an alert or a stage without owner, plain steps, screen and runbook must not get into the product (N16)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.alert_rules import ALERT_RULES, RuleId
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.progress import Stage
from domain.resolution import NEEDS_DOCUMENT, NEEDS_REASON
from domain.resolution_texts import RESOLUTION_TEXTS
from domain.runbooks import RUNBOOKS
from domain.runbooks.figures import FIGURES, meaning_of
from domain.stages import STAGES
from guides.blocks import Page, refs_in
from guides.roles import ROLE_GUIDES
from guides.screens import unknown_screens
from tests.guides.reading import rows, said, section, whole

ROOT = Path(__file__).parents[2]


def test_N16_no_code_alert_stage_or_decision_is_forgotten_in_the_catalogues() -> None:
    assert set(ExceptionCode) - CATALOGUE.keys() == set()
    assert set(ExceptionCode) - RUNBOOKS.keys() == set()
    assert set(RuleId) - ALERT_RULES.keys() == set()
    assert set(Stage) - STAGES.keys() == set()
    assert set(ResolutionKind) - RESOLUTION_TEXTS.keys() == set()


def test_N16_every_code_alert_and_stage_has_a_page(pages: dict[str, Page]) -> None:
    wanted = {f"runbooks/{code}" for code in ExceptionCode}
    wanted |= {f"alerts/{rule}" for rule in RuleId}
    wanted |= {f"stages/{stage}" for stage in Stage}
    assert wanted <= pages.keys()


@pytest.mark.parametrize("code", ExceptionCode)
def test_N16_R75_a_code_has_owner_steps_screen_and_decisions(code: ExceptionCode, pages: dict[str, Page]) -> None:
    page, entry, book = pages[f"runbooks/{code}"], CATALOGUE[code], RUNBOOKS[code]
    assert said(section(page, "Whose it is").points[0]) == f"Owner: {ROLE_GUIDES[entry.owner].title}."
    assert tuple(map(said, section(page, "What to do").steps)) == plain(entry.steps)
    screens = [ref.screen for ref in refs_in(page) if ref.screen]
    assert any(f"owner={entry.owner}" in screen for screen in screens), "no link to the queue of its owner"
    assert book.decisions.keys() == set(entry.resolutions), "a decision is not explained, or explained in vain"
    assert book.stake and book.meanwhile and book.afterwards and book.prevention
    for kind in entry.resolutions:
        assert RESOLUTION_TEXTS[kind].title in whole(page)
        assert book.decisions[kind] in whole(page)


@pytest.mark.parametrize("rule", RuleId)
def test_N16_R102_an_alert_has_owner_steps_and_screen(rule: RuleId, pages: dict[str, Page]) -> None:
    page, known = pages[f"alerts/{rule}"], ALERT_RULES[rule]
    who = said(section(page, "Who gets it").paragraphs[0])
    assert (ROLE_GUIDES[known.owner].title if known.owner else "the team that owns the exception") in who
    assert tuple(map(said, section(page, "What to do").steps)) == plain(known.steps)
    assert said(page.intro) == known.meaning
    screens = [ref.screen for ref in refs_in(page) if ref.screen]
    assert screens == [known.screen]
    assert unknown_screens(screens) == []


@pytest.mark.parametrize("stage", Stage)
def test_N16_R107_a_stage_has_one_owner_steps_and_screen(stage: Stage, pages: dict[str, Page]) -> None:
    page, entry = pages[f"stages/{stage}"], STAGES[stage]
    assert entry.stage is stage
    assert ROLE_GUIDES[entry.owner].title in said(section(page, "Who looks after it").paragraphs[0])
    assert tuple(map(said, section(page, "What to do").steps)) == plain(entry.steps)
    assert entry.steps
    assert any(ref.screen == f"/returns?stage={stage}" for ref in refs_in(page))
    assert bool(entry.waits_for) is not stage.final, "what waits must say for what"


def test_R75_the_common_kinds_of_trouble_are_first_class(pages: dict[str, Page]) -> None:
    """Those that every page of the brief names."""
    common = """SKU_NOT_IN_MASTER REFUND_FAILED REFUND_MISMATCH TAX_CODE_UNMAPPED STOCK_REJECTED CREDIT_OVERDUE
        LOCATION_UNMAPPED EXCHANGE_OOS EXCHANGE_DATA ORDER_LOCKED""".split()
    for name in common:
        page = pages[f"runbooks/{name}"]
        assert len(section(page, "What to do").steps) >= 2
        assert section(page, "How to have fewer of them").points


@pytest.mark.parametrize("kind", ResolutionKind)
def test_N16_every_decision_says_what_it_does_and_needs(kind: ResolutionKind) -> None:
    text = RESOLUTION_TEXTS[kind]
    assert text.kind is kind
    assert text.meaning.endswith(".") and text.choose.endswith(".")
    assert ("a reason" in text.needs) is (kind in NEEDS_REASON)
    assert ("the number of the ERP document" in text.needs) is (kind in NEEDS_DOCUMENT)


def test_N16_every_figure_of_a_payload_has_a_meaning() -> None:
    assert {name for name in figures_in_code() if not meaning_of(name)} == set()
    shown = {name for book in RUNBOOKS.values() for name in book.figures}
    assert {name for name in shown if not meaning_of(name)} == set()


def test_N16_a_figure_that_belongs_to_a_line_has_the_meaning_of_its_kind() -> None:
    assert meaning_of("units.L1") == FIGURES["units."]
    assert meaning_of("frozen.L1") == FIGURES["frozen."]
    assert meaning_of("nothing.of.the.kind") == ""


def plain(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The steps as they are said: backticks only mark code."""
    return tuple(step.replace("`", "") for step in steps)


def figures_in_code() -> set[str]:
    """Every name that stands in a ``figures = {…}``, or that a problem is given."""
    found: set[str] = set()
    for room in ("activities", "workflows", "adapters", "starter/bridge", "domain"):
        for file in sorted((ROOT / room).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            if "figures" in text or "payload=" in text:
                found.update(name for node in ast.walk(ast.parse(text)) for name in _names(node))
    assert {"platform_amount", "hypothesis", "location"} <= found, "the search finds nothing any more"
    return found


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.keyword(arg="figures" | "payload", value=given):
            yield from _keys(given)
        case ast.Assign(targets=[ast.Name(id="figures")], value=given):
            yield from _keys(given)
        case ast.AnnAssign(target=ast.Name(id="figures"), value=ast.AST() as given):
            yield from _keys(given)
        case ast.AugAssign(target=ast.Name(id="figures"), value=given):
            yield from _keys(given)
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="figures"), slice=ast.Constant(value=str(name)))]):
            yield name


def _keys(given: ast.AST) -> Iterator[str]:
    for part in ast.walk(given):
        if isinstance(part, ast.Dict):
            yield from (key.value for key in part.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def test_N16_every_row_of_decisions_says_whose_decision_it_is(pages: dict[str, Page]) -> None:
    for code in ExceptionCode:
        if CATALOGUE[code].resolutions:
            for row in rows(pages[f"runbooks/{code}"], "Decisions"):
                assert row["Whose decision"]
                assert row["What it needs"]
