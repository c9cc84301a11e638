"""The fault plan: aim, count, chance."""

from sandbox.kit.faults import Fault, FaultPlan


def test_a_fault_is_used_up() -> None:
    plan = FaultPlan([Fault(kind="unavailable", times=2)])
    assert [len(plan.draw("NewReturn", "")) for _ in range(3)] == [1, 1, 0]


def test_a_fault_without_times_lasts_until_cleared() -> None:
    plan = FaultPlan([Fault(kind="throttle", times=None)])
    assert all(plan.draw("x", "") for _ in range(50))
    plan.clear()
    assert plan.draw("x", "") == []


def test_a_fault_aims_at_an_operation_and_a_key() -> None:
    plan = FaultPlan([Fault(kind="lost_answer", match="New*", key="bh-42")])
    assert plan.draw("ReturnDetail", "bh-42") == []
    assert plan.draw("NewReturn", "bh-41") == []
    assert [fault.kind for fault in plan.draw("NewReturn", '<Data TPGUID="bh-42"/>')] == ["lost_answer"]


def test_only_one_fault_besides_latency_is_drawn() -> None:
    plan = FaultPlan([Fault(kind="latency"), Fault(kind="throttle"), Fault(kind="unavailable")])
    assert [fault.kind for fault in plan.draw("x", "")] == ["latency", "throttle"]
    assert [fault.kind for fault in plan.draw("x", "")] == ["unavailable"]


def test_chance_is_the_same_for_the_same_seed_and_roughly_right() -> None:
    def draws(seed: int) -> list[bool]:
        plan = FaultPlan([Fault(kind="unavailable", times=None, probability=30)], seed)
        return [bool(plan.draw("x", "")) for _ in range(1000)]

    assert draws(7) == draws(7)
    assert draws(7) != draws(8)
    assert 250 < sum(draws(7)) < 350
