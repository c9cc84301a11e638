"""A batch as one file in the drop directories, and what the ERP answers there (contract A to D)."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from adapters.bluecherry import acks, contract, layout, mapping
from adapters.bluecherry.client import ReadApi
from adapters.bluecherry.codes import extref, key_of
from adapters.bluecherry.contract import (
    ACK_SUFFIX,
    ACKS,
    ARCHIVE,
    DATA_SUFFIX,
    ERROR,
    FINANCIAL,
    HEADER_OF,
    INBOUND,
    MAX_DOCUMENTS,
    MAX_FILE_BYTES,
    OTHERWISE,
    STAMP,
    VENDOR,
)
from adapters.bluecherry.files import Drop
from adapters.bluecherry.layout import Document, Envelope, Unreadable
from adapters.bluecherry.orders import invoice
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.bluecherry.wire import WireOrder
from domain.batches import Acknowledgement, Batch, BatchDocument, BatchRef, HandedOver, RecordClass, Refusal
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditRequest,
    ReceiptRequest,
    ReplacementOrder,
    RmaRequest,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected


class HandOver:
    """Writes batches of one division and reads what became of them."""

    def __init__(self, api: ReadApi, drop: Drop, settings: BlueCherrySettings) -> None:
        self._api = api
        self._drop = drop
        self._settings = settings

    async def hand_over(self, batch: Batch) -> HandedOver:
        """The file of a batch, written unless it lies there already, in whatever directory the ERP has put it.

        `file` is empty when not one document could be written: then there is none. What a file written earlier does
        not have is refused again, or left out when nothing is wrong with it any more.
        """
        name = self.file_name(batch.ref)
        there = await self._handed_over(name)
        lacking = batch.documents if there is None else _lacking(batch, there)
        rows, refused, left_out = await self._rendered(batch.ref, lacking)
        if there is not None:
            return HandedOver(file=name, refused=refused, left_out=[*rows, *left_out], found=True)
        if not rows:
            return HandedOver(file="", refused=refused)
        documents = [document for group in rows.values() for document in group]
        created = self._local(batch.ref.created_at).strftime(STAMP)
        envelope = Envelope(batch.ref.number, self._settings.division, created, self._settings.sender)
        async with self._drop.open() as files:
            await files.put(INBOUND, name, layout.write(envelope, documents))
        return HandedOver(file=name, refused=refused, left_out=left_out)

    async def acknowledgement(self, batch: BatchRef) -> Acknowledgement | None:
        """What the acknowledgement says; None while there is none, or not all of it."""
        async with self._drop.open() as files:
            data = await files.read(ACKS, self.file_name(batch).removesuffix(DATA_SUFFIX) + ACK_SUFFIX)
        if data is None:
            return None
        if len(data) > MAX_FILE_BYTES:
            reason = f"{VENDOR}'s acknowledgement of batch {batch.number} is larger than {MAX_FILE_BYTES} bytes"
            raise Rejected(ExceptionCode.EVENT_INVALID, reason)
        return acks.read(data, batch, self._settings)

    async def is_picked_up(self, batch: BatchRef) -> bool:
        """Whether the file has left the inbound directory."""
        async with self._drop.open() as files:
            return self.file_name(batch) not in await files.names(INBOUND)

    async def is_waiting(self, header: str, key: str) -> bool:
        """Whether a document of ours lies in a file that the ERP has not picked up yet."""
        ours = f"BC_{self._settings.division}_"
        async with self._drop.open() as files:
            for name in await files.names(INBOUND):
                if name.startswith(ours) and name.endswith(DATA_SUFFIX):
                    data = await files.read(INBOUND, name)
                    if data is not None and (header, key) in (_documents_in(data) or ()):
                        return True
        return False

    async def probe(self) -> None:
        """The directories are there, and may be read."""
        async with self._drop.open() as files:
            await files.names(INBOUND)
            await files.names(ACKS)

    def file_name(self, batch: BatchRef) -> str:
        """The same for a batch whenever it is asked."""
        created = self._local(batch.created_at).strftime(STAMP)
        name = contract.FILE_NAME.format(division=self._settings.division, created=created, number=batch.number)
        return name + DATA_SUFFIX

    async def _handed_over(self, name: str) -> bytes | None:
        """The file, wherever it lies; None when it was never handed over.

        Inbound comes first: a file that leaves it while we look is found where the ERP puts it.
        """
        async with self._drop.open() as files:
            for folder in (INBOUND, ARCHIVE, ERROR):
                if (data := await files.read(folder, name)) is not None:
                    return data
        return None

    async def _rendered(
        self, batch: BatchRef, documents: Sequence[BatchDocument]
    ) -> tuple[dict[str, list[Document]], list[Refusal], list[str]]:
        """The documents of the file by key, those that can be in none, and those that it has no room for."""
        writer = _Writer(self._api, self._settings, self._local(batch.created_at).date())
        rows: dict[str, list[Document]] = {}
        refused: list[Refusal] = []
        left_out: list[str] = []
        room = MAX_DOCUMENTS
        for document in documents:
            key = document.request.key
            try:
                _check_class(document, batch)
                written = await writer.documents(document)
                _check_size(document, written)
            except Rejected as no:
                refused.append(Refusal(key=key, code=no.code, vendor_code=no.vendor_code, reason=str(no)))
                continue
            if len(written) > room:
                left_out.append(key)
                continue
            room -= len(written)
            rows[key] = list(written)
        return rows, refused, left_out

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self._settings.time_zone))


class _Writer:
    """Reads what documents need of the ERP, each order once, and writes them."""

    def __init__(self, api: ReadApi, settings: BlueCherrySettings, on: date) -> None:
        self._api = api
        self._settings = settings
        self._on = on
        self._orders: dict[str, WireOrder] = {}

    async def documents(self, document: BatchDocument) -> Sequence[Document]:
        """Rejected when it cannot be written."""
        request, settings = document.request, self._settings
        match request:
            case RmaRequest():
                return mapping.rma(request, self._on, settings)
            case CancelRma():
                return mapping.rma_cancellation(request.key, await self._rma_number(request), request.reason)
            case ReceiptRequest():
                return mapping.receipt(request, settings)
            case AdjustmentRequest():
                return mapping.adjustment(request, settings)
            case TransferRequest():
                return mapping.transfer(request, settings)
            case CreditRequest():
                order = await self._order(request.order_number)
                return mapping.credit(request, order.customer_no, request.invoice_number or invoice(order))
            case CancelCredit():
                return mapping.credit_void(request.key, request.credit_number, request.reason)
            case ReplacementOrder():
                order = await self._order(request.original_order)
                return mapping.replacement(request, order, self._on, settings)
            case CancelReplacement():
                number = await self._order_number(request)
                return mapping.replacement_cancellation(request.key, number, request.reason)

    async def _order(self, number: str) -> WireOrder:
        if number not in self._orders:
            if (order := await self._api.order(number)) is None:
                raise Rejected(ExceptionCode.ORDER_NOT_FOUND, f"{VENDOR} has no order {number}", "E201")
            self._orders[number] = order
        return self._orders[number]

    async def _rma_number(self, request: CancelRma) -> str:
        if request.rma_number:
            return request.rma_number
        if (found := await self._api.rma_by_key(extref(request.rma_key))) is None:
            raise Rejected(ExceptionCode.RMA_REJECTED, f"{VENDOR} has no return {request.rma_key}", "E208")
        return found.ra_no

    async def _order_number(self, request: CancelReplacement) -> str:
        if request.order_number:
            return request.order_number
        if (found := await self._api.sales_order(extref(request.key))) is None:
            raise Rejected(ExceptionCode.EXCHANGE_DATA, f"{VENDOR} has no order {request.key}", "E208")
        return found.order_no


def _documents_in(data: bytes) -> set[tuple[str, str]] | None:
    """Header and key of each document of a file of ours; None when it cannot be read."""
    try:
        headers = [document[0] for document in layout.read(data).documents]
    except Unreadable:
        return None
    return {(header.kind, key_of(header.kind, header["EXTREF"])) for header in headers}


def _lacking(batch: Batch, data: bytes) -> Sequence[BatchDocument]:
    """Documents that are not in the file of their batch. One that cannot be read any more has them all: it was sent."""
    there = _documents_in(data)
    return [d for d in batch.documents if there is not None and (HEADER_OF[d.kind], d.request.key) not in there]


def _check_class(document: BatchDocument, batch: BatchRef) -> None:
    """A file holds one class of record only: money, or all the rest."""
    if (HEADER_OF[document.kind] in FINANCIAL) != (batch.record_class is RecordClass.CREDIT):
        reason = f"a {document.kind} document does not belong into a file of {batch.record_class} documents"
        raise Rejected(ExceptionCode.CONFIG_INVALID, reason)


def _check_size(document: BatchDocument, written: Sequence[Document]) -> None:
    if len(written) > MAX_DOCUMENTS:
        reason = f"{len(written)} lines: a file of {VENDOR}'s has room for {MAX_DOCUMENTS}"
        raise Rejected(OTHERWISE[HEADER_OF[document.kind]], reason)
