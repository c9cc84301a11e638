"""A connection: one platform with one ERP, and every decision the retailer made about the pair (decision D10)."""

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from domain.dispositions import Disposition, StockAction, StockDocument
from domain.duration import Duration
from domain.limits import Limits
from domain.model import Message, Value
from domain.money import exponent
from domain.windows import Timing


class ShippingPolicy(StrEnum):
    """When the outbound shipping is given back (money.md 6.5)."""

    NEVER = "never"
    ON_FULL_RETURN = "on_full_return"
    PRO_RATA = "pro_rata"
    PLATFORM_SAYS = "platform_says"


class FeePolicy(StrEnum):
    """Who says what the customer pays for returning."""

    NONE = "none"
    PLATFORM_SAYS = "platform_says"


class CreditOn(StrEnum):
    """What makes the credit note due (design 3.6)."""

    REFUND = "refund"
    INSPECTION = "inspection"


class ExchangeOn(StrEnum):
    """When the replacement order is made (design 3.7)."""

    CONFIRMATION = "confirmation"
    ACCEPTANCE = "acceptance"


class ClosedPeriod(StrEnum):
    """What to do when the accounting period of a credit is closed (E47)."""

    PARK = "park"
    NEXT_MONTH = "next_month"


class InspectedBy(StrEnum):
    """Whose inspection counts (design 3.5)."""

    WAREHOUSE = "warehouse"  # sent to Backhaul, which tells the platform
    PLATFORM = "platform"  # entered by the platform's own users; it counts once the platform has finished (R139)


class FlowPolicy(Message):
    """Decisions of a connection that a running return obeys; it gets them with its RMA.

    None: no such limit. Defaults are those of returns that were opened before the field existed.
    report_beside: a platform that cannot hear a result does not keep the next parcel from stock (N5)
    money_after_take_back: nothing is credited around a replacement while it is taken back (E54, E61)
    """

    credit_on: CreditOn = CreditOn.REFUND
    exchange_on: ExchangeOn = ExchangeOn.CONFIRMATION
    inspected_by: InspectedBy = InspectedBy.WAREHOUSE
    refund_limit: timedelta | None = None
    payment_limit: timedelta | None = None
    inspection_limit: timedelta | None = None
    grace: timedelta | None = None
    cover_alarms: list[timedelta] = []
    report_beside: bool = False
    money_after_take_back: bool = False


