"""Every method of an ERP's port, ready to be asked once."""

from collections.abc import Awaitable, Callable, Mapping

from domain.ports import Erp, ErpCapabilities
from tests.conformance.case import COAT, LONG_COAT, TODAY, Case
from tests.conformance.writes import WRITES

Ask = Callable[[Erp, Case], Awaitable[object]]

READS: Mapping[str, Ask] = {
    "read_order": lambda erp, case: erp.read_order(case.order.order_number),
    "check_items": lambda erp, case: erp.check_items([COAT, LONG_COAT]),
    "depot_stock": lambda erp, case: erp.depot_stock([COAT]),
    "read_rma": lambda erp, case: erp.read_rma(case.numbers["open_rma"]),
    "check_replacement": lambda erp, case: erp.check_replacement(case.replacement()),
    "find_replacement": lambda erp, case: erp.find_replacement(case.replacement().key),
    "list_credits": lambda erp, case: erp.list_credits(TODAY, TODAY),
    "probe": lambda erp, case: erp.probe(),
}


def writes(able: ErpCapabilities) -> Mapping[str, Ask]:
    """Each write of the port, asked and not carried through a window."""
    return {
        write.name: lambda erp, case, write=write: write.call(erp, write.ask(case))  # type: ignore[misc]
        for write in reversed(WRITES)
        if write.able(able)
    }
