"""Prima's way of saying no → our codes: one table per message, by code or by text."""

import pytest

from adapters.kit.answer import Call
from adapters.kit.once import AlreadyThere
from adapters.prima import contract
from adapters.prima.client import classify, refusal
from adapters.prima.codec import Record, Reply
from adapters.prima.contract import Message
from domain.exceptions import ExceptionCode as E
from domain.outcomes import Rejected, RetryLater

WRITES = [
    contract.NEW_RETURN,
    contract.CANCEL_RETURN,
    contract.RETURN_RECEIPT,
    contract.STOCK_ADJUSTMENT,
    contract.DEPOT_TRANSFER,
    contract.NEW_CREDIT_NOTE,
    contract.CANCEL_CREDIT_NOTE,
    contract.NEW_ORDER,
    contract.CANCEL_ORDER,
]


def trouble(message: Message, code: str, text: str = "no") -> Exception:
    return refusal(
        Call("Prima", message.name, message.write),
        message,
        Reply(False, message.name, text, code, Record("Data", {})),
    )


@pytest.mark.parametrize(
    ("message", "code", "ours"),
    [
        (contract.ORDER_DETAIL, "NOTFOUND", E.ORDER_NOT_FOUND),
        (contract.NEW_RETURN, "ORDLINE", E.VALIDATION_QTY),
        (contract.NEW_RETURN, "QTY", E.VALIDATION_QTY),
        (contract.NEW_RETURN, "SKU", E.SKU_NOT_IN_MASTER),
        (contract.NEW_RETURN, "STATUS", E.ORDER_LOCKED),
        (contract.NEW_RETURN, "DEPOT", E.RMA_REJECTED),
        (contract.NEW_RETURN, "", E.RMA_REJECTED),
        (contract.CANCEL_RETURN, "STATUS", E.RMA_REJECTED),
        (contract.RETURN_RECEIPT, "DEPOT", E.STOCK_REJECTED),
        (contract.RETURN_RECEIPT, "STATUS", E.RMA_CLOSED_IN_ERP),
        (contract.RETURN_RECEIPT, "QTY", E.STOCK_REJECTED),
        (contract.STOCK_ADJUSTMENT, "DEPOT", E.STOCK_REJECTED),
        (contract.STOCK_ADJUSTMENT, "SKU", E.STOCK_REJECTED),
        (contract.DEPOT_TRANSFER, "QTY", E.STOCK_REJECTED),
        (contract.NEW_ORDER, "QTY", E.EXCHANGE_OOS),
        (contract.NEW_ORDER, "SKU", E.SKU_NOT_IN_MASTER),
        (contract.NEW_ORDER, "NOTFOUND", E.EXCHANGE_DATA),
        (contract.NEW_ORDER, "", E.EXCHANGE_DATA),
        (contract.CANCEL_ORDER, "STATUS", E.EXCHANGE_EXPOSURE),
        (contract.NEW_CREDIT_NOTE, "APPLY", E.NOTHING_TO_APPLY),
        (contract.NEW_CREDIT_NOTE, "PERIOD", E.PERIOD_CLOSED),
        (contract.NEW_CREDIT_NOTE, "STATUS", E.CREDIT_REJECTED),
        (contract.CANCEL_CREDIT_NOTE, "PERIOD", E.PERIOD_CLOSED),
        (contract.CANCEL_CREDIT_NOTE, "STATUS", E.CREDIT_REJECTED),
    ],
)
def test_codes(message: Message, code: str, ours: E) -> None:
    found = trouble(message, code)
    assert isinstance(found, Rejected)
    assert (found.code, found.vendor_code) == (ours, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Order line 3 not found on order 2011234", "ORDLINE"),
        ("Order 2011234 not found", "NOTFOUND"),
        ("No document with TPGUID bh-1 found", "NOTFOUND"),
        ("Product P1001-BLK-080 not found", "SKU"),
        ("Product P9001 is not active", "SKU"),
        ("Depot XX does not exist", "DEPOT"),
        ("Order line 1: 2 to return but only 1 left", "QTY"),
        ("TPGUID bh-1 already used by R0004711", "DUP"),
        ("Posting period of 2026-03-20 is closed", "PERIOD"),
        ("Company record is in use", "LOCKED"),
        ("Record LOCKED by user 7", "LOCKED"),
        ("Payment blocked", ""),
        ("Order 2011240 is archived, no return can be linked to it", "STATUS"),
        ("Invoice INV2011234 has no open amount left", "APPLY"),
        ("Product P1001-BLK-090: 2 ordered but only 1 available", "QTY"),
        ("Order bh-x-1 is Despatched and cannot be changed", "STATUS"),
        ("Something new", ""),
    ],
)
def test_texts_decide_without_a_code(text: str, code: str) -> None:
    assert classify("", text) == code
    assert classify("NEWCODE", text) == code


def test_a_known_code_wins_over_the_text() -> None:
    assert classify("STATUS", "Order is locked") == "STATUS"


@pytest.mark.parametrize("message", WRITES, ids=lambda message: message.name)
def test_busy_records_are_tried_again_and_known_keys_read_back(message: Message) -> None:
    assert isinstance(trouble(message, "LOCKED"), RetryLater)
    assert isinstance(trouble(message, "SYSTEM"), RetryLater)
    assert isinstance(trouble(message, "", "record is in use by another user"), RetryLater)
    assert isinstance(trouble(message, "DUP"), AlreadyThere)


def test_addresses_do_not_reach_the_error_text() -> None:
    text = str(trouble(contract.NEW_RETURN, "", "Customer ada@example.com unknown " + "x" * 999))
    assert "ada@example.com" not in text
    assert len(text) < 250


@pytest.mark.parametrize("code", ["", "QTY", "NOTFOUND", "LOCKED", "DUP"])
def test_D8_what_prima_says_to_an_order_with_an_address_is_not_quoted(code: str) -> None:
    text = "PostCode LS1 1AA and CustomerSurname Byron do not match, call +44 113 496 0000"
    assert str(trouble(contract.NEW_ORDER, code, text)) == (
        "Prima MultiNewOrder: refused, naming CustomerSurname, PostCode"
    )
    assert str(trouble(contract.NEW_ORDER, code, "Ada Byron unknown")) == "Prima MultiNewOrder: refused"


def test_all_writes_are_marked_as_such() -> None:
    messages = [value for value in vars(contract).values() if isinstance(value, Message)]
    assert [message.name for message in messages if message.write] == [message.name for message in WRITES]
