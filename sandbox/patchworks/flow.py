"""The customer's process flow, with its duties: one reply per request, no key worked on twice, errors as elements.

A write whose key made its document answers that document, as it is now, with `duplicate`. An error does not use the
key up. What the ERP has under the key counts more than what the flow noted: a write that was reported as ERP_TIMEOUT
may have landed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.patchworks import credit_memos, credit_reads, exchange, orders, receipts, returns, stock
from sandbox.patchworks.commerce import STATUSES
from sandbox.patchworks.envelope import Envelope
from sandbox.patchworks.notes import Operation, Record
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.state import Desk, PatchworksWorld
from sandbox.patchworks.switches import Switches
from sandbox.patchworks.wire import Json

Show = Callable[[PatchworksWorld, str], Json]


@dataclass(frozen=True)
class Write:
    """Makes a document; `show` gives its part of `erp` as it is now."""

    make: Callable[[Desk, Envelope], str]
    show: Show


@dataclass(frozen=True)
class Undo:
    """Takes back what the operation `of` made; `cancel` tells whether anything was left to do."""

    of: str
    cancel: Callable[[Desk, str], bool]


def _plain(kind: str) -> Show:
    return lambda world, number: {"documentType": kind}


WRITES = {
    "create_return": Write(returns.create_return, returns.show_return),
    "receive_return": Write(receipts.receive_return, _plain("item_receipt")),
    "adjust_stock": Write(stock.adjust_stock, _plain("inventory_adjustment")),
    "transfer_stock": Write(stock.transfer_stock, _plain("inventory_transfer")),
    "create_credit_note": Write(credit_memos.create_credit_note, credit_memos.show_credit),
    "create_exchange_order": Write(exchange.create_exchange_order, exchange.show_order),
}
UNDOS = {
    "cancel_return": Undo("create_return", returns.cancel_return),
    "void_credit_note": Undo("create_credit_note", credit_memos.void_credit_note),
    "cancel_exchange_order": Undo("create_exchange_order", exchange.cancel_exchange_order),
}
READS: dict[str, Callable[[Desk, Envelope, float], Json]] = {
    "get_order": orders.get_order,
    "get_return": returns.get_return,
    "get_stock": stock.get_stock,
    "get_items": stock.get_items,
    "get_credit_notes": credit_reads.get_credit_notes,
}


class Flow:
    """Answers one request with one element. Takes the world's lock."""

    def __init__(self, desk: Desk, switches: Switches) -> None:
        self._desk = desk
        self._world = desk.world
        self._switches = switches

    def handle(self, asked: Envelope, lag: float = 0.0, *, by_run: bool = False, began: bool = False) -> Json:
        """The element. `by_run`: what a read finds is kept for get_operation. `began`: see `begin`."""
        with self._world.lock:
            try:
                body = self._body(asked, lag, by_run=by_run, began=began)
            except Refused as refused:
                if by_run or asked.operation in WRITES or asked.operation in UNDOS:
                    self.note_error(asked, refused)
                body = {"status": "error", "duplicate": False, "error": refused.error}
        return {"operation": asked.operation, "idempotencyKey": asked.key, **body}

    def begin(self, asked: Envelope) -> bool:
        """Note that the key is being worked on, if it is free; whoever began it handles it with `began`."""
        with self._world.lock:
            if not asked.key or self._taken(asked):
                return False
            self._note(asked, Operation(asked.operation, asked.key, "in_progress"))
            return True

    def forget(self, asked: Envelope) -> None:
        """A run broke off before its work: the key is as if it had never been sent."""
        with self._world.lock:
            self._note(asked, Operation(asked.operation, asked.key, "not_found"))

    def note_error(self, asked: Envelope, refused: Refused) -> None:
        """Keep the error for get_operation; it takes nothing away from a key that made its document."""
        with self._world.lock:
            known = self._world.operations.get(asked.key.lower())
            mine = known is None or (known.name == asked.operation and known.status != "ok")
            if asked.key and mine:
                self._note(asked, Operation(asked.operation, asked.key, "error", refused.error))

    def _body(self, asked: Envelope, lag: float, *, by_run: bool, began: bool) -> Json:
        name = asked.operation
        if name in WRITES or name in UNDOS:
            return self._once(asked, began=began)
        if name in READS:
            result = READS[name](self._desk, asked, lag)
            if by_run and asked.key:
                self._note(asked, Operation(name, asked.key, "ok", result=result))
            return {"status": "ok", **result}
        match name:
            case "get_operation":
                return self._get_operation(asked, lag)
            case "apply_credit_note":
                return self._apply(asked)
            case "tell_commerce":
                return self._tell(asked)
        raise asked.wrong("operation", "is not one that this flow knows")

    def _once(self, asked: Envelope, *, began: bool) -> Json:
        """De-dupe on the key, then the ERP call; the ERP's own external ids catch what the flow did not note."""
        name, key = asked.operation, asked.text("idempotencyKey")
        known = self._world.operations.get(key.lower())
        if known and known.name != name and known.status in ("ok", "in_progress"):
            raise Refused("CONFLICT", f"the key was used for {known.name}")
        if known and known.status == "in_progress" and not began:
            return {"status": "in_progress"}
        if record := self._world.record(name, key):
            self._note(asked, Operation(name, key, "ok"))
            return {"status": "ok", "duplicate": True, **self._document(record)}
        return self._undo(asked) if name in UNDOS else self._write(asked)

    def _write(self, asked: Envelope) -> Json:
        name = asked.operation
        number = WRITES[name].make(self._desk, asked)
        return self._made(asked, number, duplicate=False)

    def _undo(self, asked: Envelope) -> Json:
        undo, block = UNDOS[asked.operation], asked.child("cancel")
        number, key = block.text("documentNumber", needed=False), block.text("documentKey", needed=False)
        if not number:
            made = self._world.operations.get(key.lower())
            if made and made.name == undo.of and made.status == "in_progress":
                return {"status": "in_progress"}
            record = self._world.record(undo.of, key)
            if record is None:
                raise Refused("DOCUMENT_NOT_FOUND", f"no document of {undo.of} has this key")
            number = record.number
        return self._made(asked, number, duplicate=not undo.cancel(self._desk, number))

    def _made(self, asked: Envelope, number: str, *, duplicate: bool) -> Json:
        """File the record and tell the shop; a timeout of the ERP leaves the flow with an error all the same."""
        name = asked.operation
        record = self._world.file(name, asked.key, number, self._desk.now)
        if self._switches.take("erp_timeouts"):
            raise Refused("ERP_TIMEOUT", "the ERP did not answer in time")
        self._note(asked, Operation(name, asked.key, "ok"))
        self._desk.commerce.tell(name, asked.key)
        return {"status": "ok", "duplicate": duplicate, **self._document(record)}

    def _get_operation(self, asked: Envelope, lag: float) -> Json:
        known = self._world.operations.get(asked.text("idempotencyKey").lower(), lag)
        if known is None or known.status == "not_found":
            return {"status": "not_found"}
        if known.status == "in_progress":
            return {"status": "in_progress", "of": known.name}
        if record := self._world.record(known.name, known.key):
            return {"status": "ok", "of": known.name, **self._document(record)}
        if known.error is not None:
            return {"status": "error", "of": known.name, "error": known.error}
        return {"status": "ok", "of": known.name, **(known.result or {})}

    def _apply(self, asked: Envelope) -> Json:
        number = asked.child("apply").text("documentNumber")
        credit_memos.apply_credit_note(self._desk, number)
        memo = self._world.memos[number]
        record = self._world.record("create_credit_note", memo.key) if memo.key else None
        if record is None:
            record = Record("create_credit_note", memo.key, memo.number.removeprefix("CM"), number, self._desk.now)
        return {"status": "ok", "duplicate": False, **self._document(record)}

    def _tell(self, asked: Envelope) -> Json:
        of, key = asked.text("of"), asked.text("idempotencyKey")
        if of not in STATUSES or self._world.record(of, key) is None:
            raise Refused("DOCUMENT_NOT_FOUND", f"no document of {of} has this key")
        self._desk.commerce.tell(of, key)
        return {"status": "ok", "duplicate": False, "commerce": self._desk.commerce.state(of, key)}

    def _document(self, record: Record) -> Json:
        """`erp` and `commerce` of a document as it is now."""
        made_by = UNDOS[record.kind].of if record.kind in UNDOS else record.kind
        head = {
            "system": "erp",
            "documentId": record.id,
            "documentNumber": record.number,
            "postedAt": record.posted_at,
        }
        erp = head | WRITES[made_by].show(self._world, record.number)
        return {"erp": erp, "commerce": self._desk.commerce.state(record.kind, record.key)}

    def _taken(self, asked: Envelope) -> bool:
        known = self._world.operations.get(asked.key.lower())
        return known is not None and known.status in ("ok", "in_progress")

    def _note(self, asked: Envelope, operation: Operation) -> None:
        self._world.operations.put(asked.key.lower(), replace(operation, key=asked.key))
