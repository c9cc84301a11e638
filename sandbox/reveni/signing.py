"""The webhook signature: `X-REVENI-SIGNATURE: t=<epoch seconds with fraction>,v1=<hex HMAC-SHA256>`."""

import hmac
from datetime import datetime

HEADER = "X-REVENI-SIGNATURE"


def signature(api_key: str, t: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of `t` + "." + the raw body; the key is the API key itself."""
    return hmac.new(api_key.encode(), t.encode() + b"." + body, "sha256").hexdigest()


def signature_header(api_key: str, at: datetime, body: bytes) -> str:
    """The header's value for a delivery sent at `at`."""
    t = f"{int(at.timestamp())}.{at.microsecond:06d}"
    return f"t={t},v1={signature(api_key, t, body)}"
