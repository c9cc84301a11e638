"""Every platform with every ERP: the whole list of scenarios on real processes, judged at the vendors' journals.

One pair a test, about a minute or two each. What a pair cannot do is in its report, with the reason.
"""

from decimal import Decimal

import pytest

from adapters.registry import ERPS
from domain.ports import ErpCapabilities
from starter.demo.pairing import NAMES, pairing_named
from starter.demo.scenarios import ALL
from tests.pairs.played import Json, left_out, play, rows

#: One run a pair, and one pair at a time: each brings a dozen processes. (A file is one worker's, see the Makefile.)
pytestmark = [pytest.mark.verify, pytest.mark.timeout(500)]

_GRADED = {scenario.name for scenario in ALL if scenario.name.endswith("graded there")}


@pytest.fixture(scope="module", params=NAMES)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, Json]:
    """One pair's run: its name, the exit code, the report."""
    name: str = request.param
    code, report, _ = play(name, tmp_path_factory.mktemp(name))
    return name, code, report


def test_every_scenario_ends_as_it_should_and_the_books_agree(played: tuple[str, int, Json]) -> None:
    name, code, report = played
    wrong = [f"{row['scenario']}: {problem}" for row in report["returns"] for problem in row["problems"]]
    assert wrong == [], name
    assert report["books"]["violations"] == [], name
    assert (report["ok"], code) == (True, 0)


def test_no_scenario_is_left_out_in_silence(played: tuple[str, int, Json]) -> None:
    name, _, report = played
    told = left_out(report)
    assert {*rows(report), *told} == {scenario.name for scenario in ALL}
    assert all(told.values())
    assert set(told) == (_GRADED if name.endswith("reveni") else set())


def test_R112_R137_every_return_names_its_connection(played: tuple[str, int, Json]) -> None:
    name, _, report = played
    assert {row["connection"].removeprefix(name) for row in report["returns"]} >= {"", "-fast", "-careful"}


def test_R114_R128_R133_damaged_and_sellable_goods_lie_in_depots_of_their_own(played: tuple[str, int, Json]) -> None:
    _, _, report = played
    page = report["books"]["returns"]
    [books] = [page[key] for key in page if _is_of(page[key], rows(report)["damaged and sellable"])]
    assert len(books["received"]) == 2
    assert all(sum(units.values()) == 1 for units in books["received"].values())


def test_R118_R122_a_replacement_is_an_order_of_its_own_over_what_is_paid_on_top(played: tuple[str, int, Json]) -> None:
    _, _, report = played
    totals = {
        name: [Decimal(order["total"]) for order in rows(report)[name]["replacements"]]
        for name in ("even exchange", "dearer replacement")
    }
    assert totals["even exchange"] == [0]
    assert totals["dearer replacement"] in ([Decimal("6.50")], [Decimal("5.42")])  # with its tax, or without


def test_R16_R123_R132_an_archived_order_takes_a_standalone_authorisation(played: tuple[str, int, Json]) -> None:
    _, _, report = played
    row = rows(report)["archived order"]
    assert row["standalone"] is True
    assert [note["total"] for note in row["credit_notes"]] == ["189.00"]


def test_R33_R135_one_part_of_a_kit_is_received_and_credited_by_itself(played: tuple[str, int, Json]) -> None:
    _, _, report = played
    row = rows(report)["one item of a kit"]
    assert [line["sku"] for line in row["stock"]] == ["P4001-RED-S"]
    assert [note["total"] for note in row["credit_notes"]] == ["20.00"]


def test_R49_R138_an_instant_refund_is_credited_before_its_goods_or_the_report_says_why_not(
    played: tuple[str, int, Json],
) -> None:
    name, _, report = played
    row = rows(report)["instant refund"]
    assert [note["total"] for note in row["credit_notes"]] == ["189.00"]
    exposed = [(out["amount"], out["state"]) for out in row["exposure"]]
    if _erp_of(name).credit_needs_receipt:
        assert exposed == [], "nothing was credited before its goods"
        assert "credits nothing before it was received" in row["note"]
    else:
        assert exposed == [("189.00", "cleared")]
        assert row["note"] == ""


def test_R45_R134_credits_are_applied_and_one_that_no_invoice_took_is_somebodys_work(
    played: tuple[str, int, Json],
) -> None:
    """The invoice of a replacement was paid on top, so that nothing is due on it when it comes back."""
    name, _, report = played
    notes = [note for page in report["books"]["returns"].values() for note in page["credit_notes"]]
    unapplied = {note["number"]: Decimal(note["unapplied"]) for note in notes if Decimal(note["unapplied"])}
    raised = {
        scenario
        for scenario, row in rows(report).items()
        if "NOTHING_TO_APPLY" in {one["code"] for one in row["exceptions"]}
    }
    if not _erp_of(name).applies_credit_to_invoice:
        assert (unapplied, raised) == ({}, set())
        return
    [note] = rows(report)["replacement comes back"]["credit_notes"]
    assert unapplied == {note["number"]: Decimal("36.50")}, "of all others an invoice took everything"
    assert raised == {"replacement comes back"}


def test_R24_R28_R139_what_the_platform_grades_counts_once_it_has_finished(played: tuple[str, int, Json]) -> None:
    name, _, report = played
    if name.endswith("reveni"):
        assert left_out(report).keys() >= _GRADED
        return
    found = rows(report)
    assert {row["status"] for scenario, row in found.items() if scenario in _GRADED} == {"CLOSED"}
    assert found["the reason decides, graded there"]["connection"].endswith("-graded")


def _erp_of(pairing: str) -> ErpCapabilities:
    return ERPS[pairing_named(pairing).erp].capabilities


def _is_of(page: Json, row: Json) -> bool:
    return row["rma"] in [rma["number"] for rma in page["rmas"]]
