"""The measures as Prometheus reads them, and the alert rules over them."""

import re
from pathlib import Path

import yaml

from desk.metrics import metrics_text
from domain.exceptions import ExceptionCode
from domain.latency import PostingStage
from domain.returns import ReturnRef
from store import Store
from tests.desk.measured import HOUR, MINUTE, SHOP, posted
from tests.store.given import NOW, delivery, platform_return

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"


async def fill(store: Store) -> None:
    """Two stock documents, one of which waited for a window; a return without RMA; a platform that is down."""
    async with store.begin() as unit:
        await posted(unit, PostingStage.STOCK, 1, 20 * MINUTE, window=2 * HOUR, depot="01")
        await posted(unit, PostingStage.STOCK, 2, MINUTE / 20, depot="01")
        ref = ReturnRef(connection="shop", return_id="R9")
        await unit.returns.save_platform_return(ref, platform_return(return_id="R9"), NOW)
        await unit.exceptions.open_for_connection("shop", ExceptionCode.CONNECTION_DOWN, "no", NOW, system="reveni")
        await unit.inbox.accept("shop", delivery(), "digest", "", NOW)


async def test_R90_N10_the_metrics_show_real_delay_and_windows_apart(store: Store) -> None:
    await fill(store)
    lines = set((await metrics_text(store, [SHOP], NOW + 3 * HOUR)).splitlines())
    where = 'connection="shop",depot="01",erp="prima"'
    wanted = {
        f'backhaul_stage_latency_seconds_bucket{{{where},le="5.0",stage="stock"}} 1.0',
        f'backhaul_stage_latency_seconds_bucket{{{where},le="1800.0",stage="stock"}} 2.0',
        f'backhaul_stage_latency_seconds_gsum{{{where},stage="stock"}} 1203.0',
        f'backhaul_window_wait_seconds_bucket{{{where},le="3600.0",stage="stock"}} 0.0',
        f'backhaul_window_wait_seconds_bucket{{{where},le="+Inf",stage="stock"}} 1.0',
        'backhaul_open_oldest_seconds{connection="shop",depot="",erp="prima",stage="rma"} 10800.0',
        'backhaul_stage_agreed_seconds{connection="shop",stage="credit"} 86400.0',
        'backhaul_connection_up{connection="shop",side="platform",system="reveni"} 0.0',
        'backhaul_connection_up{connection="shop",side="erp",system="prima"} 1.0',
        'backhaul_exceptions_open{code="CONNECTION_DOWN",connection="shop",owner="integration"} 1.0',
        'backhaul_inbox_backlog{connection="shop"} 1.0',
        'backhaul_returns{stage="VALIDATING"} 1.0',
    }
    assert wanted - lines == set()
    next_day = await metrics_text(store, [SHOP], NOW + 30 * HOUR)
    assert "backhaul_stage_latency_seconds_bucket" not in next_day


async def test_R102_every_alert_rule_asks_for_metrics_that_exist_and_names_a_page_that_exists(store: Store) -> None:
    await fill(store)
    text = await metrics_text(store, [SHOP], NOW + 3 * HOUR)
    known = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"backhaul_\w+", rule["expr"])}
    assert {name.removesuffix("_bucket") for name in asked} - known == set()
    assert len(asked) >= 7
    missing = [rule["alert"] for rule in rules if not (ROOT / rule["annotations"]["runbook"]).is_file()]
    assert missing == []
