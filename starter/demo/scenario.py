"""A scenario: how a return is played, and how it must end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from domain.exceptions import ExceptionCode
from domain.progress import Stage
from starter.demo.play import Play


@dataclass(frozen=True)
class Expected:
    """How a return must end.

    credited: total of its credit notes, decimal text; empty: there is none
    stock: depot → units booked there
    exceptions: codes that were raised, all decided
    """

    credited: str = ""
    currency: str = "GBP"
    stock: Mapping[str, int] = field(default_factory=dict)
    status: Stage = Stage.CLOSED
    standalone: bool = False
    exceptions: tuple[ExceptionCode, ...] = ()

    @property
    def rma_cancelled(self) -> bool:
        """A return that ended before goods leaves no RMA behind."""
        return self.status is not Stage.CLOSED


@dataclass(frozen=True)
class Scenario:
    """`play` ends when nothing is left to do but to wait for the end of the return."""

    name: str
    play: Callable[[Play], Awaitable[None]]
    expected: Expected
    connection: str = "uk"
