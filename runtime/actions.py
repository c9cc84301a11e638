"""Counts Temporal actions by the dev server's own counter (decision D14)."""

import re
from collections import Counter

import httpx

_LINE = re.compile(r"^action\{(?P<labels>[^}]*)\} (?P<value>\S+)", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


async def action_counts(metrics_url: str, namespace: str) -> dict[str, int]:
    """Actions so far of a namespace, by type. The counter lags by about 1.5 s: wait before the last reading.

    Raises httpx.HTTPError when the server does not answer.
    """
    async with httpx.AsyncClient(timeout=5) as client:
        response = await client.get(metrics_url)
        response.raise_for_status()
    return parse_actions(response.text, namespace)


def parse_actions(metrics: str, namespace: str) -> dict[str, int]:
    """Read the counter ``action`` from a page of Prometheus metrics, whose labels have ``_`` for ``-`` in names."""
    label = re.sub(r"\W", "_", namespace)
    counts: Counter[str] = Counter()
    for line in _LINE.finditer(metrics):
        labels = dict(_LABEL.findall(line["labels"]))
        if labels.get("namespace") == label:
            counts[labels.get("action_type", "")] += int(float(line["value"]))
    return dict(counts)
