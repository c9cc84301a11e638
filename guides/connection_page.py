"""How one connection is set up: what the site decided, as its configuration has it now (R103)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.connection import Connection, Mappings
from domain.dispositions import Disposition
from guides.blocks import Code, Given, Page, Ref, Section, Table
from guides.erps import ErpFacts, erp_facts
from guides.platforms import platform_facts
from guides.settings import limit_rows, mode_rows, policy_rows
from guides.timing import has_windows, timing_rows
from guides.words import listed, setting, span

DISPOSITION_TEXTS: Mapping[Disposition, str] = {
    Disposition.SELLABLE: "Can be sold again",
    Disposition.DAMAGED: "Damaged, and accepted",
    Disposition.QUARANTINE: "To be looked at again; counts as accepted",
    Disposition.RETURN_TO_CUSTOMER: "Not accepted: goes back to the customer",
    Disposition.DISPOSED: "Accepted, and thrown away on arrival",
    Disposition.MISSING: "Announced, and not in the parcel",
    Disposition.LOST_IN_TRANSIT: "Lost by the carrier, and credited by finance's decision",
}


def connection_page(connection: Connection, all_connections: Sequence[Connection]) -> Page:
    """The page ``connections/<name>``."""
    platform, erp = platform_facts(connection.platform), erp_facts(connection.erp)
    return Page(
        path=f"connections/{connection.name}",
        title=f"Connection {connection.name}: {platform.name} with {erp.name}",
        intro=(
            "This page states what your configuration says. Operations change it there, and write the guides again. ",
            Ref(text="Who is master of what", page="operating-model"),
            " is on another page.",
        ),
        sections=tuple(_sections(connection, all_connections, erp)),
    )


def _sections(connection: Connection, everyone: Sequence[Connection], erp: ErpFacts) -> Iterator[Section]:
    platform = platform_facts(connection.platform)
    yield Section(title="In short", points=tuple(_short(connection, everyone)))
    yield Section(
        title="What was decided", table=_table(("Decision", "Setting", "What it means"), mode_rows(connection))
    )
    yield Section(
        title="When documents are posted",
        paragraphs=tuple(_window_words(connection)),
        table=_table(("Documents", "When"), timing_rows(connection.timing)),
    )
    yield Section(title="Times and figures", table=_table(("What", "Setting"), policy_rows(connection.policy)))
    yield Section(
        title="Agreed times",
        paragraphs=("What passes one of these is shown and announced. Nothing is undone by it.",),
        table=_table(("What", "Setting"), limit_rows(connection.limits)),
    )
    yield from _mappings(connection.mappings, erp)
    notes = (*platform.notes, *erp.notes)
    if notes:
        yield Section(title="Good to know about these systems", points=notes)


def _short(connection: Connection, everyone: Sequence[Connection]) -> Iterator[Given]:
    sharing = [other.name for other in everyone if other.books == connection.books and other.name != connection.name]
    yield ("Addresses of its webhooks begin with ", Code(code=f"/webhooks/{connection.name}"), ".")
    if sharing:
        once = "A unit is credited once, whichever connection it came through."
        yield (f"Its books in the ERP are shared with {listed(sharing)}. {once}",)
    yield ("Version of the mappings: ", Code(code=connection.mappings.version), ". It is kept with every document.")


def _window_words(connection: Connection) -> Iterator[Given]:
    timing = connection.timing
    if has_windows(timing):
        before, after = span(timing.hand_over_before), span(timing.acknowledge_within)
        yield ("A return that waits for a window says which one. It is not late before it.",)
        yield (f"Where the ERP takes files, a file lies there {before} before its window opens.",)
        yield (f"Its answer is missed {after} after the window closes.",)


def _mappings(mappings: Mappings, erp: ErpFacts) -> Iterator[Section]:
    yield Section(
        title="Depots",
        paragraphs=(
            f"Where units go: place of the inspection, kind of depot, {erp.depot} in the ERP. None is guessed.",
        ),
        table=_table(
            ("Where inspected", "Kind of depot", f"{erp.depot.capitalize()} in the ERP"), _nested(mappings.locations)
        ),
    )
    if mappings.reason_depots:
        yield Section(
            title="Depots by reason",
            paragraphs=("These come before the depots of the location.",),
            table=_table(
                ("Reason", "Kind of depot", f"{erp.depot.capitalize()} in the ERP"), _nested(mappings.reason_depots)
            ),
        )
    yield Section(
        title="Dispositions",
        table=_table(
            ("Disposition", "Meaning", "Stock document", "Kind of depot", "Condition in the ERP"), _actions(mappings)
        ),
    )
    yield from _translations(mappings)


def _translations(mappings: Mappings) -> Iterator[Section]:
    for title, left, right, words in (
        ("Codes of the inspectors", "Code", "Disposition", mappings.dispositions),
        ("Dispositions by reason", "Reason of the return", "Disposition", mappings.reason_dispositions),
        ("Return reasons", "Reason on the platform", "Code in the ERP", mappings.reasons),
        ("Kinds of return", "On the platform", "In the ERP", mappings.return_types),
        ("States of a credit note", "State in the ERP", "Counts as", mappings.credit_statuses),
        ("Tax codes", "On the order", "On the credit note", mappings.tax_codes),
        ("Charges", "Purpose", "Code in the ERP", mappings.charges),
        ("SKUs that differ", "On the platform", "In the ERP", mappings.skus),
    ):
        if words:
            rows = ((_code(key), _code(value)) for key, value in words.items())
            yield Section(title=title, table=_table((left, right), rows))


def _actions(mappings: Mappings) -> Iterator[tuple[Given, ...]]:
    for disposition in Disposition:
        action = mappings.stock_actions.get(disposition)
        if action is not None:
            yield (
                _code(disposition),
                (DISPOSITION_TEXTS[disposition],),
                setting(action.document),
                setting(action.bucket),
                setting(action.condition),
            )


def _nested(mapping: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Given, ...]]:
    for outer, inner in mapping.items():
        for key, value in inner.items():
            yield _code(outer), _code(key), _code(value)


def _code(value: str) -> Given:
    return (Code(code=str(value)),)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[Given, ...]]) -> Table:
    return Table(columns=columns, rows=tuple(rows))
