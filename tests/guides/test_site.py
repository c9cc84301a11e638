"""The guides state what this site decided, and change with it (R101, R103, N16)."""

from datetime import timedelta
from typing import Any

import pytest

from domain.connection import (
    ClosedPeriod,
    Connection,
    CreditOn,
    ExchangeOn,
    FeePolicy,
    InspectedBy,
    Policy,
    ShippingPolicy,
)
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode
from domain.limits import Limits
from domain.windows import Timing
from guides.blocks import Page
from guides.connection_page import DISPOSITION_TEXTS, connection_page
from guides.pages import all_pages, runbook
from guides.settings import MODES, undescribed
from guides.words import span
from tests.guides.reading import rows, section, whole


def changed(connection: Connection, **parts: Any) -> Connection:
    """The connection with other mappings, policy, timing or limits."""
    return Connection.model_validate({**connection.model_dump(), **parts})


def with_mapping(connection: Connection, **mappings: Any) -> Connection:
    return changed(connection, mappings={**connection.mappings.model_dump(), **mappings})


def page_of(connection: Connection) -> Page:
    return connection_page(connection, [connection])


def test_R103_a_connection_states_its_modes(connections: list[Connection]) -> None:
    for connection in connections:
        table = {row["Decision"]: row for row in rows(page_of(connection), "What was decided")}
        assert table["Credit notes"]["Setting"] == connection.policy.credit_on
        assert table["Exchange orders"]["What it means"] == MODES[connection.policy.exchange_on]
        assert table["Inspections"]["What it means"] == MODES[connection.policy.inspected_by]
        assert table["Closed periods"]["Setting"] == connection.policy.closed_period


def test_R103_every_mode_that_a_site_can_choose_has_words() -> None:
    choices = (CreditOn, ExchangeOn, InspectedBy, ClosedPeriod, ShippingPolicy, FeePolicy)
    assert MODES.keys() == {choice for kind in choices for choice in kind}
    assert len(set(MODES.values())) == len(MODES)


def test_R103_every_setting_of_policy_and_limits_has_words_without_ids_of_ours(connections: list[Connection]) -> None:
    assert undescribed() == []
    page = page_of(connections[0])
    assert len(rows(page, "Agreed times")) == len(Limits.model_fields)
    labels = [row["What"] for row in (*rows(page, "Agreed times"), *rows(page, "Times and figures"))]
    assert len(set(labels)) == len(labels)
    assert len(rows(page, "Times and figures")) == len(Policy.model_fields) - len(rows(page, "What was decided"))


@pytest.mark.parametrize("name", ["uk", "uk-outlet", "de-centra", "us-bluecherry", "nl-patchworks"])
def test_R103_a_connection_states_every_mapping(
    name: str, pages: dict[str, Page], connections: list[Connection]
) -> None:
    connection = next(one for one in connections if one.name == name)
    page, mappings = pages[f"connections/{name}"], connection.mappings
    depots = [(row["Where inspected"], row["Kind of depot"]) for row in rows(page, "Depots")]
    assert depots == [(place, bucket) for place, buckets in mappings.locations.items() for bucket in buckets]
    for title, mapping in (
        ("Codes of the inspectors", mappings.dispositions),
        ("Dispositions by reason", mappings.reason_dispositions),
        ("Return reasons", mappings.reasons),
        ("Kinds of return", mappings.return_types),
        ("States of a credit note", mappings.credit_statuses),
        ("Tax codes", mappings.tax_codes),
        ("Charges", mappings.charges),
    ):
        shown = [tuple(row.values()) for row in rows(page, title)] if mapping else []
        assert shown == [(key, str(value)) for key, value in mapping.items()], title
    assert mappings.version in whole(page)


def test_R103_a_connection_states_its_windows(pages: dict[str, Page]) -> None:
    table = {
        row["Documents"]: row["When"] for row in rows(pages["connections/us-bluecherry"], "When documents are posted")
    }
    assert table["Credit notes"] == "in windows at 22:00 (America/New_York), open for 30 minutes"
    assert table["Stock documents"].startswith("in windows at 06:15, 10:15, 14:15 and 18:15")
    assert {row["When"] for row in rows(pages["connections/uk"], "When documents are posted")} == {"at once"}


