"""Decision D1 in one place: find by our key, create, on doubt find again."""

from collections.abc import Awaitable, Callable

from domain.documents import Posted
from domain.outcomes import InDoubt

Find = Callable[[], Awaitable[Posted | None]]
"""Looks the document up by our key; None when the vendor does not have it. Only reads."""

Create = Callable[[], Awaitable[Posted]]
"""Makes the document. Raises InDoubt when the answer was lost, AlreadyThere when the vendor has the key."""


class AlreadyThere(InDoubt):
    """The vendor says that it has a document with our key. Which one and in what state, a read can tell."""


async def effectively_once(find: Find, create: Create) -> Posted:
    """The document under our key: `adopted` when it was there already, made at most once otherwise.

    One call creates at most once. InDoubt leaves here only when the document still cannot be found; the
    activity then tries again later, and begins with `find` again.
    """
    if (found := await find()) is not None:
        return _adopted(found)
    try:
        return await create()
    except InDoubt as doubt:
        if (found := await find()) is None:
            raise InDoubt(str(doubt)) from None  # also for AlreadyThere: outside there are four outcomes
        return _adopted(found)


def _adopted(found: Posted) -> Posted:
    return found.model_copy(update={"adopted": True})
