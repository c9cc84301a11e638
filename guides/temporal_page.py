"""The Temporal UI for operations: saved searches, reading a return, signals and updates (design D9)."""

from collections.abc import Iterator, Sequence

from domain.connection import Connection
from domain.messages import (
    INSPECTION_SIGNAL,
    POKE_SIGNAL,
    RECORD_INSPECTION_UPDATE,
    REPORT_LOST_UPDATE,
    RESOLVE_UPDATE,
)
from domain.model import Value
from guides.blocks import Code, Given, Page, Section, Table
from guides.screens import ScreenId, to_screen
from guides.views import VIEWS

#: What stands for a return and a day in the examples.
RETURN_ID, DATE = "R-1001", "2026-10-01"


class Call(Value):
    """A signal or an update that a person may send. `data`: an example of its JSON, checked by a test."""

    kind: str
    name: str
    does: str
    data: str


CALLS: tuple[Call, ...] = (
    Call(
        kind="Signal",
        name=POKE_SIGNAL,
        does="Has the return read from its platform again. Harmless at any time.",
        data='{"reason": "operator"}',
    ),
    Call(
        kind="Update",
        name=RECORD_INSPECTION_UPDATE,
        does="Records what was in a parcel. What cannot be right is refused at once.",
        data='{"inspection_id": "scan-1", "location": "LDN-1", "units":'
        ' [{"sku": "P1001-BLK", "quantity": 1, "disposition": "SELLABLE"}]}',
    ),
    Call(
        kind="Signal",
        name=INSPECTION_SIGNAL,
        does="The same while no worker runs. What is wrong with it becomes an exception later.",
        data='{"inspection_id": "scan-1", "location": "LDN-1", "units":'
        ' [{"sku": "P1001-BLK", "quantity": "1", "disposition": "SELLABLE"}]}',
    ),
    Call(
        kind="Update",
        name=REPORT_LOST_UPDATE,
        does="Says that the carrier lost what is still to come. An exception then asks what becomes of it.",
        data='{"reporter": "carrier", "reason": "claim 4711"}',
    ),
    Call(
        kind="Update",
        name=RESOLVE_UPDATE,
        does="Decides an exception. Only when the console cannot be used: a second person is not asked for here.",
        data='{"exception_id": "ex-0123456789ab", "version": 1, "kind": "RETRY", "role": "finance", "actor": "user-7"}',
    ),
)

_WORKFLOWS: tuple[tuple[str, str], ...] = (
    ("return/{connection}/{return id}", "One return, from its request to its close"),
    ("exchange/{connection}/{return id}/{number}", "One attempt at a replacement order"),
    ("parcel/{connection}/{scan}", "A parcel that came without its return"),
    ("parcel/{connection}/{return id}/{scan}", "A parcel that came after its return had ended"),
    ("regrade/{connection}/{return id}/{regrade}", "Booked units that move to another depot"),
    ("window/{books}/{rma, stock or credit}", "The windows of a batch ERP, one after the other"),
)


def temporal_page(connections: Sequence[Connection]) -> Page:
    """The page ``temporal-ui``."""
    return Page(
        path="temporal-ui",
        title="Temporal UI for operations",
        intro=(
            "It shows what the machinery does at this moment, and is for operations. Everybody else looks at ",
            to_screen(ScreenId.RETURNS),
            " and ",
            to_screen(ScreenId.EXCEPTIONS),
            ". Its words are those of version 2.54.",
        ),
        sections=tuple(_sections(connections)),
    )


def _sections(connections: Sequence[Connection]) -> Iterator[Section]:
    yield Section(title="Names of workflows", table=_table(("Workflow ID", "What it is"), _names()))
    yield Section(
        title="Saved searches",
        paragraphs=(
            "Put your own connection, return and day in place of the examples. Our tests run each on a real server.",
            "A return that waits for two teams is found under the one that has waited longer.",
        ),
        table=_table(("Name", "What it finds", "Query", "What to do"), _views(connections)),
    )
    yield Section(
        title="What it cannot search",
        points=(
            ("An order, an RMA, a tracking number or a credit note: ", to_screen(ScreenId.RETURNS), " finds them."),
            ("How long a return has been in its stage: ", to_screen(ScreenId.OVERVIEW), " shows that."),
        ),
    )
    yield Section(title="How to save a search", steps=_SAVE)
    yield Section(title="How to read a return", steps=_READ)
    yield Section(
        title="How to send something to a return",
        steps=_SEND,
        table=_table(("Kind", "Name", "What it does", "Data"), _calls()),
    )
    yield Section(title="What not to do", points=_NEVER)


_SAVE: tuple[Given, ...] = (
    "Open Workflows in the namespace of Backhaul.",
    "Choose View Raw Query, paste the query, and search.",
    "Choose Save as New in the bar of the saved views, type the name, and save.",
    "It is kept in this browser, for this namespace. Share gives a link that others can save for themselves.",
)

_READ: tuple[Given, ...] = (
    "Open the workflow. Its summary names the return and both systems.",
    "Under Summary & Details, Current Details says the stage, what the return waits for, and until when.",
    "A part that has stopped stands there too, with its code, its owner and the number of the exception.",
    "Pending activities are calls to a vendor. Their attempt and last failure say how long it has not answered.",
    "The history has the name of every step. Relationships leads to its exchanges.",
)

_SEND: tuple[Given, ...] = (
    "Open the running workflow, and choose Send a Signal or Send an Update from the menu beside Request Cancellation.",
    "Choose the name, and paste the data as JSON.",
    "An update answers at once, or says why it is refused. A signal is only taken down.",
)

_NEVER: tuple[Given, ...] = (
    "Do not terminate a return. Nothing is undone, and nobody hears of it.",
    "Request cancellation only before goods have arrived. It undoes the RMA and the replacement.",
    "Do not reset a return unless the developers ask for it.",
    "Do not type a name, an address or a mail address into any field. Everything here is kept.",
)


def _names() -> list[tuple[Given, ...]]:
    return [((Code(code=pattern),), (what,)) for pattern, what in _WORKFLOWS]


def _views(connections: Sequence[Connection]) -> list[tuple[Given, ...]]:
    connection = connections[0].name if connections else "uk"
    return [
        ((view.name,), (view.finds,), (Code(code=view.filled(connection, RETURN_ID, DATE)),), (view.act,))
        for view in VIEWS
    ]


def _calls() -> list[tuple[Given, ...]]:
    return [((call.kind,), (Code(code=call.name),), (call.does,), (Code(code=call.data),)) for call in CALLS]


def _table(columns: tuple[str, ...], rows: Sequence[tuple[Given, ...]]) -> Table:
    return Table(columns=columns, rows=tuple(rows))
