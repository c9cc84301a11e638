"""R126, R128: references, SKUs and depots, both ways; settings that cannot be right are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.bluecherry.codes import Sku, extref, join_sku, key_of, split_sku, warehouse_of
from adapters.bluecherry.port import depot_problems
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from tests.adapters.bluecherry.samples import settings


@pytest.mark.parametrize(
    ("sku", "item"),
    [
        ("STY1001-BLK-080-M", Sku("STY1001", "BLK", "080", "M")),
        ("STY1001-BLK-080", Sku("STY1001", "BLK", "080", "-")),
        ("STY1001-BLK--M", Sku("STY1001", "BLK", "-", "M")),
        ("STY1001", Sku("STY1001", "-", "-", "-")),
    ],
)
def test_R6_skus_both_ways(sku: str, item: Sku) -> None:
    assert split_sku(sku, "-") == item
    assert join_sku(item, "-") == sku


@pytest.mark.parametrize("sku", ["", "-BLK", "STY-BLK-", "STY-BLK-080-M-X"])
def test_R6_a_text_that_is_no_sku_here(sku: str) -> None:
    with pytest.raises(Rejected) as refusal:
        split_sku(sku, "-")
    assert refusal.value.code is ExceptionCode.SKU_NOT_IN_MASTER
    assert refusal.value.figures == {"sku": sku}


def test_R6_a_style_that_holds_the_separator_is_no_sku_of_ours() -> None:
    with pytest.raises(Rejected):
        join_sku(Sku("STY-1001", "BLK"), "-")


def test_an_extref_is_the_key_and_back() -> None:
    key = "bh-" + "0a" * 16 + "-g-1"
    assert extref(key) == key[3:]
    assert key_of("RAH", extref(key)) == key
    for part in ("1", "12", "o", "i2"):
        assert key_of("ADJ", extref(key, part)) == key
    with pytest.raises(Rejected):
        extref(key, "12345")
    with pytest.raises(Rejected):
        extref("somebody-else")


def test_R126_depots_are_division_and_warehouse() -> None:
    assert warehouse_of("10/DM", settings()) == "DM"
    for depot in ("DM", "10/XX", "20/05", "", "10/"):
        with pytest.raises(Rejected) as refusal:
            warehouse_of(depot, settings())
        assert (refusal.value.code, refusal.value.figures) == (ExceptionCode.STOCK_REJECTED, {"depot": depot})


def test_R126_every_depot_that_is_not_one_is_named_at_start() -> None:
    raw = settings().model_dump()
    assert depot_problems(raw, ["10/01", "10/DM", "10/01"]) == []
    assert depot_problems(raw, ["01", "10/ZZ", "20/05", "10/01"]) == [
        "depot '01' is not written division/warehouse, such as '10/01'.",
        "depot '10/ZZ' is in no division's warehouses in the settings.",
        "depot '20/05' is of division 20; this connection is 10.",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"division": "30"},
        {"return_warehouse": "05"},
        {"time_zone": "Mars/Base"},
        {"drop": {"kind": "ftp", "path": "x"}},
        {"drop": {"kind": "sftp", "host": "h", "username": "u", "host_key": "guess"}, "drop_secret": "s"},
        {"drop": {"kind": "sftp", "host": "h", "username": "u"}, "drop_secret": "s"},
        {"drop_secret": "for-nothing"},
    ],
)
def test_R18_settings_that_cannot_be_right(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refusal:
        settings(**changes)
    assert "for-nothing" not in "".join(error["msg"] for error in refusal.value.errors())
