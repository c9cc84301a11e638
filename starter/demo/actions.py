"""Counts the Temporal actions of one return from its history (temporal-notes 12, decision D14).

| event                     | actions                                                       |
| ------------------------- | ------------------------------------------------------------- |
| workflow started          | 1, with the signal that started it                            |
| activity                  | 1 per attempt                                                 |
| timer started             | 1                                                             |
| signal                    | 1 each after the one that started the workflow                |
| update accepted           | 1; a refused one leaves no event                              |
| search attributes upserted| 1                                                             |
| child workflow            | 2, by its parent; its own start is none                       |
"""

from collections.abc import Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

_STARTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
_CHILD = 2
_ONE_EACH = frozenset(
    {
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    }
)


def count_actions(events: Sequence[HistoryEvent]) -> int:
    """Actions of a return that was started by signal-with-start, or of a child workflow; without its own children's."""
    fixed = sum(event.event_type in _ONE_EACH for event in events)
    return _start(events) + fixed + _CHILD * len(children(events)) + _attempts(events) + max(_signals(events) - 1, 0)


def children(events: Sequence[HistoryEvent]) -> list[str]:
    """Ids of the workflows that this one started."""
    initiated = EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
    begun = [event for event in events if event.event_type == initiated]
    return [event.start_child_workflow_execution_initiated_event_attributes.workflow_id for event in begun]


def _start(events: Sequence[HistoryEvent]) -> int:
    starts = [e.workflow_execution_started_event_attributes for e in events if e.event_type == _STARTED]
    return sum(not start.parent_workflow_execution.workflow_id for start in starts)


def _signals(events: Sequence[HistoryEvent]) -> int:
    return sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED for event in events)


def _attempts(events: Sequence[HistoryEvent]) -> int:
    """The last attempt's number is how many there were; one that never began was still scheduled."""
    scheduled = {event.event_id: 1 for event in events if event.HasField("activity_task_scheduled_event_attributes")}
    for event in events:
        if event.HasField("activity_task_started_event_attributes"):
            started = event.activity_task_started_event_attributes
            scheduled[started.scheduled_event_id] = max(started.attempt, 1)
    return sum(scheduled.values())
