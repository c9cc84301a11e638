"""`python -m sandbox audit`: the books as JSON."""

import json
from pathlib import Path

import pytest

from sandbox.cli import main
from sandbox.kit.journal import Journal

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def journals(tmp_path: Path) -> list[str]:
    """A return with an RMA, a receipt, a credit of 20.00 and a refund of 25.00, over two stores."""
    prima, reveni = Journal("prima", tmp_path / "prima.jsonl"), Journal("reveni", tmp_path / "uk.jsonl")
    line = {"return_line": 1, "order_line": 1, "sku": "A", "quantity": 1}
    number = {"return_number": "R1"}
    prima.append("NewReturn", **number, tpguid=f"bh-{ID}-r-1", order="1", standalone=False, lines=[line])
    booked = {"return_line": 1, "sku": "A", "quantity": 1, "depot": "01"}
    prima.append("ReturnReceipt", receipt_number="G1", **number, tpguid=f"bh-{ID}-g-1", lines=[booked])
    money = {"total": "20.00", "currency": "GBP"}
    prima.append("NewCreditNote", credit_number="C1", **number, tpguid=f"bh-{ID}-c-1", **money, lines=[line])
    reveni.append("refund_paid", return_id=ID, refund_id="f1", amount="25.0000", currency="GBP")
    missing = str(tmp_path / "never-used.jsonl")
    uk = tmp_path / "uk.jsonl"
    return [f"--erp=prima={tmp_path / 'prima.jsonl'}", f"--platform=reveni:uk={uk}", f"--platform=reveni:de={missing}"]


def test_a_violation_is_told_and_is_the_exit_code(journals: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", *journals]) == 1
    books = json.loads(capsys.readouterr().out)
    assert books["violations"] == [f"return {ID}: credited 20.00 GBP, refunded 25.0000 GBP"]
    page = books["returns"][ID]
    assert page["rmas"] == [{"number": "R1", "order": "1", "standalone": False, "cancelled": False}]
    assert (page["received"], page["credited"], page["refunded"]) == (
        {"01": {"A": 1}},
        {"GBP": "20.00"},
        {"GBP": "25.00"},
    )


def test_an_explained_difference_is_none(
    journals: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    explained = tmp_path / "explained.json"
    explained.write_text(json.dumps({ID: "finance credits by the order"}), encoding="utf-8")
    assert main(["audit", *journals, "--explained", str(explained)]) == 0
    assert json.loads(capsys.readouterr().out)["violations"] == []


def test_a_journal_that_cannot_be_read_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "prima.jsonl").write_text("no JSON\n", encoding="utf-8")
    assert main(["audit", "--erp", f"prima={tmp_path / 'prima.jsonl'}"]) == 2
    assert "sandbox audit: " in capsys.readouterr().err
