"""Connections of rehearsals and preflights, as they stand in a TOML file."""

from pathlib import Path
from typing import Any

from tests.world import connection_table

DAILY = {"opens": ["22:00"], "zone": "UTC", "length": "15m"}


def batch_table(platform_url: str, erp_url: str, drop: Path, shop: str = "shop.myshopify.com") -> dict[str, Any]:
    """ReturnGO, whose users inspect, with BlueCherry, which takes everything at 22:00."""
    table = connection_table("http://unused.example", "http://unused.example", "us")
    for name in ("prima", "reveni"):
        table.pop(name)
    depots = {"sellable": "10/01", "damaged": "10/DM", "quarantine": "10/QT", "hold": "10/HC"}
    table["mappings"] |= {
        "locations": {"LDN-1": dict(depots), "platform": dict(depots)},
        "dispositions": {
            "restockable": "SELLABLE",
            "not_restockable": "DAMAGED",
            "not_returned": "MISSING",
        },
        "tax_codes": {"TAX": "TAX"},
        "credit_statuses": {"POSTED": "live", "VOIDED": "void"},
        "reasons": {"changed_mind": "NA"},
    }
    table["policy"] |= {"inspected_by": "platform"}
    table["timing"] = {"rma": DAILY, "stock": DAILY, "credit": DAILY}
    return table | {
        "platform": "returngo",
        "erp": "bluecherry",
        "ledger": "bc-test",
        "returngo": {
            "base_url": platform_url,
            "shop_name": shop,
            "api_key_env": "RG_KEY",
            "webhook_token_env": "RG_TOKEN",
            "order_reference": "order_id",
        },
        "bluecherry": {
            "base_url": erp_url,
            "api_key_env": "BC_KEY",
            "division": "10",
            "warehouses": {"10": ["01", "02", "DM", "QT", "HC"]},
            "return_warehouse": "QT",
            "exchange_warehouse": "01",
            "exchange_order_type": "EX",
            "drop": {"kind": "directory", "path": str(drop)},
        },
    }
