"""Root causes: what is one group, and what is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from pydantic import JsonValue

from domain.exceptions import ExceptionCode
from domain.grouping import RootCause, root_cause


@dataclass(frozen=True)
class Item:
    """An exception, as far as grouping looks at it."""

    code: ExceptionCode
    payload: Mapping[str, JsonValue] = field(default_factory=dict)
    connection: str = "uk"


SKU = ExceptionCode.SKU_NOT_IN_MASTER


@pytest.mark.parametrize(
    ("code", "payload", "wrong"),
    [
        ("SKU_NOT_IN_MASTER", {"skus": "P1-BLK"}, "SKU P1-BLK"),
        ("SKU_NOT_IN_MASTER", {"sku": "P1-BLK", "vendor_code": "SKU", "order": "7"}, "SKU P1-BLK"),
        ("SKU_NOT_IN_MASTER", {"vendor_code": "SKU", "lines": "1: 1 x P1"}, "vendor's code SKU"),
        ("BUNDLE_RECIPE_MISSING", {"sku": "KIT-1"}, "SKU KIT-1"),
        ("VALIDATION_QTY", {"sku": "OLD", "unknown_sku": "OLD", "order_line": "1"}, "SKU OLD"),
        ("EXCHANGE_OOS", {"sku": "P1", "faults": "P1 of order 7 is sold out", "fields": "sku"}, "SKU P1"),
        ("EXCHANGE_DATA", {"sku": "P1", "fields": "Postcode, Town", "faults": "x"}, "fields Postcode, Town"),
        ("REASON_UNMAPPED", {"sku": "P1", "order_line": "2", "reason": "too_ugly"}, "reason too_ugly"),
        ("LOCATION_UNMAPPED", {"location": "LDN-9", "bucket": "damaged"}, "location LDN-9"),
        ("DISPOSITION_UNMAPPED", {"disposition": "Z", "sku": "P1"}, "disposition Z"),
        ("TAX_CODE_UNMAPPED", {"tax_code": "17.50"}, "tax code 17.50"),
        ("CONFIG_INVALID", {"charge": "fee"}, "charge fee"),
        ("CONFIG_INVALID", {"return_type": "mixed"}, "return type mixed"),
        (
            "RMA_REJECTED",
            {"vendor_code": "LEN", "order": "7", "customer": "C1", "lines": "1: 1 x P1"},
            "vendor's code LEN",
        ),
        ("STOCK_REJECTED", {"depot": "09", "vendor_code": "DEPOT"}, "vendor's code DEPOT, depot 09"),
        ("CREDIT_REJECTED", {"vendor_code": "NOCUST", "document": "bh-1-c-1"}, "vendor's code NOCUST"),
        ("CONNECTION_DOWN", {"system": "prima"}, "system prima"),
    ],
)
def test_R72_the_one_thing_that_is_wrong_names_the_cause(code: str, payload: dict[str, JsonValue], wrong: str) -> None:
    assert root_cause(Item(ExceptionCode(code), payload)).wrong == wrong


@pytest.mark.parametrize(
    ("code", "payload"),
    [
        ("REFUND_MISMATCH", {"refund": "rf-1", "refund_amount": "20.00"}),
        ("VALIDATION_QTY", {"sku": "P1", "order_line": "1", "quantity": "3"}),
        ("ORDER_NOT_FOUND", {"order": "7", "vendor_code": "NOTFOUND"}),
        ("UNEXPECTED_SKU", {"line": "1", "sku": "P1"}),
        ("LOST_PARCEL", {}),
        ("SKU_NOT_IN_MASTER", {"skus": " ", "sku": None, "vendor_code": 7}),
    ],
)
def test_R72_a_cause_of_the_return_itself_is_one_group_a_code(code: str, payload: dict[str, JsonValue]) -> None:
    other = Item(ExceptionCode(code), {"refund": "another", "line": "9"})
    assert root_cause(Item(ExceptionCode(code), payload)) == root_cause(other)
    assert root_cause(other).wrong == ""


def test_R72_connection_code_and_cause_tell_groups_apart() -> None:
    items = [
        Item(SKU, {"skus": "P1"}),
        Item(SKU, {"skus": "P2"}),
        Item(SKU, {"skus": "P1"}, connection="de"),
        Item(SKU, {"skus": "P1, P2"}),
        Item(ExceptionCode.BUNDLE_RECIPE_MISSING, {"sku": "P1"}),
    ]
    same = Item(SKU, {"sku": "P1", "step": "elsewhere"})
    ids = [root_cause(item).id for item in items]
    assert len(set(ids)) == len(ids)
    assert root_cause(same).id == ids[0]


def test_R72_the_id_of_a_group_is_the_same_everywhere() -> None:
    cause = RootCause(connection="uk", code=SKU, wrong="SKU P1-BLK")
    assert cause.id == root_cause(Item(SKU, {"skus": "P1-BLK"})).id == "g-d631548471"
