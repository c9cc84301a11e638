"""Makes alerts: from what the store knows to words, sums and the page to open (R91, R93)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import quote, urlencode

from desk.escalation import asked_at
from desk.stake import Stake, stake_of
from domain.alert_rules import ALERT_RULES, LATE_RULES, RuleId, Screen, rule_of
from domain.alert_text import counted, time_text
from domain.alerts import NAMED, Alert, AlertSubject
from domain.catalogue import CATALOGUE
from domain.exceptions import Owner, Track
from domain.grouping import root_cause
from domain.money import Money
from domain.returns import ReturnRef
from runtime.redaction import scrub
from store import Unit
from store.alert_records import Recurrence
from store.queue_records import Surroundings
from store.records import ExceptionRecord
from store.sweep_records import StuckRecord

#: Exceptions of one alert whose money and units are added up; with more, the sum is a lower bound.
ADDED_UP = 200

_WHOLE_CONNECTION = "every return of this connection waits"


async def exceptions_alert(
    unit: Unit, key: str, topic: str, records: Sequence[ExceptionRecord], count: int, causes: int, level: int = 0
) -> Alert:
    """Exceptions of one connection and code that were opened, or went up to `level`.

    records: up to ADDED_UP of them, the oldest first; count: how many there are; causes: of how many root causes
    """
    first = records[0]
    entry = CATALOGUE[first.code]
    rule = ALERT_RULES[RuleId.EXCEPTION_ESCALATED if level else rule_of(first.code, first.track)]
    around = await unit.queue.surroundings([record.ref for record in records if record.ref])
    stakes = [stake_of(record, around.get(record.ref) if record.ref else None) for record in records]
    what = entry.explanation
    if level:
        asked = asked_at(level, entry.owner)
        what = f"Nobody has decided this in the agreed time, so {asked} is asked now. {entry.explanation}"
    return Alert(
        key=key,
        topic=topic,
        rule=rule.id,
        connection=first.connection,
        owner=entry.owner,
        also=[rule.owner] if rule.owner not in (None, entry.owner) else [],
        level=level,
        title=f"{rule.title}: {entry.title}" if level else entry.title,
        what=what,
        cause=_cause_text(records, causes),
        subjects=await _subjects(unit, records[:NAMED], around, each=causes == 1 and not root_cause(first).wrong),
        count=count,
        money=_money(records, stakes),
        units=_units(records, stakes),
        at_least=count > len(records),
        since=first.opened_at,
        next_step=entry.steps[0],
        path=exceptions_path(first, count, causes),
        stake="" if first.ref else _WHOLE_CONNECTION,
    )


async def trend_alert(
    unit: Unit, key: str, topic: str, found: Sequence[Recurrence], records: Sequence[ExceptionRecord], window: timedelta
) -> Alert:
    """Causes of one connection and code that keep coming back. `records`: their latest exceptions."""
    first, rule = records[0], ALERT_RULES[RuleId.TREND]
    entry = CATALOGUE[first.code]
    around = await unit.queue.surroundings([record.ref for record in records if record.ref])
    stakes = [stake_of(record, around.get(record.ref) if record.ref else None) for record in records]
    wrong = _cause_text(records, len(found))
    count, open_now = sum(one.count for one in found), sum(one.open_now for one in found)
    times = f"It has come up {count} times within {span_text(window)}"
    if len(found) > 1:
        times = f"{len(found)} causes have come up {count} times within {span_text(window)}"
    still = f"{open_now} of them still wait" if open_now else "all of them were decided or went away"
    return Alert(
        key=key,
        topic=topic,
        rule=rule.id,
        connection=first.connection,
        owner=entry.owner,
        title=rule.title,
        what=f"{times}; {still}. {rule.meaning}",
        cause=f"{entry.title}: {wrong}" if wrong else entry.title,
        subjects=[AlertSubject(ref=record.ref) for record in records[:NAMED] if record.ref],
        count=count,
        money=_money(records, stakes),
        units=_units(records, stakes),
        at_least=count > len(records),
        since=min(one.first_at for one in found),
        next_step=rule.steps[0],
        path=exceptions_path(first, count, len(found)),
        stake="" if first.ref else _WHOLE_CONNECTION,
    )


async def late_alert(unit: Unit, key: str, topic: str, records: Sequence[StuckRecord], count: int, path: str) -> Alert:
    """Things of one connection and kind that take longer than agreed. `records`: those that wait longest."""
    first, rule = records[0], ALERT_RULES[LATE_RULES[records[0].kind]]
    refs = list(dict.fromkeys(record.ref for record in records if record.ref))
    around = await unit.queue.surroundings(refs)
    agreed = f"Agreed are {span_text(first.limit)}; the oldest waits since {time_text(first.since)}."
    return Alert(
        key=key,
        topic=topic,
        rule=rule.id,
        connection=first.connection,
        owner=rule.owner or Owner.INTEGRATION,
        title=rule.title,
        what=f"{rule.meaning} {agreed}",
        subjects=[_late_subject(record, around) for record in records[:NAMED]],
        count=count,
        money=added(record.amount for record in records if record.amount),
        units=sum(around[ref].units for ref in refs),
        at_least=count > len(records),
        since=first.since,
        next_step=rule.steps[0],
        path=return_path(first.ref) if count == 1 and first.ref else path,
        stake="" if first.ref else _WHOLE_CONNECTION,
    )


def quota_alert(key: str, topic: str, account: str, used: int, daily: int) -> Alert:
    """A vendor's daily limit that is nearly used up."""
    rule = ALERT_RULES[RuleId.QUOTA_NEAR]
    return Alert(
        key=key,
        topic=topic,
        rule=rule.id,
        connection="",
        owner=rule.owner or Owner.INTEGRATION,
        title=rule.title,
        what=f"{used} of the {daily} calls that {account} may make today are used. {rule.meaning}",
        cause=account,
        next_step=rule.steps[0],
        path=rule.screen,
        stake="returns that need this vendor wait when the limit is reached",
    )


