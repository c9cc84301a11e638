"""What an undisturbed write does, found out once a vendor."""

from dataclasses import dataclass

from tests.conformance.desk import ErpDesk
from tests.conformance.writes import Write, expected


@dataclass(frozen=True)
class Clean:
    """An undisturbed write: its effects, its requests, and which of them had an effect."""

    effects: list[str]
    requests: int
    writing: frozenset[int]


_clean: dict[tuple[str, str], Clean] = {}


async def clean(erp: ErpDesk, write: Write) -> Clean:
    if (erp.name, str(write)) not in _clean:
        case = await erp.prepared(write)
        mark = erp.journal.mark
        erp.faults.script()
        posted = await erp.post(write, case)
        assert posted.number
        assert not posted.adopted
        assert erp.effect(case) == expected(write, case, erp.able)
        writing = frozenset(step - 1 for step in erp.journal.steps[mark:])
        found = Clean(erp.effects_since(mark), len(erp.faults.asked), writing)
        _clean[erp.name, str(write)] = found
    return _clean[erp.name, str(write)]
