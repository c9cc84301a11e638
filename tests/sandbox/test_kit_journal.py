"""The journal: append-only, numbered, on disk line by line."""

import json
import threading
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.kit.journal import Journal, read_journal


def test_entries_are_numbered_and_stamped() -> None:
    journal = Journal("prima")
    first = journal.append("NewReturn", return_number="R1")
    journal.append("CancelReturn", return_number="R1")
    assert (first["seq"], first["vendor"], first["return_number"]) == (1, "prima", "R1")
    assert datetime.fromisoformat(first["at"]).utcoffset() is not None
    assert [entry["op"] for entry in journal.entries()] == ["NewReturn", "CancelReturn"]
    assert [entry["seq"] for entry in journal.entries("CancelReturn")] == [2]


def test_what_was_written_cannot_be_changed() -> None:
    journal = Journal("prima")
    lines = [{"sku": "A"}]
    journal.append("NewReturn", lines=lines)["op"] = "forged"
    lines.append({"sku": "B"})
    journal.entries()[0]["lines"].clear()
    journal.entries().clear()
    assert journal.entries()[0]["op"] == "NewReturn"
    assert journal.entries()[0]["lines"] == [{"sku": "A"}]


def test_data_may_not_rename_the_head() -> None:
    journal = Journal("prima")
    with pytest.raises(TypeError):
        journal.append("NewReturn", seq=7)
    assert journal.entries() == []


def test_the_file_holds_each_entry_at_once_and_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "prima.jsonl"
    Journal("prima", path).append("NewReturn", name="Müller")
    assert json.loads(path.read_text("utf-8"))["name"] == "Müller"
    Journal("prima", path).append("CancelReturn")
    path.write_text(path.read_text("utf-8") + '{"op": "half', "utf-8")
    assert [entry["op"] for entry in read_journal(path)] == ["NewReturn", "CancelReturn"]


def test_threads_never_share_a_number() -> None:
    journal = Journal("prima")
    threads = [threading.Thread(target=lambda: [journal.append("x") for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry["seq"] for entry in journal.entries()] == list(range(1, 1601))