def undelivered_alert(key: str, topic: str, channel: str, reason: str) -> Alert:
    """A channel that takes no alerts. `reason` is what it said, without its address."""
    rule = ALERT_RULES[RuleId.NOT_DELIVERED]
    return Alert(
        key=key,
        topic=topic,
        rule=rule.id,
        connection="",
        owner=rule.owner or Owner.INTEGRATION,
        title=rule.title,
        what=rule.meaning,
        cause=f"channel {channel}",
        subjects=[AlertSubject(reason=reason)],
        next_step=rule.steps[0],
        path=rule.screen,
        stake="nobody behind this channel hears of anything",
    )


def exceptions_path(first: ExceptionRecord, count: int, causes: int) -> str:
    """The queue, narrowed to what an alert is about: one exception, one root cause, or one code."""
    if count == 1:
        return f"{Screen.EXCEPTIONS}/{quote(first.id, safe='')}"
    if causes == 1:
        return _query(Screen.EXCEPTIONS, group=first.cause)
    return _query(Screen.EXCEPTIONS, connection=first.connection, code=first.code)


def return_path(ref: ReturnRef) -> str:
    """The page of one return."""
    return f"{Screen.RETURNS}/{quote(ref.connection, safe='')}/{quote(ref.return_id, safe='')}"


def added(amounts: Iterable[Money]) -> list[Money]:
    """One sum per currency, in the order of their codes."""
    sums: dict[str, Money] = {}
    for money in amounts:
        known = sums.get(money.currency)
        sums[money.currency] = money if known is None else known + money
    return [sums[currency] for currency in sorted(sums)]


def span_text(span: timedelta) -> str:
    """A span of time for people: ``24 hours``, ``3 days``."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    if minutes or not hours:
        return counted(hours * 60 + minutes, "minute")
    return counted(hours // 24, "day") if hours % 24 == 0 and hours > 24 else counted(hours, "hour")


def _late_subject(record: StuckRecord, around: dict[ReturnRef, Surroundings]) -> AlertSubject:
    """The stage and what it waits for (R89)."""
    stage = f"stage {record.stage}, " if record.stage else ""
    order = around[record.ref].order_number if record.ref in around else ""
    return AlertSubject(ref=record.ref, order_number=order, reason=scrub(f"{stage}{record.blocker}"))


def _cause_text(records: Sequence[ExceptionRecord], causes: int) -> str:
    """The one thing that is wrong; where there are several, the first of them and how many more."""
    wrong = list(dict.fromkeys(filter(None, (root_cause(record).wrong for record in records))))
    if causes > 1 and len(wrong) > 1:
        named = ", ".join(wrong[:NAMED])
        more = max(causes, len(wrong)) - len(wrong[:NAMED])
        return f"{named} and {more} more" if more else named
    return wrong[0] if wrong else ""


async def _subjects(
    unit: Unit, records: Sequence[ExceptionRecord], around: dict[ReturnRef, Surroundings], *, each: bool
) -> list[AlertSubject]:
    """The named returns. Where they share a named cause, the first one's reason is enough."""
    subjects: list[AlertSubject] = []
    for position, record in enumerate(records):
        exchange = record.track is Track.EXCHANGE
        subjects.append(
            AlertSubject(
                ref=record.ref,
                order_number=around[record.ref].order_number if record.ref in around else "",
                sku=await _sku(unit, record) if exchange else "",
                reason=scrub(record.reason) if each or exchange or position == 0 else "",
            )
        )
    return subjects


async def _sku(unit: Unit, record: ExceptionRecord) -> str:
    """The item that the exchange is about: what the exception names, else what the customer asked for (R63)."""
    named = record.payload.get("sku")
    if isinstance(named, str) and named:
        return named
    header = await unit.returns.get(record.ref) if record.ref else None
    return ", ".join(dict.fromkeys(wish.sku for wish in header.exchanges)) if header else ""


def _money(records: Sequence[ExceptionRecord], stakes: Sequence[Stake]) -> list[Money]:
    once = _once(records, stakes)
    return added(stake.amount for stake in once if stake.amount is not None)


def _units(records: Sequence[ExceptionRecord], stakes: Sequence[Stake]) -> int:
    return sum(stake.units or 0 for stake in _once(records, stakes))


def _once(records: Sequence[ExceptionRecord], stakes: Sequence[Stake]) -> list[Stake]:
    """Two exceptions that each stop the whole of one return put its value at stake once."""
    counted_returns: set[ReturnRef] = set()
    once: list[Stake] = []
    for record, stake in zip(records, stakes, strict=True):
        if stake.whole_return and record.ref is not None:
            if record.ref in counted_returns:
                continue
            counted_returns.add(record.ref)
        once.append(stake)
    return once


def _query(screen: Screen, **wanted: str) -> str:
    return f"{screen.value}?{urlencode(wanted)}"