def test_R103_R36_each_class_of_documents_has_its_own_timing(connections: list[Connection]) -> None:
    timing = Timing.model_validate({"credit": {"every": "12h", "length": "30m"}})
    page = page_of(connections[0].model_copy(update={"timing": timing}))
    table = {row["Documents"]: row["When"] for row in rows(page, "When documents are posted")}
    assert table["Credit notes"] == "in a window every 12 hours, open for 30 minutes"
    assert table["RMAs and exchange orders"] == "at once"


def test_R101_a_changed_mapping_changes_the_page_and_its_version(connections: list[Connection]) -> None:
    before = connections[0]
    after = with_mapping(before, reasons={**before.mappings.reasons, "too_itchy": "TI"})
    shown = rows(page_of(after), "Return reasons")
    assert {"Reason on the platform": "too_itchy", "Code in the ERP": "TI"} in shown
    assert before.mappings.version not in whole(page_of(after))
    assert after.mappings.version in whole(page_of(after))


def test_R101_N16_a_runbook_states_the_mapping_that_it_is_about(connections: list[Connection]) -> None:
    before = connections[0]
    depots = before.mappings.locations["LDN-1"]
    after = with_mapping(before, locations={**before.mappings.locations, "MAN-2": depots})
    old, new = (
        rows(runbook(ExceptionCode.LOCATION_UNMAPPED, [connection]), "On your site") for connection in (before, after)
    )
    assert [row["Locations that have depots"] for row in (*old, *new)] == ["LDN-1", "LDN-1, MAN-2"]


def test_R101_N16_a_runbook_states_the_times_and_choices_of_the_site(connections: list[Connection]) -> None:
    policy = connections[0].policy.model_dump() | {"grace": "9d", "closed_period": "next_month"}
    connection = changed(connections[0], policy=policy)
    assert "9 days" in whole(runbook(ExceptionCode.LATE_RETURN, [connection]))
    assert MODES[ClosedPeriod.NEXT_MONTH] in whole(runbook(ExceptionCode.PERIOD_CLOSED, [connection]))


def test_R101_a_new_connection_has_a_page_and_stands_in_every_guide(connections: list[Connection]) -> None:
    added = changed(connections[0], name="fr")
    paths = {page.path: page for page in all_pages([*connections, added])}
    assert "connections/fr" in paths
    for path in ("index", "operating-model", "finance", "warehouse", "cx", "merchandising", "operations"):
        assert "fr" in {word.strip(",.") for word in whole(paths[path]).split()}, path


def test_R101_the_runbooks_say_what_the_catalogue_says(pages: dict[str, Page]) -> None:
    """The same words as in the queue: nobody keeps a second copy."""
    assert section(pages["runbooks/LOST_PARCEL"], "What to do").steps
    assert whole(pages["runbooks/LOST_PARCEL"]).startswith("The carrier reports the parcel as lost")


def test_R103_connections_that_share_their_books_say_so(pages: dict[str, Page]) -> None:
    assert "shared with uk-fast, uk-careful and uk-outlet" in whole(pages["connections/uk"])
    assert "shared with" not in whole(pages["connections/de-centra"])


def test_R103_no_secret_and_no_address_of_a_vendor_gets_into_a_guide(
    written: dict[str, str], connections: list[Connection]
) -> None:
    texts = "\n".join(written.values())
    for connection in connections:
        for setting in (*connection.platform_settings.values(), *connection.erp_settings.values()):
            if isinstance(setting, str) and (setting.startswith(("http", "BACKHAUL_")) or "/var/" in setting):
                assert setting not in texts


def test_R103_every_disposition_has_words() -> None:
    assert DISPOSITION_TEXTS.keys() == set(Disposition)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(30, "30 seconds"), (60, "1 minute"), (5_400, "1 hour 30 minutes"), (2_592_000, "30 days"), (0, "no time")],
)
def test_R103_spans_read_as_people_say_them(seconds: int, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text
