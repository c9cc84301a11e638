"""What a test turns on the flow itself, beside the faults on the wire."""

import threading
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Shape = Literal["empty", "object", "two"]


class SwitchEdit(BaseModel):
    """Body of `POST /_sandbox/switches`; what is not given stays. Counts are calls to come.

    enabled: False: the flow is not deployed (callbacks 404, starts 422)
    commerce_down: the commerce platform answers nobody
    erp_timeouts: so many writes are made and reported as ERP_TIMEOUT
    slow_calls, slow_seconds: so many callback writes end in a 504 while the flow still works on them
    odd_answers, odd_shape: so many callbacks answer `[]`, an object without its array, or two elements
    queued_seconds, running_seconds: how long started runs wait (absent from the list), and work
    run_ends: statuses of the next runs, in order; `done`: the work is done all the same
    """

    model_config = ConfigDict(extra="forbid")

    enabled: bool | None = None
    commerce_down: bool | None = None
    erp_timeouts: int | None = Field(default=None, ge=0)
    slow_calls: int | None = Field(default=None, ge=0)
    slow_seconds: float | None = Field(default=None, ge=0, le=60)
    odd_answers: int | None = Field(default=None, ge=0)
    odd_shape: Shape | None = None
    queued_seconds: float | None = Field(default=None, ge=0, le=60)
    running_seconds: float | None = Field(default=None, ge=0, le=60)
    run_ends: list["RunEnd"] | None = None


class RunEnd(BaseModel):
    """How a run ends: 2 success, 3 failure, 4 stopped, 5 partial success."""

    model_config = ConfigDict(extra="forbid")

    status: Literal[2, 3, 4, 5]
    done: bool = False


@dataclass
class Switches:
    """See SwitchEdit. Thread safe."""

    enabled: bool = True
    erp_timeouts: int = 0
    slow_calls: int = 0
    slow_seconds: float = 0.3
    odd_answers: int = 0
    odd_shape: Shape = "empty"
    queued_seconds: float = 0.0
    running_seconds: float = 0.0
    run_ends: list[RunEnd] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, edit: SwitchEdit) -> None:
        """Set what the edit gives."""
        with self._lock:
            for name in edit.model_fields_set - {"commerce_down"}:
                setattr(self, name, getattr(edit, name))

    def take(self, name: Literal["erp_timeouts", "slow_calls", "odd_answers"]) -> bool:
        """Use up one of these calls, if any is left."""
        with self._lock:
            left: int = getattr(self, name)
            setattr(self, name, max(left - 1, 0))
            return left > 0

    def next_end(self) -> RunEnd:
        """How the run that works now ends."""
        with self._lock:
            return self.run_ends.pop(0) if self.run_ends else RunEnd(status=2, done=True)
