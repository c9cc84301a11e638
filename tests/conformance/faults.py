"""A fault plan that breaks the n-th request from now on, and a journal that knows where a test began."""

import threading
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
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
#: Faults after which the request has been applied.
APPLIED = frozenset({"lost_answer", "cut_body", "malformed_body"})


@dataclass
class Asked:
    """The request that is being answered in this context."""

    operation: str = ""
    lost: bool = False
    """Whoever asked will not read the answer."""
    counted: bool = False


_asked: ContextVar[Asked] = ContextVar("asked")

Dice = Callable[[str], Fault | None]
"""Decides by the name of an operation what goes wrong with it."""


class StepFaults(FaultPlan):
    """Like any plan, and before it a script: what happens to the first request from now, the second, and so on.

    dice: asked when the script is over, where it is set
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.dice: Dice | None = None
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
            fault = self._script.popleft() if self._script else self.dice(operation) if self.dice else None
        faults = [fault] if fault is not None else super().draw(operation, text)
        _asked.set(Asked(operation, lost=any(one.kind in APPLIED for one in faults)))
        return faults

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.script()
        self.clear()
        self.dice = None


class MarkedJournal(Journal):
    """A journal whose later entries can be had without reading the earlier ones.

    steps: for each entry, how many requests of the plan's script had come by then
    writing: operations that had an effect; lost: requests with one whose answer nobody could read
    """

    def __init__(self, vendor: str, faults: StepFaults) -> None:
        super().__init__(vendor)
        self.steps: list[int] = []
        self.writing: set[str] = set()
        self.lost = 0
        self._faults = faults
        self._kept: list[Entry] = []

    def append(self, op: str, **data: Any) -> Entry:
        entry = super().append(op, **data)
        self.steps.append(len(self._faults.asked))
        self._kept.append(entry)
        asked = _asked.get(Asked())
        self.writing.add(asked.operation)
        if asked.lost and not asked.counted:
            asked.counted = True
            self.lost += 1
        return entry

    @property
    def mark(self) -> int:
        """Where the journal ends now."""
        return len(self._kept)

    def since(self, mark: int) -> list[Entry]:
        """Entries after a mark."""
        return self._kept[mark:]
