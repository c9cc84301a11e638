"""`python -m sandbox audit`: the books of some journals as one JSON document; exit code 1 when a rule is broken."""

import argparse
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.audit.books import Books, ReturnBook
from sandbox.audit.reading import read_books
from sandbox.kit.journal import Entry, read_journal
from sandbox.kit.money import payable


def add_audit_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command. Every store of Reveni has a journal of its own."""
    parser.add_argument("--prima", type=Path, required=True, help="journal of the ERP")
    parser.add_argument("--reveni", type=Path, action="append", default=[], help="journal of a store; repeat")
    parser.add_argument("--explained", type=Path, help="JSON file: return id → why money or goods differ there")
    parser.add_argument(
        "--hold-depot", action="append", default=[], help="depot that holds goods for the customer; repeat"
    )
    parser.add_argument("--sellable-depot", action="append", default=[], help="depot whose goods are for sale; repeat")
    parser.add_argument("--exchange-type", default="EX", help="order type of replacement orders (default: EX)")


def audit(options: argparse.Namespace) -> int:
    """Write the books to stdout. 0: no violation; 1: some; 2: a journal cannot be read."""
    try:
        books = _read(options)
    except (OSError, ValueError, KeyError) as trouble:
        sys.stderr.write(f"sandbox audit: {type(trouble).__name__}: {trouble}\n")
        return 2
    sys.stdout.write(json.dumps(books_json(books), ensure_ascii=False, indent=2) + "\n")
    return 1 if books.violations else 0


def books_json(books: Books) -> dict[str, Any]:
    """Books for people and programs: amounts as decimal text, quantities as whole numbers."""
    return {
        "returns": {key: _page(page) for key, page in books.returns.items()},
        "violations": books.violations,
    }


def _read(options: argparse.Namespace) -> Books:
    explained = json.loads(options.explained.read_text(encoding="utf-8")) if options.explained else {}
    reveni = [entry for path in options.reveni for entry in _journal(path)]
    return read_books(
        _journal(options.prima), reveni, explained, options.hold_depot, options.sellable_depot, options.exchange_type
    )


def _journal(path: Path) -> list[Entry]:
    """A vendor that never did anything leaves no file."""
    return read_journal(path) if path.exists() else []


def _page(page: ReturnBook) -> dict[str, Any]:
    return {
        "rmas": [
            rma.model_dump(include={"number", "order", "standalone", "cancelled"}, mode="json") for rma in page.rmas
        ],
        "received": page.received,
        "stock": page.stock,
        "replacements": [
            order.model_dump(exclude={"key", "paid", "goods"}, mode="json") for order in page.replacements
        ],
        "credit_notes": [note.model_dump(exclude={"units"}, mode="json") for note in page.notes],
        "credited": _amounts(page.credited),
        "refunded": _amounts(page.refunded),
        "cancelled": page.cancelled,
    }


def _amounts(totals: dict[str, Decimal]) -> dict[str, str]:
    """In the currency's own decimals; with more of them only where they say something."""
    return {currency: _text(total, currency) for currency, total in totals.items()}


def _text(amount: Decimal, currency: str) -> str:
    payable_amount = payable(amount, currency)
    return str(payable_amount if payable_amount == amount else amount)
