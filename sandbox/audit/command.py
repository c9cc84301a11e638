"""`python -m sandbox audit`: the books of some journals as one JSON document; exit code 1 when a rule is broken."""

import argparse
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.audit.books import Books, ReturnBook
from sandbox.audit.vendors import PlatformJournal, read_books
from sandbox.kit.journal import Entry, read_journal
from sandbox.kit.money import payable


def add_audit_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command. Every connection has its platform's journal of its own."""
    parser.add_argument("--erp", required=True, metavar="VENDOR=PATH", help="journal of the ERP: prima=p.jsonl")
    parser.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="VENDOR:CONNECTION=PATH",
        help="journal of a connection's platform, e.g. reveni:uk=uk.jsonl; repeat",
    )
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
    vendor, _, path = options.erp.partition("=")
    platforms = [_platform(text) for text in options.platform]
    return read_books(
        _journal(Path(path)),
        explained=explained,
        hold_depots=options.hold_depot,
        sellable_depots=options.sellable_depot,
        exchange_type=options.exchange_type,
        vendor=vendor,
        platforms=platforms,
    )


def _platform(text: str) -> PlatformJournal:
    named, _, path = text.partition("=")
    vendor, _, connection = named.partition(":")
    return PlatformJournal(vendor, connection, _journal(Path(path)))


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
