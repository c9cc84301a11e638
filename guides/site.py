"""What the site's own configuration says about one kind of exception: its mappings, times and choices (N16, R101)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from domain.connection import Connection
from domain.exceptions import ExceptionCode
from guides.blocks import Code, Given, Inline, Ref, Section, Table
from guides.settings import MODES
from guides.words import setting, span

_Fact = Callable[[Connection], object]


def _keys(mapping: Iterable[str]) -> tuple[Inline, ...]:
    """The codes one after the other."""
    shown: list[Inline] = []
    for key in mapping:
        shown += [", ", Code(code=key)] if shown else [Code(code=key)]
    return tuple(shown) or ("none",)


#: Exception → what to tell of each connection, and how to read it from there.
_FACTS: Mapping[ExceptionCode, tuple[str, _Fact]] = MappingProxyType(
    {
        ExceptionCode.LOCATION_UNMAPPED: ("Locations that have depots", lambda c: _keys(c.mappings.locations)),
        ExceptionCode.DISPOSITION_UNMAPPED: ("Codes that are known", lambda c: _keys(c.mappings.dispositions)),
        ExceptionCode.REASON_UNMAPPED: ("Reasons that are known", lambda c: _keys(c.mappings.reasons)),
        ExceptionCode.TAX_CODE_UNMAPPED: ("Tax codes that are known", lambda c: _keys(c.mappings.tax_codes)),
        ExceptionCode.CONFIG_INVALID: ("Charges that have a code", lambda c: _keys(c.mappings.charges)),
        ExceptionCode.VALIDATION_QTY: ("SKUs that are translated", lambda c: _keys(c.mappings.skus)),
        ExceptionCode.PERIOD_CLOSED: ("What the policy says", lambda c: MODES[c.policy.closed_period]),
        ExceptionCode.DAMAGED_DECISION: ("Share that is credited, in per cent", lambda c: c.policy.credit_shares),
        ExceptionCode.LATE_RETURN: ("Days of grace", lambda c: c.policy.grace),
        ExceptionCode.RECEIPT_NOT_INSPECTED: ("Raised after", lambda c: c.policy.inspection_limit),
        ExceptionCode.REFUND_NOT_CONFIRMED: ("Raised after", lambda c: c.policy.refund_limit),
        ExceptionCode.EXCHANGE_PAYMENT_MISSING: ("Raised after", lambda c: c.policy.payment_limit),
        ExceptionCode.EXPOSURE_DUE: ("Raised so long before the cover ends", lambda c: c.policy.cover_alarms),
        ExceptionCode.CONNECTION_DOWN: ("Raised after", lambda c: c.policy.outage_limit),
        ExceptionCode.ORDER_NOT_FOUND: ("An order may be on its way for", lambda c: c.policy.order_lag),
        ExceptionCode.CREDIT_OVERDUE: ("Late after", lambda c: c.limits.credit),
        ExceptionCode.ROUNDING_DRIFT: ("Raised above, in minor units", lambda c: c.limits.rounding_balance),
        ExceptionCode.EXCHANGE_EXPOSURE: ("When replacements are ordered", lambda c: MODES[c.policy.exchange_on]),
        ExceptionCode.EXCHANGE_OOS: ("When replacements are ordered", lambda c: MODES[c.policy.exchange_on]),
        ExceptionCode.REFUND_MISMATCH: (
            "Rounding that is let through, by decimals of the currency, in minor units",
            lambda c: c.policy.tolerance_caps,
        ),
        ExceptionCode.LOST_PARCEL: ("Goods are due within", lambda c: span(c.policy.deadline)),
    }
)

_MAPPED = (
    ExceptionCode.LOCATION_UNMAPPED,
    ExceptionCode.DISPOSITION_UNMAPPED,
    ExceptionCode.REASON_UNMAPPED,
    ExceptionCode.TAX_CODE_UNMAPPED,
    ExceptionCode.CONFIG_INVALID,
)


def site_section(code: ExceptionCode, connections: Sequence[Connection]) -> Section | None:
    """The configuration of every connection, as far as it has to do with this code; None when it has nothing."""
    if code not in _FACTS or not connections:
        return None
    label, fact = _FACTS[code]
    rows: tuple[tuple[Given, ...], ...] = tuple(
        ((Ref(text=c.name, page=f"connections/{c.name}"),), _cell(fact(c))) for c in connections
    )
    hint = "Operations add what is missing to the configuration. It counts from the next start of the worker."
    return Section(
        title="On your site",
        paragraphs=(hint,) if code in _MAPPED else (),
        table=Table(columns=("Connection", label), rows=rows),
    )


def _cell(value: object) -> Given:
    """Words as they are; anything else as a setting."""
    if isinstance(value, str) or (isinstance(value, tuple) and any(isinstance(part, Code) for part in value)):
        return value
    return setting(value)
