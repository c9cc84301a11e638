"""A long life in several runs: what a return knows goes from one history to the next (E70)."""

from functools import cache

from pydantic import TypeAdapter

from domain.messages import ReturnStart
from workflows.case import ReturnCase

#: What is of one run only.
_OWN = {"start", "waits", "ordering", "queued"}


@cache
def _cases() -> TypeAdapter[ReturnCase]:
    """Made when a history is long enough to need it: this module is loaded anew for every return."""
    return TypeAdapter(ReturnCase)


def pack(case: ReturnCase) -> ReturnStart:
    """The start of the next run. Nothing that was heard, buffered or decided is lost."""
    known = _cases().dump_python(case, mode="json", exclude=_OWN)
    return case.start.model_copy(update={"carried": known})


def unpack(start: ReturnStart) -> ReturnCase:
    """The case as the run before left it."""
    own = start.model_copy(update={"carried": None})
    return _cases().validate_python({**(start.carried or {}), "start": own})
