"""Tables that remember, for reads that lag."""

from sandbox.kit.past import Table


def test_a_lagging_read_sees_the_row_of_then() -> None:
    now = 100.0
    table: Table[str, str] = Table(clock=lambda: now)
    table.put("a", "old")
    now = 110.0
    table.put("a", "new")
    table.put("b", "only")
    assert (table["a"], table.get("a"), table.get("nope")) == ("new", "new", None)
    assert (table.get("a", 5), table.get("a", 10), table.get("a", 11)) == ("old", "old", None)
    assert (table.values(), table.values(5)) == (["new", "only"], ["old"])
    assert (list(table), len(table), "b" in table) == (["a", "b"], 2, True)
