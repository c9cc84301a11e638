"""Field types of the vendors' settings. Secrets arrive resolved: adapters never read the environment."""

from typing import Annotated

import httpx
from pydantic import AfterValidator


def _base_url(text: str) -> str:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as wrong:
        raise ValueError("is no URL") from wrong
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("must begin with http:// or https:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("must not hold credentials, a query or a fragment")
    return text.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]
"""An http or https address without credentials, query or closing slash."""
