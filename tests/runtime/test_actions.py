"""The dev server's own counter is the measure of Temporal actions (D14)."""

from runtime.actions import parse_actions

PAGE = """\
# TYPE action counter
action{action_type="grpc_StartWorkflowExecution",namespace="temporal_system",operation="x",service_name="f"} 2
action{action_type="command_ScheduleActivityTask",namespace="ours",operation="a",service_name="h"} 3
action{action_type="command_ScheduleActivityTask",namespace="ours",operation="b",service_name="h"} 1
action{action_type="command_StartTimer",namespace="ours"} 1e+00
action_latency{action_type="grpc_X",namespace="ours"} 9
"""


def test_only_our_namespace_counts_and_operations_add_up() -> None:
    assert parse_actions(PAGE, "ours") == {"command_ScheduleActivityTask": 4, "command_StartTimer": 1}


def test_nothing_counted_is_empty() -> None:
    assert parse_actions("", "ours") == {}