class Policy(Value):
    """Timing and money decisions of a connection."""

    deadline: Duration = Field(default=timedelta(days=30), description="goods must arrive within this time")
    reminders: tuple[Duration, ...] = Field(default=(timedelta(days=14), timedelta(days=25)), max_length=3)
    order_lag: Duration = Field(
        default=timedelta(hours=4), description="how long an unknown order may be sync lag (E6)"
    )
    return_lag: Duration = Field(
        default=timedelta(seconds=60), description="how long a return the platform does not know may be read lag"
    )
    second_look: Duration = Field(
        default=timedelta(seconds=3),
        description="then a read is made again that a clock of whole seconds cannot tell from an older one",
    )
    outage_limit: Duration = Field(default=timedelta(minutes=15), description="then CONNECTION_DOWN is raised (D3)")
    grace: Duration = Field(default=timedelta(days=7), description="a parcel this late reopens the return (E29)")
    refund_limit: Duration = Field(
        default=timedelta(days=5), description="accepted goods without a refund for so long are raised (E34)"
    )
    inspection_limit: Duration = Field(
        default=timedelta(days=3), description="delivered goods without an inspection for so long are raised (E30)"
    )
    payment_limit: Duration = Field(
        default=timedelta(days=3), description="a dearer replacement that is unpaid for so long is raised (E53)"
    )
    cover_alarms: tuple[Duration, ...] = Field(
        default=(timedelta(days=7), timedelta(days=1)),
        max_length=3,
        description="so long before an instant refund's cover lapses, missing goods are raised (N11)",
    )
    credit_on: CreditOn = CreditOn.REFUND
    exchange_on: ExchangeOn = ExchangeOn.CONFIRMATION
    inspected_by: InspectedBy = InspectedBy.WAREHOUSE
    credit_shares: dict[Disposition, int | Literal["by_reason"]] = Field(
        default={Disposition.DAMAGED: "by_reason"},
        description="percent of the value credited for accepted units; by_reason: all of it when the supplier is"
        " at fault, else finance decides (E22). Dispositions that are not named are credited in full",
    )
    supplier_fault_reasons: frozenset[str] = frozenset({"defective", "damaged", "wrong_item", "not_as_described"})
    closed_period: ClosedPeriod = ClosedPeriod.PARK
    shipping: ShippingPolicy = ShippingPolicy.ON_FULL_RETURN
    return_fee: FeePolicy = FeePolicy.PLATFORM_SAYS
    tolerance_step: int = Field(
        default=1, ge=0, description="minor units a rounded component may differ (money.md 6.8)"
    )
    tolerance_caps: dict[int, int] = {0: 1, 2: 3, 3: 10, 4: 10}
    rate_per_second: float = Field(default=5.0, gt=0, description="ERP calls per second, all workers together (R34)")
    concurrency: int = Field(default=2, ge=1, description="ERP calls in flight per worker")

    @property
    def flow(self) -> FlowPolicy:
        """What a return that is opened now will obey."""
        return FlowPolicy(
            report_beside=True,
            money_after_take_back=True,
            credit_on=self.credit_on,
            exchange_on=self.exchange_on,
            inspected_by=self.inspected_by,
            refund_limit=self.refund_limit,
            payment_limit=self.payment_limit,
            inspection_limit=self.inspection_limit,
            grace=self.grace,
            cover_alarms=list(self.cover_alarms),
        )

    def credit_share(self, disposition: Disposition, reason: str) -> int | None:
        """Percent of an accepted unit's value that is credited; None when finance must decide (E22).

        `reason` is the platform's return reason.
        """
        share = self.credit_shares.get(disposition, 100)
        if share == "by_reason":
            return 100 if reason in self.supplier_fault_reasons else None
        return share

    def tolerance_cap(self, currency: str) -> int:
        """Largest rounding difference of one credit, in minor units of the currency."""
        return self.tolerance_caps.get(exponent(currency), 0)

    @model_validator(mode="after")
    def _reminders_before_deadline(self) -> "Policy":
        if any(reminder >= self.deadline for reminder in self.reminders) or list(self.reminders) != sorted(
            set(self.reminders)
        ):
            raise ValueError("reminders must rise and lie before the deadline")
        return self

    @model_validator(mode="after")
    def _shares_are_percent(self) -> "Policy":
        wrong = [d.value for d, share in self.credit_shares.items() if isinstance(share, int) and not 0 <= share <= 100]
        if wrong:
            raise ValueError(f"credit_shares of {', '.join(wrong)} must be 0 to 100, or by_reason")
        return self


Filled = Annotated[str, Field(min_length=1)]
"""What something is translated to: an empty word would be refused, or not found, at every return."""


