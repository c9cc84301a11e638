"""Searches for the Temporal UI, for the people who run Backhaul. Each is run by a test against a real server."""

from domain.exceptions import Owner
from domain.messages import (
    ATTENTION_ATTRIBUTE,
    CONNECTION_ATTRIBUTE,
    EXCHANGE_WORKFLOW,
    NO_ATTENTION,
    PARCEL_WORKFLOW,
    RECONCILE_WORKFLOW,
    RETURN_ATTRIBUTE,
    RETURN_WORKFLOW,
    SWEEP_WORKFLOW,
    WINDOW_WORKFLOW,
)
from domain.model import Value
from guides.words import team_title

_RUNNING = 'ExecutionStatus = "Running"'
_ENDED_BADLY = 'ExecutionStatus IN ("Failed", "Terminated", "TimedOut")'


class SavedView(Value):
    """One search. The UI takes letters, digits, blanks and ``_.-`` in its name.

    finds: what its result is; query: as the UI takes it; `{connection}`, `{return_id}` and `{date}` are to be filled in
    act: what to do with what it finds
    """

    name: str
    finds: str
    query: str
    act: str

    def filled(self, connection: str, return_id: str, date: str) -> str:
        """The query for one connection, one return and one day."""
        return self.query.format(connection=connection, return_id=return_id, date=date)


def _of(workflow: str, *conditions: str) -> str:
    return " AND ".join((f'WorkflowType = "{workflow}"', *conditions))


_WAITING = tuple(
    SavedView(
        name=f"Waits for {team_title(owner)}",
        finds=f"Returns and parcels that have stopped until {team_title(owner)} decides.",
        query=f'{ATTENTION_ATTRIBUTE} = "{owner.value}" AND {_RUNNING}',
        act="Tell the team. It decides in the console, where it sees reason, figures and possible decisions.",
    )
    for owner in Owner
)

VIEWS: tuple[SavedView, ...] = (
    SavedView(
        name="Waits for anybody",
        finds="Everything that has stopped until a person decides.",
        query=f'{ATTENTION_ATTRIBUTE} != "{NO_ATTENTION}" AND {_RUNNING}',
        act="The exceptions page of the console shows them too, and what stops no return besides.",
    ),
    *_WAITING,
    SavedView(
        name="Open returns",
        finds="Every return of one connection that has not ended.",
        query=_of(RETURN_WORKFLOW, f'{CONNECTION_ATTRIBUTE} = "{{connection}}"', _RUNNING),
        act="Look whether their number grows without end.",
    ),
    SavedView(
        name="One return",
        finds="The workflow of one return, and its parcels and regrades.",
        query=f'{CONNECTION_ATTRIBUTE} = "{{connection}}" AND {RETURN_ATTRIBUTE} = "{{return_id}}"',
        act="Open it, and read its current details.",
    ),
    SavedView(
        name="Exchanges of one return",
        finds="The attempts at replacement orders of one return.",
        query='ParentWorkflowId = "return/{connection}/{return_id}"',
        act="The result of the last one says why there is no order.",
    ),
    SavedView(
        name="Old open returns",
        finds="Returns that began before a day and have not ended.",
        query=_of(RETURN_WORKFLOW, 'StartTime < "{date}T00:00:00Z"', _RUNNING),
        act="Open the oldest, and read what it waits for. The overview of the console shows the time in each stage.",
    ),
    SavedView(
        name="Exchanges under way",
        finds="Replacement orders that are being made at this moment.",
        query=_of(EXCHANGE_WORKFLOW, _RUNNING),
        act="An attempt takes seconds. One that lasts waits for an ERP that does not answer.",
    ),
    SavedView(
        name="Parcels without a return",
        finds="Parcels in quarantine that wait for a match or a decision.",
        query=_of(PARCEL_WORKFLOW, 'WorkflowId STARTS_WITH "parcel/"', _RUNNING),
        act="The warehouse decides them in the console.",
    ),
    SavedView(
        name="Windows of batch ERPs",
        finds="One workflow for each division and class of documents.",
        query=_of(WINDOW_WORKFLOW, _RUNNING),
        act="There must be one for each. Its current details name the next window, or the file without an answer.",
    ),
    SavedView(
        name="Sweeps that ended badly",
        finds="Comparisons of platform and ERP that did not come to their end.",
        query=_of(SWEEP_WORKFLOW, _ENDED_BADLY),
        act="The next one looks back further. If it fails too, read its failure, and look at the connection.",
    ),
    SavedView(
        name="Reconciliations that ended badly",
        finds="Comparisons of refunds, credit notes and stock that did not come to their end.",
        query=_of(RECONCILE_WORKFLOW, _ENDED_BADLY),
        act="Read its failure, mend the cause, and start it again. Until then the figures of finance are old.",
    ),
    SavedView(
        name="Sweeps and reconciliations now",
        finds="Comparisons that run at this moment.",
        query=f'WorkflowType IN ("{SWEEP_WORKFLOW}", "{RECONCILE_WORKFLOW}") AND {_RUNNING}',
        act="A sweep takes minutes. One that lasts waits for a system that does not answer.",
    ),
    SavedView(
        name="Returns that ended badly",
        finds="Returns whose workflow failed, was terminated or ran out of time. There should be none.",
        query=_of(RETURN_WORKFLOW, _ENDED_BADLY),
        act="Nothing was undone for it. Look at its documents in the console, and bring both systems together by hand.",
    ),
    SavedView(
        name="Returns stopped by operations",
        finds="Returns that somebody cancelled here. What could be undone was undone.",
        query=_of(RETURN_WORKFLOW, 'ExecutionStatus = "Canceled"'),
        act="Its last current details say what stayed as it was.",
    ),
    SavedView(
        name="Code that fails",
        finds="Workflows whose own code fails again and again.",
        query="TemporalReportedProblems IS NOT NULL",
        act="Nothing is lost: they go on once the worker is mended. Send the failure to the developers.",
    ),
)
