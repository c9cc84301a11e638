"""A fault plan that breaks the n-th request from now on, and a journal that knows where a test began."""

import threading
from collections import deque
from typing import Any

from sandbox.kit.faults import Fault, FaultPlan
from sandbox.kit.journal import Entry, Journal

#: The request was applied, and nobody who reads the answer could know (N2).
LOST = {
    "connection closed": Fault(kind="lost_answer", status=0),
    "bad gateway": Fault(kind="lost_answer", status=502),
    "body cut": Fault(kind="cut_body"),
    "body malformed": Fault(kind="malformed_body"),
}


class StepFaults(FaultPlan):
    """Like any plan, and before it a script: what happens to the first request from now, the second, and so on."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._script: deque[Fault | None] = deque()
        self._turn = threading.Lock()

    def script(self, *faults: Fault | None) -> None:
        """None lets a request pass; after the last one the plan's own faults count. `asked` begins anew."""
        with self._turn:
            self.asked = []
            self._script = deque(faults)

    @property
    def unused(self) -> int:
        """How much of the script no request has come for."""
        return len(self._script)

    def draw(self, operation: str, text: str) -> list[Fault]:
        with self._turn:
            self.asked.append(operation)
            fault = self._script.popleft() if self._script else None
        return [fault] if fault is not None else super().draw(operation, text)

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.script()
        self.clear()


class MarkedJournal(Journal):
    """A journal whose later entries can be had without reading the earlier ones."""

    def __init__(self, vendor: str) -> None:
        super().__init__(vendor)
        self._kept: list[Entry] = []

    def append(self, op: str, **data: Any) -> Entry:
        entry = super().append(op, **data)
        self._kept.append(entry)
        return entry

    @property
    def mark(self) -> int:
        """Where the journal ends now."""
        return len(self._kept)

    def since(self, mark: int) -> list[Entry]:
        """Entries after a mark."""
        return self._kept[mark:]
