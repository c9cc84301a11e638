"""Payout reports of gateways: every line is kept once and matched or told, and bad files are refused line by line."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from desk.payouts import BadLine, ImportAnswer, import_payouts, read_payouts
from domain.exceptions import ExceptionCode
from domain.reconciliation.classes import DifferenceClass
from store import Store
from tests.desk.reconciled import NAME, NOW, OLD, Shop, shop_with

HEADER = "refund_id,order_number,amount,currency,paid_at"
DAY = f"{OLD:%Y-%m-%d}"
D = DifferenceClass


@pytest.fixture
def shop(store: Store) -> Shop:
    return shop_with(store)


async def load(shop: Shop, *lines: str, name: str = "november.csv") -> ImportAnswer:
    content = "\n".join((HEADER, *lines)).encode()
    return await import_payouts(shop.store, NAME, name, content, actor="jo", clock=lambda: NOW)


async def test_R79_R80_each_line_is_matched_or_told_with_its_order(shop: Shop) -> None:
    for name, amount in (("ok", "20.00"), ("more", "20.00"), ("twice", "20.00")):
        ref = await shop.returned(name, amount)
        await shop.restocked(ref)
        await shop.credited(ref, 2000)
    await load(
        shop,
        f"ok-1,ORD-ok,-20.00,GBP,{DAY}",
        f"more-1,ORD-more,25.00,GBP,{DAY}",
        f"twice-1,ORD-twice,20.00,GBP,{DAY}T10:00:00Z",
        f"twice-1,ORD-twice,20.00,GBP,{DAY}T11:00:00Z",
        f"rf-x,ORD-ok,7.00,GBP,{DAY}",
        f"rf-y,ORD-9999,42.00,GBP,{DAY}",
    )
    await shop.reconcile()
    found = {one.subject: one for one in await shop.differences()}
    assert {name: one.kind for name, one in found.items()} == {
        "more-1": D.UNMATCHED_PAYOUT,
        "twice-1#2": D.DUPLICATE_REFUND,
        "rf-x": D.UNMATCHED_PAYOUT,
        "rf-y": D.OUT_OF_BAND_REFUND,
    }
    assert {one.order_number for one in found.values()} == {"ORD-more", "ORD-twice", "ORD-ok", "ORD-9999"}
    assert {item.code for item in await shop.exceptions()} == {
        ExceptionCode.REFUND_MISMATCH,
        ExceptionCode.DUPLICATE_REFUND,
        ExceptionCode.OUT_OF_BAND_REFUND,
    }
    assert "ORD-9999" in found["rf-y"].text and "42.00 GBP" in found["rf-y"].text
    await shop.reconcile(NOW + timedelta(days=1))
    assert {one.id for one in await shop.differences()} == {one.id for one in found.values()}


async def test_R52_a_payout_names_the_order_of_a_refund_that_the_platform_lists_alone(shop: Shop) -> None:
    shop.paid_outside("rf-outside", "42.00")
    await load(shop, f"rf-outside,ORD-777,42.00,GBP,{DAY}")
    await shop.reconcile()
    [found] = await shop.differences()
    assert (found.kind, found.order_number) == (D.OUT_OF_BAND_REFUND, "ORD-777")


async def test_R79_a_report_counts_once_and_so_does_a_line_in_two_reports(shop: Shop) -> None:
    first = await load(shop, f"rf-1,ORD-1,7.00,GBP,{DAY}", f"rf-2,ORD-2,8.00,GBP,{DAY}", f"rf-2,ORD-2,8.00,GBP,{DAY}")
    assert (first.lines, first.fresh) == (3, 3), "the same line twice in one report is two payouts"
    again = await load(shop, f"rf-1,ORD-1,7.00,GBP,{DAY}", f"rf-2,ORD-2,8.00,GBP,{DAY}", f"rf-2,ORD-2,8.00,GBP,{DAY}")
    assert (again.repeated, again.fresh) == (True, 0)
    other = await load(shop, f"rf-2,ORD-2,8.00,GBP,{DAY}", f"rf-3,ORD-3,9.00,GBP,{DAY}", name="overlap.csv")
    assert (other.lines, other.fresh) == (2, 1)
    async with shop.store.reading() as unit:
        audit = await unit.audit.list()
    assert [entry.action for entry in audit] == ["payouts.imported"] * 2


async def test_R79_a_long_report_is_kept_in_few_statements_and_counts_each_line_once(shop: Shop) -> None:
    """Every statement of its own would hold up all that others write for minutes."""
    statements: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        first = await load(shop, *(f"rf-{n},ORD-{n},7.00,GBP,{DAY}" for n in range(1_000)))
        other = await load(shop, *(f"rf-{n},ORD-{n},7.00,GBP,{DAY}" for n in range(500, 6_000)))
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    assert (first.lines, first.fresh, other.lines, other.fresh) == (1_000, 1_000, 5_500, 5_000)
    assert len(statements) < 40


def problems(text: str) -> list[tuple[int, str]]:
    lines, found = read_payouts(text.encode())
    assert lines == [] or not found, "a report with a bad line is not kept at all"
    return [(one.line, one.reason) for one in found]


def test_R79_every_bad_line_is_named_with_its_reason() -> None:
    found = problems(
        f"{HEADER}\n"
        f"rf-1,ORD-1,7.00,GBP,{DAY}\n"
        f",ORD-1,7.00,GBP,{DAY}\n"
        f"rf-1,ORD-1,7.005,GBP,{DAY}\n"
        f"rf-1,ORD-1,seven,GBP,{DAY}\n"
        f"rf-1,ORD-1,7.00,pounds,{DAY}\n"
        "rf-1,ORD-1,7.00,GBP,yesterday\n"
        f"rf-1,ORD-1,7.00,GBP\n"
        f"rf-1,ORD-1,0.00,GBP,{DAY}\n"
    )
    assert [line for line, _ in found] == [3, 4, 5, 6, 7, 8, 9]
    assert found[0][1] == "refund_id is empty" and "7.005" in found[1][1]
    assert found[3][1] == "currency is no ISO 4217 code, such as GBP"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"refund_id,amount\nrf-1,7", "the header lacks order_number, currency, paid_at"),
        (b"", "the header lacks refund_id, order_number, amount, currency, paid_at"),
        (b"\xff\xfe", "the file is not UTF-8 text (byte 0)"),
        (b"PK\x03\x04\0\0", "the file is not text"),
        (f'{HEADER}\n"rf-1'.encode(), "this is no CSV: unexpected end of data"),
        (b"x" * 20_000_001, "the file is larger than 20 MB"),
    ],
)
def test_a_file_that_is_no_report_is_refused(content: bytes, reason: str) -> None:
    lines, [found] = read_payouts(content)
    assert lines == [] and found == BadLine(line=found.line, reason=reason)


def test_columns_may_stand_in_any_order_with_others_between() -> None:
    text = "﻿Paid_At,note,currency,amount,order_number,refund_id\r\n2026-11-21T10:00:00+02:00,x,JPY,700,ORD-1,rf-1\r\n"
    [line], found = read_payouts(text.encode())
    assert not found and (line.amount.amount, line.amount.currency) == (700, "JPY")
    assert line.paid_at.isoformat() == "2026-11-21T08:00:00+00:00"
