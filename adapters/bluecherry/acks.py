"""An acknowledgement file → what became of each of our documents."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from adapters.bluecherry import contract, layout
from adapters.bluecherry.codes import key_of
from adapters.bluecherry.contract import (
    ACCEPTED,
    ALL_TAKEN,
    DUPLICATE,
    FILE_REFUSED,
    PARTLY_TAKEN,
    REFUSED,
    STAMP,
    TRANSIENT,
    VENDOR,
    WHOLE_FILE,
)
from adapters.bluecherry.layout import AckFile, Record, Unreadable
from adapters.bluecherry.settings import BlueCherrySettings
from domain.batches import Acknowledgement, BatchRef, Refusal, Taken
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, vendor_words

_TAKEN = frozenset({ACCEPTED, DUPLICATE})
_SKU = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+){3}")


def read(data: bytes, batch: BatchRef, settings: BlueCherrySettings) -> Acknowledgement | None:
    """What a file says of the batch; None when it is not whole, or its counts do not agree.

    Rejected(EVENT_INVALID) when it is whole and no acknowledgement of this batch.
    """
    try:
        ack = layout.read_ack(data)
        if ack is None or not _adds_up(ack):
            return None
        return _judged(ack, batch, settings)
    except Unreadable as wrong:
        reason = f"{VENDOR}'s acknowledgement of batch {batch.number} cannot be used: {wrong}"
        raise Rejected(ExceptionCode.EVENT_INVALID, reason) from None


def _adds_up(ack: AckFile) -> bool:
    """Whether header and lines agree on what was read and accepted. Of a refused file nothing was."""
    whole = ack.status == FILE_REFUSED or ack.documents == len(ack.lines)
    refused = sum(line["STATUS"] == REFUSED for line in ack.lines)
    accepted = sum(line["STATUS"] in _TAKEN for line in ack.lines)
    return whole and ack.accepted == accepted and (ack.status == ALL_TAKEN) == (refused == 0)


def _judged(ack: AckFile, batch: BatchRef, settings: BlueCherrySettings) -> Acknowledgement:
    if (ack.number, ack.division) != (batch.number, settings.division):
        raise Unreadable("it is of another batch or division")
    if ack.status not in (ALL_TAKEN, PARTLY_TAKEN, FILE_REFUSED):
        raise Unreadable("no batch status A, P or R")
    at = _moment(ack.time, ZoneInfo(settings.time_zone))
    if ack.status == FILE_REFUSED:
        return Acknowledgement(acknowledged_at=at, file_refused=_why_all(ack.lines))
    taken: list[Taken] = []
    refused: list[Refusal] = []
    for (kind, key), parts in _documents(ack.lines).items():
        if all(part["STATUS"] in _TAKEN for part in parts):
            adopted = all(part["STATUS"] == DUPLICATE for part in parts)
            taken.append(Taken(key=key, number=parts[0]["NUMBER"], adopted=adopted))
        else:
            refused.append(_refusal(kind, key, parts))
    return Acknowledgement(acknowledged_at=at, taken=taken, refused=refused)


def _documents(lines: Sequence[Record]) -> dict[tuple[str, str], list[Record]]:
    """The lines by document: parts of one are together, in the order of the file."""
    documents: dict[tuple[str, str], list[Record]] = {}
    seen = set()
    for line in lines:
        kind, reference, status = line["RECORD"], line["EXTREF"], line["STATUS"]
        if kind not in contract.HEADERS or not reference or (kind, reference) in seen:
            raise Unreadable("a line for no document, or the second one for it")
        if status not in (ACCEPTED, REFUSED, DUPLICATE) or (status in _TAKEN and not line["NUMBER"]):
            raise Unreadable("a line without status A, R or D, or without the number of what was made")
        seen.add((kind, reference))
        documents.setdefault((kind, key_of(kind, reference)), []).append(line)
    return documents


def _refusal(kind: str, key: str, parts: Sequence[Record]) -> Refusal:
    """One refusal for a document: what stands for good counts more than what will pass."""
    refused = [part for part in parts if part["STATUS"] == REFUSED]
    worst = min(refused, key=lambda part: part["DETAIL"] in TRANSIENT)
    code = worst["DETAIL"]
    reasons = dict.fromkeys(_reason(kind, part) for part in refused)
    made = [part["NUMBER"] for part in parts if part["STATUS"] in _TAKEN]
    booked = f"; of its {len(parts)} parts {', '.join(made)} was booked" if made else ""
    return Refusal(
        key=key,
        code=refusal_code(kind, code),
        vendor_code=code,
        reason=f"{VENDOR} {kind}: {'; '.join(reasons)}{booked}",
        transient=code in TRANSIENT,
    )


def refusal_code(kind: str, code: str) -> ExceptionCode:
    """Our code for one of BlueCherry's."""
    return contract.REFUSALS.get((kind, code), contract.OTHERWISE[kind])


def _reason(kind: str, line: Record) -> str:
    """Code and text. What BlueCherry says of a replacement order is not quoted, but for the item that it names."""
    code, text = line["DETAIL"], line["TEXT"]
    if kind not in contract.PERSONAL:
        return f"{code} {vendor_words(text)}".strip()
    sku = _SKU.search(text)
    return f"{code} {contract.MEANINGS.get(code, 'refused')}{f' {sku[0]}' if sku else ''}"


def _why_all(lines: Sequence[Record]) -> str:
    if len(lines) != 1 or lines[0]["RECORD"] != WHOLE_FILE or lines[0]["STATUS"] != REFUSED:
        raise Unreadable("the file is refused, but not by one line that says why")
    return f"{lines[0]['DETAIL']} {vendor_words(lines[0]['TEXT'])}".strip()


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.strptime(text, STAMP).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("its time is none") from None
