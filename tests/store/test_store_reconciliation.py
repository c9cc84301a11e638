"""A whole comparison on both databases: every statement of it is one that both understand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from desk.depots import depot_report
from desk.periods import close_period, period_statement
from desk.reconciliation import ageing, list_runs, run_summary
from domain.exceptions import ResolutionKind
from domain.resolution import Role
from store import Store
from tests.desk.defects import clean, seeded
from tests.desk.reconciled import NAME, NOW, OLD, shop_with

pytestmark = pytest.mark.verify


async def test_N6_both_databases_find_every_defect_once(store: Store) -> None:
    shop = shop_with(store)
    expected = await seeded(shop)
    for minutes in (0, 1):
        await shop.reconcile(NOW + timedelta(minutes=minutes))
        assert {(one.kind, one.subject) for one in await shop.differences()} == set(expected)
    latest, before = await list_runs(store, NAME)
    summary = await run_summary(store, latest.name)
    assert summary is not None and summary.foots and latest.pulled == before.pulled
    assert sum(one.count for one in await ageing(store, NAME, NOW)) == len(expected)
    statement = await period_statement(store, NAME, "2026-11", NOW)
    assert len(statement.blockers) > sum(1 for code in expected.values() if code)
    answer = await close_period(store, NAME, "2026-11", actor="jo", role=Role.FINANCE, clock=lambda: NOW)
    assert answer.outcome == "refused"
    item = (await shop.exceptions())[0]
    async with store.begin() as unit:
        decision = await shop.decided(item, ResolutionKind.DONE_BY_HAND, "CN-1")
        await unit.exceptions.resolve(item.id, item.version, decision, NOW)
    assert item.id not in {one.id for one in (await period_statement(store, NAME, "2026-11", NOW)).blockers}
    [row] = (await depot_report(store, shop.connection, OLD.date())).rows
    assert (row.depot, row.difference) == ("01", 0)


async def test_R84_both_databases_keep_the_statement_of_a_closed_month_and_tell_what_came_later(store: Store) -> None:
    shop, after = shop_with(store), datetime(2026, 12, 2, 5, 0, tzinfo=UTC)
    days: dict[str, Any] = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}
    await clean(shop, "ok")
    await shop.reconcile(after, **days)
    answer = await close_period(store, NAME, "2026-11", actor="jo", role=Role.FINANCE, clock=lambda: after)
    assert answer.outcome == "closed"
    shop.paid_outside("rf-1", "42.00")
    await shop.reconcile(after + timedelta(days=1), **days)
    statement = await period_statement(store, NAME, "2026-11", after)
    assert statement.ready and statement.sides == answer.statement.sides
    assert [one.text.endswith("2026-11 is closed already") for one in statement.since_close] == [True]
