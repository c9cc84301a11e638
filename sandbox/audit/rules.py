"""What must never be found in the books. One rule a function: a page in, sentences out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from sandbox.audit.books import Books, ReturnBook
from sandbox.audit.exchange_rules import EXCHANGE_RULES
from sandbox.audit.scope import Rule, Scope
from sandbox.kit.journal import Entry


def find_violations(books: Books, erp: list[Entry], scope: Scope, own: Sequence[Rule] = ()) -> list[str]:
    """All sentences, keys applied twice first, then return by return. `own` are rules of the ERP itself."""
    found = list(keys_applied_twice(erp))
    for page in books.returns.values():
        for rule in (*RULES, *EXCHANGE_RULES, *own):
            found.extend(f"return {page.key}: {text}" for text in rule(page, scope))
    return found


def keys_applied_twice(erp: list[Entry]) -> Iterator[str]:
    """A key names one document of its kind. Documents made by hand may have none.

    Where one key is several records each has its own reference; a key may come again after it was undone.
    """
    counts = Counter((entry["op"], name) for entry in erp if (name := _reference(entry)))
    counts -= Counter((entry["undoes"], entry["key"]) for entry in erp if entry.get("undoes"))
    for (op, name), times in counts.items():
        if times > 1:
            yield f"key {name} was applied {times} times by {op}"


def _reference(entry: Entry) -> str:
    found = entry.get("extref") or entry.get("key") or entry.get("tpguid") or ""
    return str(found)


def more_than_one_live_rma(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """A return has one RMA; a second one authorises its units again."""
    numbers = [rma.number for rma in page.live_rmas]
    if len(numbers) > 1:
        yield f"{len(numbers)} live RMAs: {', '.join(numbers)}"


def more_received_than_authorised(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Per RMA line."""
    for rma in page.rmas:
        for line in rma.lines:
            if line.received > line.authorised:
                yield (
                    f"{line.received} units of {line.sku} received on line {line.number} of {rma.number}, "
                    f"only {line.authorised} authorised"
                )


def more_credited_than_authorised(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Per RMA line, reversed notes left out."""
    for rma in page.rmas:
        for line in rma.lines:
            if line.credited > line.authorised:
                yield (
                    f"{line.credited} units of {line.sku} credited on line {line.number} of {rma.number}, "
                    f"only {line.authorised} authorised"
                )


def document_on_foreign_rma(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """The key of a receipt or note names another return than its RMA does."""
    own = {rma.number for rma in page.rmas}
    documents = [(row.number, row.rma) for row in page.receipts] + [(row.number, row.rma) for row in page.notes]
    for number, rma in documents:
        if rma not in own:
            yield f"{number} was posted on {rma}, an RMA of another return"


def receipt_on_cancelled_rma(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Goods booked before or after the cancellation."""
    cancelled = {rma.number for rma in page.rmas if rma.cancelled}
    for receipt in page.receipts:
        if receipt.rma in cancelled:
            yield f"receipt {receipt.number} stands on {receipt.rma}, which is cancelled"


def live_rma_of_cancelled_return(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """An RMA with goods or money on it stays: a cancellation does not undo what happened."""
    if page.cancelled:
        for rma in page.live_rmas:
            if not any(line.received or line.credited for line in rma.lines):
                yield f"cancelled on the platform, but {rma.number} is still live"


def credit_differs_from_refund(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Live notes against paid refunds, exact, per currency."""
    if not scope.compare or page.key in scope.explained:
        return
    for currency in sorted(page.credited.keys() | page.refunded.keys()):
        credited = page.credited.get(currency, Decimal(0))
        refunded = page.refunded.get(currency, Decimal(0))
        if credited != refunded:
            yield f"credited {credited} {currency}, refunded {refunded} {currency}"


def rejected_goods_in_stock(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """A rejected unit goes back to the customer, not into stock; hold depots do not count."""
    received = page.received_units(scope.hold_depots)
    for sku, rejected in page.rejected.items():
        accepted = page.accepted.get(sku, 0)
        if received.get(sku, 0) > accepted:
            yield (
                f"{received[sku]} units of {sku} received, but {rejected} were rejected and only {accepted} accepted"
            )


def accepted_goods_not_in_stock(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Each accepted unit was booked in somewhere, by receipt or adjustment. Lost parcels must be explained."""
    if page.key in scope.explained:
        return
    received = page.received_units()
    for sku, accepted in page.accepted.items():
        booked = received.get(sku, 0) + max(page.adjusted.get(sku, 0), 0)
        if booked < accepted:
            yield f"{accepted} units of {sku} accepted, but only {booked} received"


def surplus_in_sellable_stock(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """What nobody authorised is never for sale: over-receipts, wrong items, parcels without a return."""
    authorised = Counter[str]()
    for rma in page.live_rmas:
        for line in rma.lines:
            authorised[line.sku] += line.authorised
    for sku, units in page.stock_units(scope.sellable_depots).items():
        if units > authorised[sku]:
            yield f"{units} units of {sku} in sellable stock, only {authorised[sku]} authorised"


RULES: tuple[Rule, ...] = (
    more_than_one_live_rma,
    more_received_than_authorised,
    more_credited_than_authorised,
    document_on_foreign_rma,
    receipt_on_cancelled_rma,
    live_rma_of_cancelled_return,
    credit_differs_from_refund,
    rejected_goods_in_stock,
    accepted_goods_not_in_stock,
    surplus_in_sellable_stock,
)
