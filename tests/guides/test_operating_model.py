"""Who is master of what, who owns what, who speaks to the customer."""

import re
from pathlib import Path

import pytest

from adapters.registry import ERPS, PLATFORMS
from domain.catalogue import CATALOGUE
from domain.connection import Connection, InspectedBy
from domain.documents import CHARGE_PURPOSES
from domain.exceptions import ExceptionCode, Owner, Track
from domain.exchange import ExchangeState
from domain.progress import Stage
from domain.resolution import Role
from domain.stages import STAGES, owner_of_stage
from domain.track_states import TRACK_STATES
from guides.blocks import Page
from guides.erps import ERPS as ERP_FACTS
from guides.erps import erp_facts
from guides.masters import DataObject, Pair, masters_of, pairs_of
from guides.platforms import PLATFORMS as PLATFORM_FACTS
from guides.roles import ROLE_GUIDES
from guides.tracks_page import TITLES
from guides.words import team
from tests.guides.reading import prose, rows, said, section, texts

MASTERS = "Who is master of what"


def test_R97_one_table_names_the_master_of_every_data_object_for_every_pair(
    pages: dict[str, Page], connections: list[Connection]
) -> None:
    table = rows(pages["operating-model"], MASTERS)
    assert [row["What"] for row in table] == [what.value for what in DataObject]
    pairs = pairs_of(connections)
    assert {(pair.platform, pair.erp) for pair in pairs} == {(c.platform, c.erp) for c in connections}
    for row in table:
        assert all(row[pair.title] for pair in pairs), f"{row['What']} has no master somewhere"


def test_R97_every_pair_says_who_may_change_it_and_how_the_other_side_hears(
    pages: dict[str, Page], connections: list[Connection]
) -> None:
    for pair in pairs_of(connections):
        table = rows(pages["operating-model"], pair.title)
        assert [row["What"] for row in table] == [what.value for what in DataObject]
        assert all(row["Who may change it"] and row["How the other side hears"] for row in table)


@pytest.mark.parametrize(
    ("platform", "erp", "what", "master"),
    [
        ("reveni", "prima", DataObject.STOCK_VALUE, "Prima"),
        ("reveni", "prima", DataObject.TAX, "Prima"),
        ("reveni", "prima", DataObject.REFUND, "Reveni"),
        ("returngo", "prima", DataObject.REQUEST, "ReturnGO"),
        ("returngo", "prima", DataObject.STATUS, "ReturnGO"),
        ("reveni", "centra", DataObject.ORDER, "Centra"),
        ("reveni", "centra", DataObject.STOCK_QUANTITY, "Centra"),
        ("reveni", "centra", DataObject.CUSTOMER, "Centra"),
        ("reveni", "bluecherry", DataObject.ITEM, "BlueCherry"),
        ("reveni", "bluecherry", DataObject.CREDIT, "BlueCherry"),
        ("reveni", "patchworks", DataObject.CREDIT, "the ERP behind Patchworks (NetSuite)"),
    ],
)
def test_R97_R112_R119_R124_R129_R137_R139_the_masters_are_those_of_the_design(
    platform: str, erp: str, what: DataObject, master: str
) -> None:
    pair = Pair(platform=platform, erp=erp, inspected_by=InspectedBy.WAREHOUSE, connections=("a",))
    assert {row.what: row.master for row in masters_of(pair)}[what] == master


def test_R97_where_the_platform_inspects_it_is_master_of_the_inspection() -> None:
    def master(inspected_by: InspectedBy) -> str:
        pair = Pair(platform="returngo", erp="prima", inspected_by=inspected_by, connections=("a",))
        return {row.what: row.master for row in masters_of(pair)}[DataObject.INSPECTION]

    assert master(InspectedBy.PLATFORM) == "ReturnGO"
    assert master(InspectedBy.WAREHOUSE) == "Backhaul"


def test_R97_every_vendor_of_the_registry_is_described_as_it_is() -> None:
    assert ERP_FACTS.keys() == ERPS.keys()
    assert PLATFORM_FACTS.keys() == PLATFORMS.keys()
    for name, row in ERPS.items():
        facts, can = erp_facts(name), row.capabilities
        assert facts.applies_credit is can.applies_credit_to_invoice, name
        assert facts.not_carried == set(CHARGE_PURPOSES) - can.charges, name
        assert ("window" in facts.rma) is can.batch, name


