"""What the ERP has of our documents, by our key: found, as it should be, or refused for good."""

from datetime import date, datetime, timedelta

from adapters.bluecherry.client import ReadApi
from adapters.bluecherry.codes import extref
from adapters.bluecherry.contract import CANCELLED, KEY_PREFIX, MEMO_POSTED, MEMO_VOIDED, VENDOR
from adapters.bluecherry.orders import amount, day
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.bluecherry.wire import WireMemo
from domain.documents import CreditRecord, CreditRequest, DocumentKind, Posted
from domain.exceptions import ExceptionCode
from domain.keys import cancelled_key
from domain.outcomes import Rejected, RetryLater

#: Credit memos of the next period: finance may date one there (E47).
AHEAD = timedelta(days=31)

#: Documents that the read API shows nothing of by key. Sent again, they come back as duplicates (contract E).
UNSEEN = frozenset({DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT, DocumentKind.REMOVAL, DocumentKind.TRANSFER})


class Lookup:
    """Finds documents of one division."""

    def __init__(self, api: ReadApi, settings: BlueCherrySettings) -> None:
        self._api = api
        self._settings = settings

    async def replacement(self, key: str) -> Posted | None:
        """The replacement order under our key. Rejected(EXCHANGE_DATA) when it is cancelled: the key is used up."""
        found = await self._api.sales_order(extref(key))
        if found is not None and found.status == CANCELLED:
            reason = f"{VENDOR} order {found.order_no} is cancelled"
            raise Rejected(ExceptionCode.EXCHANGE_DATA, reason, CANCELLED)
        return _adopted(found.order_no) if found else None

    async def credit(self, request: CreditRequest) -> Posted | None:
        """The memo of that date under our key, when it is live."""
        found = await self.memo(request.credited_on, request.credited_on, ext_ref=extref(request.key))
        if found is None:
            return None
        if found.status == MEMO_VOIDED:
            raise Rejected(ExceptionCode.CREDIT_REJECTED, f"{VENDOR} memo {found.cm_no} is voided", MEMO_VOIDED)
        return _posted_memo(found)

    async def memo(self, since: date, until: date, *, ext_ref: str = "", number: str = "") -> WireMemo | None:
        """A memo by our EXTREF or its number; every page of the interval."""
        page: int | None = 1
        while page is not None:
            rows, page = await self._api.credit_memos(since, until, page)
            for row in rows:
                if (ext_ref and row.ext_ref == ext_ref) or (number and row.cm_no == number):
                    return row
        return None

    async def document(self, kind: DocumentKind, key: str, now: datetime) -> Posted | None:
        """A document of this kind. RetryLater for what the read API shows nothing of: None would be a guess."""
        reference = extref(cancelled_key(key))
        match kind:
            case DocumentKind.RMA | DocumentKind.RMA_CANCELLATION:
                rma = await self._api.rma_by_key(reference)
                return _if(rma.ra_no, kind is DocumentKind.RMA or rma.status == CANCELLED) if rma else None
            case DocumentKind.EXCHANGE | DocumentKind.EXCHANGE_CANCELLATION:
                order = await self._api.sales_order(reference)
                made = kind is DocumentKind.EXCHANGE
                return _if(order.order_no, made or order.status == CANCELLED) if order else None
            case DocumentKind.CREDIT | DocumentKind.CREDIT_CANCELLATION:
                memo = await self.memo(*self.around(now), ext_ref=reference)
                if memo is None or kind is DocumentKind.CREDIT:
                    return _posted_memo(memo) if memo else None
                return _adopted(memo.voided_by or memo.cm_no) if memo.status == MEMO_VOIDED else None
        raise RetryLater(f"{VENDOR}'s read API shows no {kind} documents by key; their acknowledgement does")

    def around(self, now: datetime) -> tuple[date, date]:
        """The dates among which a memo is looked for."""
        return now.date() - timedelta(days=self._settings.credit_lookback_days), now.date() + AHEAD


def credit_record(memo: WireMemo) -> CreditRecord:
    """A row of a listing. It does not say which order the memo is for. Rejected(CONFIG_INVALID): unknown status."""
    if memo.status not in (MEMO_POSTED, MEMO_VOIDED):
        reason = f"{VENDOR} credit status {memo.status!r} is not known"
        raise Rejected(ExceptionCode.CONFIG_INVALID, reason, memo.status)
    return CreditRecord(
        number=memo.cm_no,
        key=KEY_PREFIX + memo.ext_ref if memo.ext_ref else "",
        rma_number=memo.ra_no,
        order_number="",
        credited_on=day(memo.date),
        total=amount(memo.total, memo.currency, f"memo {memo.cm_no} total"),
        currency=memo.currency,
        reversed=memo.status == MEMO_VOIDED,
    )


def _posted_memo(memo: WireMemo) -> Posted:
    total = amount(memo.total, memo.currency, f"memo {memo.cm_no} total")
    return Posted(number=memo.cm_no, adopted=True, total=total)


def _if(number: str, there: bool) -> Posted | None:
    return _adopted(number) if there else None


def _adopted(number: str) -> Posted:
    return Posted(number=number, adopted=True)
