"""What addresses of reports ask for: a connection, a day, a month."""

from datetime import date

from fastapi import Request

from console.paging import bad_address
from console.parts import parts_of
from store.reconciliation_days import month_days


def asked_connection(request: Request) -> str:
    """The connection of the address, empty for all. Raises Trouble for one that is not configured."""
    name = request.query_params.get("connection", "").strip()
    if name and name not in parts_of(request).connections:
        raise bad_address()
    return name


def connection_or_first(request: Request) -> str:
    """The connection of the address, else the first one of the configuration."""
    return asked_connection(request) or min(parts_of(request).connections)


def asked_day(request: Request) -> date:
    """The day of the address, else today in the zone of the site. Raises Trouble, also for a day without a next one."""
    text = request.query_params.get("day", "").strip()
    try:
        day = date.fromisoformat(text) if text else today(request)
    except ValueError:
        raise bad_address() from None
    if day == date.max:
        raise bad_address()
    return day


def asked_month(request: Request) -> str:
    """The month of the address as ``2026-11``, else the one before this one. Raises Trouble."""
    text = request.query_params.get("month", "").strip()
    try:
        month_days(text or "2000-01")
    except ValueError:
        raise bad_address() from None
    this = today(request)
    last = date(this.year - 1, 12, 1) if this.month == 1 else date(this.year, this.month - 1, 1)
    return text or f"{last:%Y-%m}"


def today(request: Request) -> date:
    """The date in the zone of the site."""
    parts = parts_of(request)
    return parts.clock().astimezone(parts.zone).date()


def connection_names(request: Request) -> list[str]:
    """All configured connections, by name."""
    return sorted(parts_of(request).connections)
