"""ReturnGO on the suite's stage."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sandbox.returngo import ReturnGoSandbox, Verdict
from tests.conformance.erp_stage import Pace
from tests.conformance.platform_stage import PlatformCannot, PlatformProps, PlatformStage, Sent

KEY, SHOP = "conformance-returngo-key", "conformance.myshopify.com"
TOKEN = "conformance-returngo-token-0123456789abcdef"


class ReturnGoStage(PlatformStage):
    """One shop. Nothing signs its webhooks: the secret is the last part of their address."""

    cannot: ClassVar[Mapping[PlatformCannot, str]] = {
        PlatformCannot.REVIEW: "an RMA that is looked at stays Received (vendors/returngo.md)",
    }
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "probe"}
    secrets_elsewhere: ClassVar[Mapping[str, str]] = {
        "webhook_token": "of deliveries to us: test_platform_webhooks tries wrong ones"
    }
    pace: ClassVar[Pace] = Pace({"requests_per_second": 20}, 5, 0.25)
    quota: ClassVar[Mapping[str, object]] = {"daily_calls": 3, "urgent_reserve": 1}
    in_flight: ClassVar[int | None] = 1
    note: ClassVar[str] = "comment_added"

    def __init__(self, props: PlatformProps) -> None:
        self.sandbox: ReturnGoSandbox = ReturnGoSandbox(
            SHOP, KEY, props.webhook_url, props.journal, props.faults, daily_quota=None, rate_limit=None
        )

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "base_url": url,
            "shop_name": SHOP,
            "api_key": KEY,
            "webhook_token": TOKEN,
            "instant_policies": ["Instant refund"],
            "daily_calls": 1_000_000,
            "urgent_reserve": 0,
            "requests_per_second": 1000,
            "timeout_seconds": 5,
        }

    def arrived(self, headers: Mapping[str, str], body: bytes) -> Sent:
        return Sent(headers, body, TOKEN)

    def genuine(self, body: bytes, now: datetime) -> Sent:
        return Sent({}, body, TOKEN)

    def forged(self, sent: Sent) -> Sequence[Sent]:
        tokens = ("", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), TOKEN[::-1], "Ω" * len(TOKEN), "\udce9")
        other_shop = sent.body.replace(SHOP.encode(), b"another.myshopify.com")
        return (*(Sent(sent.headers, sent.body, token) for token in tokens), Sent(sent.headers, other_shop, TOKEN))

    def inspect(self, return_id: str, accepted: int, rejected: int) -> None:
        items = [str(item["returnedItemId"]) for item in self.sandbox.get(return_id)["items"]]
        good = [Verdict(item, returned=True, restockable=True) for item in items[:accepted]]
        lost = [
            Verdict(item, returned=False, restockable=False, reason="missing")
            for item in items[accepted : accepted + rejected]
        ]
        self.sandbox.validate(return_id, [*good, *lost])