class Mappings(Value):
    """Translations between the two systems. Nothing is guessed: what is not here parks (R29).

    locations: receiving location → bucket → depot, e.g. ``{"LDN-1": {"sellable": "01", "damaged": "DM"}}``
    dispositions: the warehouse's code → our disposition, or ``by_reason``; our own words always work
    reason_dispositions: the platform's return reason → our disposition, for units that came without one (R24)
    reason_depots: the platform's return reason → bucket → depot, before the location's own (R28)
    stock_actions: disposition → what it does in the stock ledger; every disposition must be here (R23)
    reasons: the platform's return reason → the ERP's reason code
    return_types: the platform's return type → the ERP's; every type of the platform must be here (R18)
    credit_statuses: the ERP's credit status → ``live`` or ``void``; every status of the ERP must be here (R18)
    tax_codes: tax code or rate of the order → tax code or rate on the credit (R7)
    charges: purpose (shipping, fee, rounding, goodwill, exchange) → the ERP's charge code
    skus: the platform's SKU → the ERP's, only where they differ
    """

    locations: dict[str, dict[str, str]]
    dispositions: dict[str, Disposition | Literal["by_reason"]] = {}
    reason_dispositions: dict[str, Disposition] = {}
    reason_depots: dict[str, dict[str, str]] = {}
    stock_actions: dict[Disposition, StockAction]
    reasons: dict[str, Filled] = Field(min_length=1)
    return_types: dict[str, str]
    credit_statuses: dict[str, str]
    tax_codes: dict[str, Filled] = Field(min_length=1)
    charges: dict[str, Filled] = {}
    skus: dict[str, Filled] = {}

    @model_validator(mode="after")
    def _complete(self) -> "Mappings":
        problems = [
            f"stock_actions has no entry for {d}" for d in Disposition if d.scanned and d not in self.stock_actions
        ]
        buckets = {a.bucket for a in self.stock_actions.values() if a.document is not StockDocument.NONE}
        if "" in buckets:
            problems.append("a stock action that makes a document needs a bucket")
        for location, depots in self.locations.items():
            there = {bucket for bucket, depot in depots.items() if depot}
            problems += [f"location {location} has no depot for {bucket}" for bucket in sorted(buckets - {""} - there)]
        sellable = self.stock_actions.get(Disposition.SELLABLE)
        for disposition, action in self.stock_actions.items():
            if sellable and disposition is not Disposition.SELLABLE and action.bucket == sellable.bucket != "":
                problems.append(f"{disposition} would go to the sellable bucket {action.bucket!r} (R25)")
        for location, depots in self.locations.items():
            sellable_depot = depots.get(sellable.bucket) if sellable else None
            problems += [
                f"location {location}: bucket {bucket} is the sellable depot {depot} (R25)"
                for bucket, depot in depots.items()
                if sellable and bucket != sellable.bucket and depot == sellable_depot
            ]
        problems += self._unsellable_reason_depots(sellable.bucket if sellable else "")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unsellable_reason_depots(self, sellable_bucket: str) -> list[str]:
        """A reason must not make sellable what is not (R25)."""
        sellable_depots = {depots.get(sellable_bucket) for depots in self.locations.values()}
        return [
            f"reason_depots.{reason}: bucket {bucket} is the sellable depot {depot} (R25)"
            for reason, depots in self.reason_depots.items()
            for bucket, depot in depots.items()
            if bucket != sellable_bucket and depot in sellable_depots
        ]

    @property
    def version(self) -> str:
        """Tells apart what was mapped how: it changes with every change of any mapping (R105)."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def disposition(self, code: str, reason: str = "") -> Disposition | None:
        """Our disposition for a warehouse's code, or None when it is not mapped.

        Without a code, or where the code says so, the return's `reason` decides (R24); but what the warehouse set apart
        by a code never becomes sellable by it (R25).
        """
        mapped = self.dispositions.get(code)
        if not code or mapped == "by_reason":
            by_reason = self.reason_dispositions.get(reason)
            return None if code and by_reason is Disposition.SELLABLE else by_reason
        return mapped or (Disposition(code) if code in Disposition.__members__ else None)

    def depot(self, location: str, bucket: str, reason: str = "") -> str | None:
        """The depot for a bucket at a location, or for units returned for a reason (R28); None: not mapped (R29)."""
        return self.reason_depots.get(reason, {}).get(bucket) or self.locations.get(location, {}).get(bucket)


class Connection(Value):
    """Everything about one pair of systems, except credentials, which stay in the environment.

    `platform_settings` and `erp_settings` are checked by the adapter's own settings model when the adapter is built.
    `ledger` names the ERP's books: connections that share one ERP share its order slots and its queue.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    platform: str
    erp: str
    ledger: str = ""
    platform_settings: dict[str, object] = {}
    erp_settings: dict[str, object] = {}
    mappings: Mappings
    policy: Policy = Policy()
    timing: Timing = Timing()
    limits: Limits = Limits()

    @property
    def books(self) -> str:
        """The name under which the ERP's orders and slots are kept."""
        return self.ledger or self.name
