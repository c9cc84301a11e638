"""A scenario: how a return is played, and how it must end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from domain.exceptions import ExceptionCode
from domain.progress import Stage
from starter.demo.play import Play


@dataclass(frozen=True)
class NewGoods:
    """A replacement order. `total` is what the customer paid on top."""

    sku: str
    total: str = "0.00"
    cancelled: bool = False


@dataclass(frozen=True)
class Expected:
    """How a return must end.

    credited: total of its credit notes, decimal text; empty: there is none
    stock: depot → units that lie there in the end
    exceptions: codes that were raised, all decided
    replacements: orders that were made for new units
    exposure: how what was out before its goods ended → amount, e.g. ``{"cleared": "30.00"}``
    explained: why accepted goods never came, or money and goods differ; the journals cannot know
    """

    credited: str = ""
    currency: str = "GBP"
    stock: Mapping[str, int] = field(default_factory=dict)
    status: Stage = Stage.CLOSED
    standalone: bool = False
    exceptions: tuple[ExceptionCode, ...] = ()
    replacements: tuple[NewGoods, ...] = ()
    exposure: Mapping[str, str] = field(default_factory=dict)
    explained: str = ""

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
