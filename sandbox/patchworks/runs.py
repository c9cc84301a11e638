"""Runs that were started by the API: they queue, work in the background, and end with a status of their own.

The status tells how the flow ended, never whether the ERP has the document: a refusal that the flow caught is a success
with warnings, and a shop that could not be told is a partial success.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from sandbox.kit.past import Table
from sandbox.patchworks.background import Background
from sandbox.patchworks.envelope import Envelope
from sandbox.patchworks.flow import Flow
from sandbox.patchworks.notes import Run
from sandbox.patchworks.state import stamp
from sandbox.patchworks.switches import Switches
from sandbox.patchworks.wire import Json

FIRST_ID = 8_812_345
MOST_PER_PAGE = 200


class Runs:
    """The runs of one flow. Rows are added and changed one at a time; `page` sees each as it stands."""

    def __init__(
        self, flow: Flow, switches: Switches, clock: Callable[[], datetime], flow_id: str, background: Background
    ) -> None:
        self._flow = flow
        self._switches = switches
        self._clock = clock
        self._flow_id = flow_id
        self._background = background
        self._started = 0
        self._runs: Table[int, Run] = Table()

    def start(self, asked: Envelope) -> int:
        """Queue a run; its id at once."""
        number = FIRST_ID + self._started
        self._started += 1
        self._background.spawn(lambda: self._work(number, asked))
        return number

    def page(self, asked: Mapping[str, str], lag: float = 0.0) -> Json:
        """One page of the list. Runs that still wait are not in it. Raises ValueError for a bad parameter."""
        page, size = int(asked.get("page", "1")), min(int(asked.get("per_page", "15")), MOST_PER_PAGE)
        if page < 1 or size < 1:
            raise ValueError("page and per_page start at 1")
        rows = self._selected(asked, lag)
        last = max(-(-len(rows) // size), 1)
        chosen = rows[(page - 1) * size : page * size]
        link = f"/api/v1/flow-runs?page={page + 1}&per_page={size}" if page < last else None
        return {
            "data": [self._row(run) for run in chosen],
            "meta": {"current_page": page, "per_page": size, "total": len(rows), "last_page": last},
            "links": {"next": link},
        }

    def _selected(self, asked: Mapping[str, str], lag: float) -> list[Run]:
        rows = self._runs.values(lag)
        if flow := asked.get("filter[flow_id]"):
            rows = rows if self._flow_id in flow.split(",") else []
        if statuses := asked.get("filter[status]"):
            rows = [run for run in rows if str(run.status) in statuses.split(",")]
        if after := asked.get("filter[started_after]"):
            first = datetime.fromisoformat(after)
            rows = [run for run in rows if datetime.fromisoformat(run.started_at) >= first]
        newest_first = asked.get("sort") == "-started_at"
        return sorted(rows, key=lambda run: (run.started_at, run.id), reverse=newest_first)

    def _row(self, run: Run) -> Json:
        """Flat for even ids, under `attributes` for odd ones: the vendor's pages show both."""
        facts: Json = {
            "name": "Returns",
            "status": run.status,
            "trigger": "API",
            "flow_id": int(self._flow_id) if self._flow_id.isdecimal() else self._flow_id,
            "flow_version_id": 40,
            "summary": None,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "retry_flow_run_id": None,
            "has_warnings": run.has_warnings,
        }
        return {"id": run.id, "attributes": facts} if run.id % 2 else {"id": run.id, **facts}

    def _work(self, number: int, asked: Envelope) -> None:
        time.sleep(self._switches.queued_seconds)
        run = Run(number, 1, stamp(self._clock()))
        self._runs.put(number, run)
        began = self._flow.begin(asked)
        time.sleep(self._switches.running_seconds)
        end = self._switches.next_end()
        element: Json = {}
        if end.done:
            element = self._flow.handle(asked, by_run=True, began=began)
        elif began:
            self._flow.forget(asked)
        status = 5 if end.status == 2 and untold(element) else end.status
        warned = element.get("status") == "error"
        self._runs.put(number, replace(run, status=status, finished_at=stamp(self._clock()), has_warnings=warned))


def untold(element: Json) -> bool:
    """Whether the shop could not be told."""
    commerce = element.get("commerce")
    return isinstance(commerce, dict) and commerce.get("status") == "failed"
