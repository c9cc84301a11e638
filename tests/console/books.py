"""A reconciliation, a closed month, alerts and an account, for the tests that walk all pages."""

from datetime import date

from domain.accounts import AccountRole
from store import Store
from tests.store.given import NOW

RUN = "shop/2026-11-01..2026-12-01/1"
ACCOUNT = "sample"


async def fill_books(store: Store) -> None:
    """What the pages of finance and administration show."""
    async with store.begin() as unit:
        run = await unit.reconciliation.begin(
            "shop", date(2026, 11, 1), date(2026, 12, 1), execution="walk", tells=False, now=NOW
        )
        assert run.name == RUN
        await unit.periods.close("shop", "2025-01", "jo", {"ready": True}, NOW)
        await unit.accounts.add(ACCOUNT, [AccountRole.VIEWER], "", "test", NOW)