def test_R97_an_erp_that_nobody_described_has_a_page_all_the_same() -> None:
    pair = Pair(platform="acme_returns", erp="acme", inspected_by=InspectedBy.WAREHOUSE, connections=("a",))
    assert pair.title == "Acme Returns with Acme"
    assert {row.what for row in masters_of(pair)} == set(DataObject)


def test_R100_the_ownership_matrix_is_the_catalogue(pages: dict[str, Page]) -> None:
    table = rows(pages["operating-model"], "Who owns which exception")
    assert {row["Exception"]: row["Owner"] for row in table} == {
        code.value: team(CATALOGUE[code].owner) for code in ExceptionCode
    }
    assert len(table) == len(ExceptionCode)


def test_R100_money_is_decided_by_finance_or_by_who_may_give_it_up(pages: dict[str, Page]) -> None:
    money = {
        row["Exception"]: row["Who decides about money"]
        for row in rows(pages["operating-model"], "Who owns which exception")
    }
    assert {money[code.value] for code in ExceptionCode if CATALOGUE[code].owner is Owner.FINANCE} == {"finance"}
    assert (money["LOST_PARCEL"], money["EXPOSURE_DUE"], money["LOCATION_UNMAPPED"]) == ("finance", "CX", "–")


def test_R100_every_owner_is_a_role_that_people_can_have() -> None:
    assert {owner.value for owner in Owner} <= {role.value for role in Role}


def test_R106_the_platform_speaks_to_the_customer_and_backhaul_does_not(pages: dict[str, Page]) -> None:
    words = " ".join(map(prose, section(pages["operating-model"], "Who speaks to the customer").paragraphs))
    assert "Backhaul never sends a message to a customer" in words
    for code in ("STATUS_DRIFT", "CANCEL_AFTER_RECEIPT"):
        assert CATALOGUE[ExceptionCode(code)].owner is Owner.CX


def test_R107_each_stage_has_one_owner(pages: dict[str, Page]) -> None:
    assert STAGES.keys() == set(Stage)
    table = rows(pages["operating-model"], "Who looks after each stage of a return")
    assert {row["Shown as"]: row["Owner"] for row in table} == {
        stage.value: ROLE_GUIDES[owner_of_stage(stage)].title for stage in Stage
    }
    assert {owner_of_stage(stage) for stage in Stage if not stage.final} == {
        Owner.CX,
        Owner.INTEGRATION,
        Owner.WAREHOUSE,
        Owner.FINANCE,
    }


def test_R107_each_state_of_a_track_has_one_owner_and_a_meaning(pages: dict[str, Page]) -> None:
    """What the console shows of a track is in the catalogue, and the other way round."""
    assert {state for _, state in TRACK_STATES} == states_shown()
    for track in (Track.RMA, Track.GOODS, Track.FINANCE, Track.EXCHANGE):
        table = rows(pages["tracks"], TITLES[track])
        assert [row["State"] for row in table] == [state for of, state in TRACK_STATES if of is track]
        assert all(row["Who looks after it"] and row["What it means"].endswith(".") for row in table)


def states_shown() -> set[str]:
    """Every word that `desk.tracks` gives as a state; those of exchanges come from their own enumeration."""
    text = (Path(__file__).parents[2] / "desk" / "tracks.py").read_text(encoding="utf-8")
    chosen = re.findall(r"state = .*", text) + re.findall(r"state=\"[A-Z_]+\"", text) + re.findall(r"return .*", text)
    words = {word for line in chosen for word in re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', line)}
    return words | {state.value for state in ExchangeState}


def test_R103_each_connection_is_named_with_its_modes_and_mapping_version(
    pages: dict[str, Page], connections: list[Connection]
) -> None:
    table = {row["Connection"]: row for row in rows(pages["operating-model"], "How each connection is set up")}
    assert table.keys() == {connection.name for connection in connections}
    for connection in connections:
        assert table[connection.name]["Mapping version"] == connection.mappings.version
    assert "credit notes in windows at 22:00" in table["us-bluecherry"]["When documents are posted"]
    assert table["uk"]["When documents are posted"] == "everything at once"
    assert "only when the returned goods are accepted" in table["uk-careful"]["What was decided"]


def test_R97_no_cell_is_empty(pages: dict[str, Page]) -> None:
    for page in pages.values():
        for one in page.sections:
            for row in one.table.rows if one.table else ():
                assert len(row) == len(one.table.columns if one.table else ())
                assert all(said(cell).strip() for cell in row), f"{page.path}: {one.title}"
        assert all(text.strip() for text in texts(page)), page.path
