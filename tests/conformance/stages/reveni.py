"""Reveni on the suite's stage."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sandbox.reveni import ReveniSandbox
from tests.conformance.erp_stage import Pace
from tests.conformance.platform_stage import PlatformCannot, PlatformProps, PlatformStage, Sent

KEY, STORE = "conformance-reveni-key", "conformance-store"
HEADER = "x-reveni-signature"


class ReveniStage(PlatformStage):
    """One store. Its API key signs its webhooks."""

    cannot: ClassVar[Mapping[PlatformCannot, str]] = {
        PlatformCannot.COUNT_CALLS: "Reveni limits calls per second, not per day (vendors/reveni.md)",
    }
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "probe"}
    pace: ClassVar[Pace] = Pace({"requests_per_second": 20}, 5, 0.25)
    note: ClassVar[str] = "note_added"

    def __init__(self, props: PlatformProps) -> None:
        self.sandbox: ReveniSandbox = ReveniSandbox(STORE, KEY, props.webhook_url, props.journal, props.faults)

    def settings(self, url: str) -> dict[str, Any]:
        return {
            "base_url": url,
            "store_id": STORE,
            "api_key": KEY,
            "requests_per_second": 1000,
            "timeout_seconds": 5,
        }

    def arrived(self, headers: Mapping[str, str], body: bytes) -> Sent:
        return Sent(headers, body)

    def genuine(self, body: bytes, now: datetime) -> Sent:
        return Sent({HEADER: _signed(KEY, body, now)}, body)

    def forged(self, sent: Sent) -> Sequence[Sent]:
        header = sent.headers[HEADER]
        other = dict(sent.headers) | {HEADER: header[:-1] + ("0" if header[-1] != "0" else "1")}
        time = header.partition(",")[0]
        return (
            Sent({}, sent.body),
            Sent(other, sent.body),
            Sent(sent.headers, sent.body.replace(b"return", b"retorn", 1)),
            Sent(sent.headers, sent.body + b" "),
            Sent(dict(sent.headers) | {HEADER: header.replace("v1=", "v0=")}, sent.body),
            Sent(dict(sent.headers) | {HEADER: f"{time},v1="}, sent.body),
            Sent(dict(sent.headers) | {HEADER: f"{time}1,{header.partition(',')[2]}"}, sent.body),
            Sent(
                {HEADER: _signed("another key", sent.body, datetime.fromtimestamp(float(time[2:])).astimezone())},
                sent.body,
            ),
        )


def _signed(key: str, body: bytes, now: datetime) -> str:
    """vendors/reveni.md: HMAC-SHA256 of the time, a point and the raw body."""
    time = f"{now.timestamp():.6f}"
    return f"t={time},v1={hmac.new(key.encode(), time.encode() + b'.' + body, 'sha256').hexdigest()}"
