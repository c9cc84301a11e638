"""Money that is out while its goods are not in, for people (N11, R49)."""

from collections.abc import Iterable
from datetime import datetime

from domain.model import Value
from domain.money import Money
from domain.returns import ReturnRef
from store.exchange_records import ExposureKind, ExposureRecord


class ExposureView(Value):
    """What is out for one return by one credit or replacement.

    `reference` is its business key; `cover_until`: until when the platform covers the loss, None when it does not say.
    """

    connection: str
    return_id: str
    kind: ExposureKind
    reference: str
    units: int
    amount: Money
    since: datetime
    cover_until: datetime | None


def exposure_views(records: Iterable[ExposureRecord]) -> list[ExposureView]:
    """One view per credit or replacement and cover, in the order of the first of its units."""
    groups: dict[tuple[ReturnRef, str, str, datetime | None], list[ExposureRecord]] = {}
    for record in records:
        groups.setdefault((record.ref, record.reference, record.currency, record.cover_until), []).append(record)
    return [_view(rows) for rows in groups.values()]


def _view(rows: list[ExposureRecord]) -> ExposureView:
    first = rows[0]
    return ExposureView(
        connection=first.ref.connection,
        return_id=first.ref.return_id,
        kind=first.kind,
        reference=first.reference,
        units=len({(row.slot_line_id, row.slot_no) for row in rows}),
        amount=Money(amount=sum(row.amount for row in rows), currency=first.currency),
        since=min(row.since for row in rows),
        cover_until=first.cover_until,
    )
