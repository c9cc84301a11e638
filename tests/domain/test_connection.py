"""Connections are checked before they are used: decision D10."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.connection import Connection, Mappings, Policy
from domain.dispositions import Disposition

ACTIONS: dict[str, dict[str, str]] = {
    "SELLABLE": {"document": "receipt", "bucket": "sellable"},
    "DAMAGED": {"document": "receipt", "bucket": "damaged"},
    "QUARANTINE": {"document": "receipt", "bucket": "quarantine"},
    "RETURN_TO_CUSTOMER": {"document": "receipt", "bucket": "quarantine"},
    "DISPOSED": {"document": "none"},
    "MISSING": {"document": "none"},
}
DEPOTS = {"sellable": "01", "damaged": "DM", "quarantine": "QT"}


def mappings(**changes: Any) -> Mappings:
    fields: dict[str, Any] = {
        "locations": {"LDN-1": DEPOTS},
        "stock_actions": ACTIONS,
        "reasons": {"changed_mind": "CM"},
        "return_types": {},
        "credit_statuses": {},
        "tax_codes": {"20.00": "20.00"},
    }
    return Mappings.model_validate(fields | changes)


def test_R23_complete_mappings_are_accepted() -> None:
    assert mappings().stock_actions[Disposition.DAMAGED].bucket == "damaged"


@pytest.mark.parametrize("missing", [disposition for disposition in Disposition if disposition.scanned])
def test_R23_every_disposition_needs_a_stock_action(missing: Disposition) -> None:
    actions = {name: action for name, action in ACTIONS.items() if name != missing}
    with pytest.raises(ValidationError, match=f"no entry for {missing}"):
        mappings(stock_actions=actions)


def test_R23_a_document_needs_a_bucket_and_every_location_its_depot() -> None:
    with pytest.raises(ValidationError, match="needs a bucket"):
        mappings(stock_actions=ACTIONS | {"DAMAGED": {"document": "receipt"}})
    with pytest.raises(ValidationError, match="LDN-1 has no depot for damaged"):
        mappings(locations={"LDN-1": {"sellable": "01", "quarantine": "QT"}})


def test_R23_unknown_dispositions_and_settings_are_refused() -> None:
    with pytest.raises(ValidationError, match="stock_actions"):
        mappings(stock_actions=ACTIONS | {"BROKEN": {"document": "none"}})
    with pytest.raises(ValidationError, match="location"):
        mappings(location={})


@pytest.mark.parametrize("disposition", ["DAMAGED", "QUARANTINE", "RETURN_TO_CUSTOMER"])
def test_R25_no_other_disposition_goes_to_the_sellable_bucket(disposition: str) -> None:
    action = {"document": "receipt", "bucket": "sellable"}
    with pytest.raises(ValidationError, match=f"{disposition} would go to the sellable bucket"):
        mappings(stock_actions=ACTIONS | {disposition: action})


def test_R25_no_other_bucket_is_the_sellable_depot() -> None:
    with pytest.raises(ValidationError, match="bucket damaged is the sellable depot 01"):
        mappings(locations={"LDN-1": DEPOTS | {"damaged": "01"}})


def test_E27_dispositions_are_translated_or_unknown() -> None:
    known = mappings(dispositions={"GRADE-A": "SELLABLE"})
    assert known.disposition("GRADE-A") is Disposition.SELLABLE
    assert known.disposition("DAMAGED") is Disposition.DAMAGED
    assert known.disposition("GRADE-B") is None
    assert known.disposition("damaged") is None, "nothing is guessed"


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("15m", timedelta(minutes=15)),
        ("3s", timedelta(seconds=3)),
        ("PT90S", timedelta(seconds=90)),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert Policy.model_validate({"deadline": text, "reminders": []}).deadline == duration


@pytest.mark.parametrize("text", ["d", "3 weeks", "-3x", ""])
def test_durations_that_say_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="deadline"):
        Policy.model_validate({"deadline": text})


@pytest.mark.parametrize("reminders", [["30d"], ["31d"], ["25d", "14d"], ["14d", "14d"]])
def test_reminders_rise_and_come_before_the_deadline(reminders: list[str]) -> None:
    with pytest.raises(ValidationError, match="reminders must rise"):
        Policy.model_validate({"deadline": "30d", "reminders": reminders})


def test_reminders_are_at_most_three() -> None:
    with pytest.raises(ValidationError, match="reminders"):
        Policy.model_validate({"reminders": ["1d", "2d", "3d", "4d"]})


@pytest.mark.parametrize(("currency", "cap"), [("JPY", 1), ("GBP", 3), ("KWD", 10), ("CLF", 10)])
def test_tolerance_caps_of_money_md_6_8(currency: str, cap: int) -> None:
    assert Policy().tolerance_cap(currency) == cap


def test_a_currency_without_a_cap_has_no_tolerance() -> None:
    assert Policy(tolerance_caps={2: 5}).tolerance_cap("JPY") == 0


@pytest.mark.parametrize("name", ["Shop", "-shop", "shop_1", "s" * 41, ""])
def test_names_become_ids_of_workflows(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Connection(name=name, platform="reveni", erp="prima", mappings=mappings())


def test_connections_share_books_by_name() -> None:
    alone = Connection(name="shop-uk", platform="reveni", erp="prima", mappings=mappings())
    assert alone.books == "shop-uk"
    assert alone.model_copy(update={"ledger": "prima-uk"}).books == "prima-uk"
