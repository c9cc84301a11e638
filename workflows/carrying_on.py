"""A long life in several runs: what a return knows goes from one history to the next (E70)."""

from pydantic import TypeAdapter

from domain.messages import ReturnStart
from workflows.case import ReturnCase

_CASE = TypeAdapter(ReturnCase)
#: What is of one run only.
_OWN = {"start", "waits", "ordering", "queued"}


def pack(case: ReturnCase) -> ReturnStart:
    """The start of the next run. Nothing that was heard, buffered or decided is lost."""
    known = _CASE.dump_python(case, mode="json", exclude=_OWN)
    return case.start.model_copy(update={"carried": known})


def unpack(start: ReturnStart) -> ReturnCase:
    """The case as the run before left it."""
    own = start.model_copy(update={"carried": None})
    return _CASE.validate_python({**(start.carried or {}), "start": own})
