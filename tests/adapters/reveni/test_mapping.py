"""Reveni's JSON in our words: shapes, words, money texts, and what parks."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reveni.contract import PHASES, WireReturn
from adapters.reveni.mapping import OrderReference, read_wire, to_return
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import PlatformPhase, PlatformReturn, RefundState, ReturnKind
from tests.adapters.reveni.bodies import RETURN_ID, body, item

PERSONAL = ("shopper@example.com", "Zoë", "Müller-Geheim", "600 123 456")


def mapped(raw: object, reference: OrderReference = "external_id") -> PlatformReturn:
    return to_return(read_wire(WireReturn, raw, "return"), reference)


def refusal(raw: object, reference: OrderReference = "external_id") -> str:
    with pytest.raises(Rejected) as refused:
        mapped(raw, reference)
    assert refused.value.code is ExceptionCode.EVENT_INVALID
    return str(refused.value)


def patched(path: str, value: object) -> dict[str, Any]:
    """The contract's return with one nested field replaced; `...` removes it."""
    raw = body()
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    where: Any = raw
    for step in steps:
        where = where[step]
    if value is ...:
        del where[last]
    else:
        where[last] = value
    return raw


def test_the_return_of_the_contract() -> None:
    ret = mapped(body())
    assert (ret.return_id, ret.order_number, ret.currency) == (RETURN_ID, "5551234567890", "EUR")
    assert (ret.kind, ret.instant, ret.phase) == (ReturnKind.MIXED, True, PlatformPhase.AUTHORISED)
    assert ret.platform_status == "in_progress"
    assert (ret.fee_text, ret.shipping_text, ret.bonus_text) == ("3.4200", "0.0000", "0.0000")
    assert ret.tracking_number == "PQ123"
    assert ret.expires_at and ret.expires_at.isoformat() == "2026-04-01T10:15:30+00:00"
    shirt, trousers = ret.lines
    assert shirt.line_id == "11223344/TS-BLU-M" and shirt.order_line_id == "11223344"
    assert (shirt.quantity, shirt.reason, shirt.exchange) == (1, "size_too_small", False)
    assert [wish.exchange_id for wish in ret.exchanges] == ["11223345/TR-BLK-40>TR-BLK-42"]
    assert (ret.due_text, ret.paid_text) == ("0", "5.0000")
    assert trousers.exchange and trousers.item_ids == ["0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f"]
    [refund] = ret.refunds
    assert (refund.state, refund.amount_text, refund.currency) == (RefundState.PAID, "26.5300", "EUR")
    assert refund.created_at and refund.created_at.isoformat() == "2026-03-02T10:16:00+00:00"


def test_personal_data_is_not_mapped() -> None:
    text = mapped(body()).model_dump_json()
    assert [word for word in PERSONAL if word in text] == []


def test_the_customer_is_never_looked_at() -> None:
    assert mapped(body(customer=["anything", {"at": "all"}])) == mapped(body())


@pytest.mark.parametrize(("status", "phase"), list(PHASES.items()))
def test_every_status(status: str, phase: PlatformPhase) -> None:
    assert mapped(body(status=status)).phase is phase


def test_every_phase_has_a_status() -> None:
    assert set(PHASES.values()) == set(PlatformPhase)


@pytest.mark.parametrize("mode", ["instant", "not_instant"])
def test_modes(mode: str) -> None:
    assert mapped(body(mode=mode)).instant is (mode == "instant")


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("status", "frozen"),
        ("type", "swap"),
        ("mode", "slow"),
        ("return_items.1.status", "maybe"),
        ("refunds.0.status", "bounced"),
    ],
)
def test_an_unknown_word_is_named_with_its_place(path: str, word: str) -> None:
    assert refusal(patched(path, word)) == f"Reveni's {path} is '{word}', which we do not know"


def test_a_word_that_is_no_word_is_not_quoted() -> None:
    assert refusal(body(status="Zoë Müller <zoe@example.com>")) == "Reveni's status is not a plain word"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", ...),
        ("id", "../x"),
        ("id", 7),
        ("type", ...),
        ("mode", ...),
        ("status", None),
        ("currency", "eur"),
        ("currency", ...),
        ("order", ...),
        ("order", "5551234567890"),
        ("order.external_id", True),
        ("return_items", ...),
        ("return_items", {}),
        ("return_items.0", "item"),
        ("return_items.0.id", ...),
        ("return_items.0.sku", ""),
        ("return_items.0.sku", None),
        ("return_items.0.quantity", ...),
        ("return_items.0.quantity", 0),
        ("return_items.0.quantity", -1),
        ("return_items.0.quantity", "1"),
        ("return_items.0.quantity", True),
        ("return_items.0.quantity", Decimal("1.5")),
        ("return_items.0.quantity", 10**9),
        ("return_items.0.status", ...),
        ("refunds.0.id", ...),
        ("refunds.0.amount", ...),
        ("refunds.0.amount", None),
        ("refunds.0.amount", []),
        ("refunds.0.currency", ""),
        ("refunds.0.created_at", "yesterday"),
        ("refunds", "none"),
        ("breakdown.fees", {"amount": "1"}),
        ("shipment.tracking_number", ["PQ123"]),
        ("expires_at", "2026-04-01T10:15:30"),
        ("expires_at", 1775038530),
    ],
)
def test_an_unusable_field_is_named_by_its_path(path: str, value: object) -> None:
    text = refusal(patched(path, value))
    assert f": {path} " in text
    assert [word for word in PERSONAL if word in text] == []


