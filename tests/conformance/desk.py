"""A vendor's sandbox on a real socket, the port that the registry builds for it, and how documents get there."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx

from adapters import registry
from adapters.kit.outside import Outside
from domain.batches import Acknowledgement, AnyRequest, Batch, BatchDocument, BatchRef, record_class_of
from domain.documents import DocumentKind, Posted, ReplacementOrder
from domain.order import OrderSnapshot
from domain.outcomes import InDoubt, Rejected, RetryLater
from domain.ports import BatchErp, Erp, ErpCapabilities
from sandbox.audit.books import ReturnBook
from sandbox.audit.vendors import page_name
from sandbox.kit.server import serve
from tests.conformance.case import COAT, LONG_COAT, SHIRT, Case
from tests.conformance.effects import CONNECTION, Effect, books_of, effect_of
from tests.conformance.erp_stage import NOW, BatchStage, ErpStage, Props
from tests.conformance.erps import ERPS
from tests.conformance.faults import MarkedJournal, StepFaults
from tests.conformance.front import Front
from tests.conformance.privacy import PERSON
from tests.conformance.writes import WRITES, Write, before

MOST_ATTEMPTS = 60
PLENTY = 1_000_000
_cases = itertools.count(1)
T = TypeVar("T")


@dataclass
class ErpDesk:
    """One running ERP. `erp` is its port; `port` builds others."""

    name: str
    stage: ErpStage
    journal: MarkedJournal
    faults: StepFaults
    front: Front
    url: str
    http: httpx.AsyncClient
    erp: Erp = field(init=False)
    _template: OrderSnapshot | None = None
    _everything: Case | None = None
    _batches: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.erp = self.port()

    @property
    def able(self) -> ErpCapabilities:
        """What the registry says that it can do."""
        return registry.ERPS[self.name].capabilities

    def port(self, http: httpx.AsyncClient | None = None, **changes: Any) -> Erp:
        """A port as `adapters.assembly` makes it, with other settings or over another transport."""
        row = registry.ERPS[self.name]
        settings = row.settings.model_validate({**self.stage.settings(self.url), **changes})
        return row.build(settings, Outside(http or self.http, clock=lambda: NOW))

    def sell(self, lines: list[dict[str, Any]], **header: Any) -> str:
        """An order of the seed's words; its number."""
        number = new_number()
        order = {**PERSON, **header, "number": number, "lines": lines}
        self.stage.sandbox.seed_more({"orders": [order]})
        return number

    async def case(self, order: OrderSnapshot | None = None) -> Case:
        """A new return, by default of a new order of two coats at 120.00, 20 % in the price."""
        mark = self.journal.mark
        return Case(self.stage, order or await self._coats(), f"{next(_cases):032x}", mark)

    async def _coats(self) -> OrderSnapshot:
        """Equal orders are read once: only the number is another."""
        number = self.sell([{"sku": COAT, "quantity": 2, "price": "120.00"}])
        if self._template is None:
            self._template = await self.erp.read_order(number)
        text = self._template.model_dump_json().replace(self._template.order_number, number)
        return OrderSnapshot.model_validate_json(text)

    async def everything(self) -> Case:
        """A case in which each write has been made, so that every method has something to ask about. One for all."""
        if self._everything is None:
            case = await self.case()
            for write in WRITES:
                if write.able(self.able) and not write.undoes and not write.label:
                    case.numbers[write.name] = (await self.post(write, case)).number
            self._everything = case
        return self._everything

    async def prepared(self, write: Write, case: Case | None = None) -> Case:
        """A case in which everything is done that comes before this write."""
        found = case or await self.case()
        for need in before(write, self.able):
            found.numbers[need.name] = (await self.post(need, found)).number
        return found

    async def post(self, write: Write, case: Case, erp: Erp | None = None) -> Posted:
        """Ask until it is posted, as Temporal does, without the waits."""
        port, request = erp or self.erp, write.ask(case)
        posting = await patiently(lambda: write.call(port, request))
        return posting if isinstance(posting, Posted) else await self.carry(write.kind, request, port)

    async def carry(self, kind: DocumentKind, request: AnyRequest, erp: Erp | None = None) -> Posted:
        """Bring a queued document through a window."""
        batch = self.batch((kind, request))
        answer = await self.through_window(batch, erp)
        for refusal in answer.refused:
            assert refusal.key == request.key
            raise Rejected(refusal.code, refusal.reason, refusal.vendor_code)
        (taken,) = answer.taken
        assert taken.key == request.key
        return Posted(number=taken.number, adopted=taken.adopted, total=taken.total)

    def batch(self, *documents: tuple[DocumentKind, AnyRequest]) -> Batch:
        """The next batch; all of one class."""
        ref = BatchRef(number=next(self._batches), record_class=record_class_of(documents[0][0]), created_at=NOW)
        return Batch(ref=ref, documents=[BatchDocument(kind=kind, request=request) for kind, request in documents])

    async def through_window(self, batch: Batch, erp: Erp | None = None) -> Acknowledgement:
        """Hand over, let a window pass, and read what became of it."""
        port = cast(BatchErp, erp or self.erp)
        handed = await patiently(lambda: port.hand_over(batch))
        assert not handed.refused and not handed.left_out
        self.batch_stage.run_window(batch.ref.record_class)
        answer = await patiently(lambda: port.acknowledgement(batch.ref))
        assert answer is not None
        return answer

    @property
    def batch_stage(self) -> BatchStage:
        """The stage of an ERP whose documents go over in files."""
        assert isinstance(self.stage, BatchStage), f"{self.name} is a batch ERP: its stage must be a BatchStage"
        return self.stage

    async def ordered(self, wish: ReplacementOrder) -> Posted:
        """A replacement order that is not the usual one."""
        posting = await self.erp.order_replacement(wish)
        return posting if isinstance(posting, Posted) else await self.carry(DocumentKind.EXCHANGE, wish)

    def page(self, case: Case) -> ReturnBook:
        """What the books say about a case."""
        return books_of(self.name, self.journal.since(case.mark)).returns[page_name(CONNECTION, case.return_id)]

    def effect(self, case: Case) -> Effect:
        """What the ERP has of a case."""
        return effect_of(self.name, self.journal.since(case.mark), case.return_id)

    def effects_since(self, mark: int) -> list[str]:
        """Names of the effects after a mark."""
        return sorted(e["op"] for e in self.journal.since(mark) if e["op"] not in self.stage.beside)


def new_number() -> str:
    """An order number that every ERP can write; always as long as the others."""
    return str(700_000 + next(_cases))


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat after trouble that passes. Everything else that is not an answer is raised."""
    for _ in range(MOST_ATTEMPTS):
        try:
            return await call()
        except (InDoubt, RetryLater):
            continue
    raise AssertionError(f"no answer after {MOST_ATTEMPTS} attempts")


@asynccontextmanager
async def running_erp(name: str, folder: Path) -> AsyncIterator[ErpDesk]:
    """The vendor's sandbox with goods in plenty, and its port."""
    faults = StepFaults()
    journal = MarkedJournal(name, faults)
    stage = ERPS[name](Props(journal, faults, folder))
    items = [{"sku": sku} for sku in (COAT, LONG_COAT, SHIRT)]
    stock = [{"sku": item["sku"], "depot": "01", "quantity": PLENTY} for item in items]
    stage.sandbox.seed_more({"items": items, "stock": stock})
    front = Front(stage.sandbox.app)
    async with serve(front) as server, httpx.AsyncClient(trust_env=False) as http:
        yield ErpDesk(name, stage, journal, faults, front, server.url, http)
