"""What the settings of a connection mean, in plain words (R103). A setting without words here fails a test."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.connection import (
    ClosedPeriod,
    Connection,
    CreditOn,
    ExchangeOn,
    FeePolicy,
    InspectedBy,
    Policy,
    ShippingPolicy,
)
from domain.limits import Limits
from domain.model import Value
from guides.blocks import Given, Inline
from guides.words import TEAMS, sentence, setting

#: ``(R74)``, ``(R30, R90)``, ``(money.md 6.8)``: of no use to people who run the business.
_IDS = re.compile(r"\s*\((?:[A-Z]\d+|money\.md|design)[^)]*\)")

#: What a choice means, for every choice that a site has made.
MODES: Mapping[StrEnum, str] = MappingProxyType(
    {
        CreditOn.REFUND: "A credit note is made when the platform confirms the refund.",
        CreditOn.INSPECTION: "A credit note is made right after the goods are accepted, before the platform pays.",
        ExchangeOn.CONFIRMATION: "A replacement is ordered when the customer confirms it, before the goods are back.",
        ExchangeOn.ACCEPTANCE: "A replacement is ordered only when the returned goods are accepted.",
        InspectedBy.WAREHOUSE: "The warehouse records inspections here, and the platform is told the result.",
        InspectedBy.PLATFORM: "The platform's own users inspect. It counts once the platform has finished.",
        ClosedPeriod.PARK: "A credit note for a closed period stops, and finance decides.",
        ClosedPeriod.NEXT_MONTH: "A credit note for a closed period is dated into the next month, and says so.",
        ShippingPolicy.NEVER: "Shipping that the customer paid is never given back.",
        ShippingPolicy.ON_FULL_RETURN: "Shipping is given back with the last unit of an order.",
        ShippingPolicy.PRO_RATA: "Shipping is given back in proportion to what comes back.",
        ShippingPolicy.PLATFORM_SAYS: "The platform says how much shipping is given back.",
        FeePolicy.NONE: "Returning costs the customer nothing.",
        FeePolicy.PLATFORM_SAYS: "The platform says what the customer pays for returning.",
    }
)

_MODE_LABELS = {
    "credit_on": "Credit notes",
    "exchange_on": "Exchange orders",
    "inspected_by": "Inspections",
    "closed_period": "Closed periods",
    "shipping": "Outbound shipping",
    "return_fee": "Return fees",
}

POLICY_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "deadline": "Goods must arrive within this time",
        "reminders": "The platform is reminded of missing goods after",
        "order_lag": "An order may be on its way into the ERP for so long",
        "return_lag": "A new return may be unreadable on the platform for so long",
        "second_look": "A read that may be older than its event is repeated after",
        "outage_limit": "A system that does not answer is raised after",
        "grace": "A parcel that comes so late after the deadline still opens the return again",
        "refund_limit": "Accepted goods without a refund are raised after",
        "inspection_limit": "A delivered parcel without an inspection is raised after",
        "payment_limit": "A dearer replacement that is unpaid is raised after",
        "cover_alarms": "Missing goods of a refund in advance are raised so long before the cover ends",
        "credit_shares": "Share of the value that is credited, in per cent; other dispositions in full",
        "supplier_fault_reasons": "Reasons that are the supplier's fault, so that damage is credited in full",
        "tolerance_step": "Each rounded part of a credit may differ by so many minor units",
        "tolerance_caps": "Largest rounding difference of a credit: decimals of the currency, then minor units",
        "rate_per_second": "Calls to the ERP in a second, all workers together",
        "concurrency": "Calls to the ERP at the same time, for each worker",
    }
)

LIMIT_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "rma": "An authorised return without its RMA is late after",
        "stock": "Inspected units without their stock document are late after",
        "credit": "A refund without its credit note is late after",
        "exchange": "A confirmed exchange without its order is late after",
        "note_age": "A refund without its credit note is urgent after",
        "stages": "A return that does not move is raised after",
        "sweep_every": "Platform and ERP are compared every",
        "sweep_back": "Each comparison looks back before the last one by",
        "reconcile_at": "The daily reconciliation runs at, UTC",
        "reconcile_days": "The daily reconciliation looks back, in days",
        "rounding_balance": "Rounding differences are raised when they add up to more minor units than",
        "escalate_after": "An exception that nobody handles goes up after",
        "second_person": "A decision about more than this needs a second person, in whole units of its currency",
        "trend_count": "The same cause is announced as a trend after so many times",
        "trend_window": "The times of a trend are counted within",
    }
)


def mode_rows(connection: Connection) -> Iterator[tuple[Given, ...]]:
    """What was decided, and what it means."""
    for field, label in _MODE_LABELS.items():
        chosen = getattr(connection.policy, field)
        yield (label,), setting(chosen), (MODES[chosen],)


def policy_rows(policy: Policy) -> Iterator[tuple[Given, ...]]:
    """Every time and figure of the policy."""
    for field in Policy.model_fields:
        if field not in _MODE_LABELS:
            yield (_label(POLICY_TEXTS, Policy, field),), setting(getattr(policy, field))


def limit_rows(limits: Limits) -> Iterator[tuple[Given, ...]]:
    """Every agreed time and amount. Times by team are in the guides of the teams too."""
    for field in Limits.model_fields:
        yield (_label(LIMIT_TEXTS, Limits, field),), _limit(limits, field)


def _label(texts: Mapping[str, str], model: type[Value], field: str) -> str:
    """Our words, or the field's own description without the ids of requirements; empty when it has neither."""
    described = _IDS.sub("", model.model_fields[field].description or "")
    if not (field in texts or described):
        return ""
    return texts.get(field) or sentence(described).rstrip(".")


def _limit(limits: Limits, field: str) -> tuple[Inline, ...]:
    if field == "escalate_after":
        return setting({TEAMS[owner]: limits.escalates_after(owner) for owner in TEAMS})
    return setting(getattr(limits, field))


def undescribed() -> list[str]:
    """Settings that have no words here; a test wants none."""
    policy = [name for name in Policy.model_fields if name not in _MODE_LABELS]
    missing = [f"policy.{name}" for name in policy if not _label(POLICY_TEXTS, Policy, name)]
    return missing + [f"limits.{name}" for name in Limits.model_fields if not _label(LIMIT_TEXTS, Limits, name)]
