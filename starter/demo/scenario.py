"""A scenario: how a return is played, and how it must end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from domain.exceptions import ExceptionCode
from domain.progress import Stage
from starter.demo.pairing import Setting
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
    stock: depot, or bucket of the connection's mappings → units that lie there in the end
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

    def at(self, depots: Mapping[str, str]) -> Self:
        """The same with the depots of a connection, by bucket."""
        return replace(self, stock={depots.get(place, place): units for place, units in self.stock.items()})

    def without_tax(self) -> Self:
        """What replacements cost and what they put out, as an ERP counts whose prices are without tax; all at 20 %."""
        return replace(
            self,
            replacements=tuple(replace(new, total=_net(new.total)) for new in self.replacements),
            exposure={state: _net(amount) for state, amount in self.exposure.items()},
        )

    @property
    def rma_cancelled(self) -> bool:
        """A return that ended before goods leaves no RMA behind."""
        return self.status is not Stage.CLOSED


def _net(amount: str) -> str:
    return str((Decimal(amount) / Decimal("1.2")).quantize(Decimal("0.01"), ROUND_HALF_UP))


Course = Callable[[Play], Awaitable[None]]


@dataclass(frozen=True)
class Otherwise:
    """What happens instead where a system lacks something.

    why: for people, with the system's name in front: "{erp} credits nothing before it was received"
    expected: how it ends then; None: it is not played
    play: how it is played then; None: as always
    """

    why: str
    expected: Expected | None = None
    play: Course | None = None


@dataclass(frozen=True)
class Scenario:
    """`play` ends when nothing is left to do but to wait for the end of the return.

    otherwise: ability that the pair may lack → what happens then; see `starter.demo.abilities`
    """

    name: str
    play: Course
    expected: Expected
    setting: Setting = Setting.MAIN
    otherwise: Mapping[str, Otherwise] = field(default_factory=dict)
