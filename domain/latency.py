"""How long documents take: the four stages that are measured, and since when a delay counts (R90, N10, E64)."""

import math
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.documents import DocumentKind
from domain.limits import Limits


class PostingStage(StrEnum):
    """What a document brings about in the ERP. Each stage has an agreed time of its own."""

    RMA = "rma"
    STOCK = "stock"
    CREDIT = "credit"
    EXCHANGE = "exchange"


_STAGES: Mapping[DocumentKind, PostingStage] = MappingProxyType(
    {
        DocumentKind.RMA: PostingStage.RMA,
        DocumentKind.RECEIPT: PostingStage.STOCK,
        DocumentKind.ADJUSTMENT: PostingStage.STOCK,
        DocumentKind.CREDIT: PostingStage.CREDIT,
        DocumentKind.EXCHANGE: PostingStage.EXCHANGE,
    }
)
#: Steps of one doubling of a delay: two delays in one step differ by less than a tenth.
_STEPS = 8
_MILLISECOND = timedelta(milliseconds=1)


def stage_of(kind: DocumentKind) -> PostingStage | None:
    """The stage that documents of a kind belong to; None for those that undo or rearrange: nobody waits for them."""
    return _STAGES.get(kind)


def agreed_time(limits: Limits, stage: PostingStage) -> timedelta:
    """How long a document of this stage may take at a connection."""
    times = {
        PostingStage.RMA: limits.rma,
        PostingStage.STOCK: limits.stock,
        PostingStage.CREDIT: limits.credit,
        PostingStage.EXCHANGE: limits.exchange,
    }
    return times[stage]


def milliseconds(span: timedelta) -> int:
    """Whole milliseconds of a span; none when it is negative."""
    return max(span // _MILLISECOND, 0)


def delay_step(delay_ms: int) -> int:
    """The step on a logarithmic scale that a delay falls into: 0 for less than a millisecond, then rising."""
    return 0 if delay_ms < 1 else math.floor(math.log2(delay_ms) * _STEPS) + 1