@pytest.mark.parametrize("raw", [None, [], "text", 7, {}])
def test_no_return_at_all(raw: object) -> None:
    assert refusal(raw).startswith("Reveni's return: ")


def test_a_refusal_quotes_no_content() -> None:
    raw = patched("return_items.0.quantity", "shopper@example.com")
    with pytest.raises(Rejected) as refused:
        mapped(raw)
    assert "shopper" not in repr(refused.value) and refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "path", ["breakdown", "refunds", "payments", "shipment", "expires_at", "updated_at", "exchange_orders"]
)
@pytest.mark.parametrize("value", [None, ...])
def test_optional_blocks_may_be_null_or_missing(path: str, value: object) -> None:
    ret = mapped(patched(path, value))
    assert ret.return_id == RETURN_ID
    if path == "breakdown":
        assert (ret.fee_text, ret.shipping_text, ret.bonus_text) == ("0", "0", "0")


@pytest.mark.parametrize("value", [None, "", ...])
def test_an_item_without_order_line(value: object) -> None:
    line = mapped(patched("return_items.0.external_id", value)).lines[0]
    assert (line.order_line_id, line.line_id) == ("", "/TS-BLU-M")


@pytest.mark.parametrize("value", [None, "", ...])
def test_an_order_without_the_chosen_reference(value: object) -> None:
    assert "order.external_id is missing" in refusal(patched("order.external_id", value))
    assert mapped(patched("order.external_id", value), "number").order_number == "#1001"
    assert "order.number is missing" in refusal(patched("order.number", value), "number")


def test_a_whole_number_as_reference() -> None:
    assert mapped(patched("order.external_id", 5551234567890)).order_number == "5551234567890"


@pytest.mark.parametrize(
    ("number", "text"),
    [("26.53", "26.53"), ("26.5300", "26.5300"), ("1e3", "1000"), ("0.1", "0.1"), ("7", "7")],
)
def test_json_numbers_become_exact_text(number: str, text: str) -> None:
    raw = json.loads(json.dumps(body()).replace('"26.5300", "currency"', f'{number}, "currency"'), parse_float=Decimal)
    assert mapped(raw).refunds[0].amount_text == text


def test_split_parts_are_one_line() -> None:
    parts = [
        item("a1", 1, "accepted", return_reason="too_big"),
        item("b1", 2, line="2", sku="TR"),
        item("a2", 2, "rejected"),
        item("a3", 3, "for_review", exchange={"sku": "TS-L", "quantity": 3, "unit_price": "9.9500"}),
        item("c1", 1, line="1", sku="OTHER"),
    ]
    first, second, third = mapped(body(return_items=parts)).lines
    assert (first.line_id, first.quantity, first.accepted, first.rejected) == ("1/TS", 6, 1, 2)
    assert (first.item_ids, first.reason, first.exchange) == (["a1", "a2", "a3"], "too_big", True)
    assert (second.line_id, second.quantity, second.accepted) == ("2/TR", 2, 0)
    assert third.line_id == "1/OTHER"


def test_a_finished_request_needs_items() -> None:
    assert "return_items is empty" in refusal(body(return_items=[]))
    assert mapped(body(status="incomplete", return_items=[])).lines == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PATHS = (
    "id type mode status currency order order.external_id return_items return_items.0 "
    "return_items.0.quantity return_items.0.status return_items.0.exchange return_items.1.exchange.quantity "
    "return_items.1.exchange.sku return_items.1.exchange.unit_price return_items.0.keep_item breakdown breakdown.fees "
    "breakdown.total payments payments.0 payments.0.id payments.0.amount payments.0.currency payments.0.status "
    "refunds refunds.0 refunds.0.amount refunds.0.created_at shipment expires_at updated_at"
).split()


def mapped_or_refused(raw: object) -> PlatformReturn | ExceptionCode:
    try:
        return mapped(raw)
    except Rejected as refused:
        return refused.code


@given(st.sampled_from(PATHS), JSON)
def test_whatever_comes_is_mapped_or_refused(path: str, value: object) -> None:
    outcome = mapped_or_refused(patched(path, value))
    assert isinstance(outcome, PlatformReturn) or outcome is ExceptionCode.EVENT_INVALID


@pytest.mark.parametrize("number", [Decimal("1e999999999"), Decimal("1e-999999999"), Decimal("1e41")])
def test_a_number_that_would_fill_the_memory(number: Decimal) -> None:
    assert "refunds.0.amount cannot be used" in refusal(patched("refunds.0.amount", number))
