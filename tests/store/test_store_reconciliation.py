"""A whole comparison on both databases: every statement of it is one that both understand."""

from datetime import timedelta

from desk.depots import depot_report
from desk.payouts import import_payouts
from desk.periods import close_period, period_statement
from desk.reconciliation import ageing, list_runs, run_summary
from domain.resolution import Role
from store import Store
from tests.desk.defects import seeded
from tests.desk.reconciled import NAME, NOW, OLD, shop_with


async def test_N6_both_databases_find_every_defect_once(store: Store) -> None:
    shop = shop_with(store)
    expected = await seeded(shop)
    report = f"refund_id,order_number,amount,currency,paid_at\nok0-1,ORD-ok0,20.00,GBP,{OLD:%Y-%m-%d}\n".encode()
    await import_payouts(store, NAME, "file.csv", report, actor="jo", clock=lambda: NOW)
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
    [row] = (await depot_report(store, shop.connection, OLD.date())).rows
    assert (row.depot, row.difference) == ("01", 0)
