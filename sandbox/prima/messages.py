"""The one table of what Prima understands: RequestType → handler. Every name but the first three is ASSUMED."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from sandbox.prima import credit_notes, credit_reads, order_changes, orders, reads, receipts, returns, stock
from sandbox.prima.state import Desk

MessageHandler = Callable[[Desk, Element, float], Element]
"""Takes the desk, the request's `Data` and the lag a read must show; answers `Data` or raises Refused."""

MESSAGES: dict[str, MessageHandler] = {
    "OrderStatus": reads.order_status,
    "MultiAvailableToSell": reads.multi_available_to_sell,
    "MultiNewOrder": orders.multi_new_order,
    "CancelOrder": order_changes.cancel_order,
    "OrderDetail": reads.order_detail,
    "ProductDetail": reads.product_detail,
    "DepotStock": reads.depot_stock,
    "NewReturn": returns.new_return,
    "ReturnDetail": returns.return_detail,
    "CancelReturn": returns.cancel_return,
    "ReturnReceipt": receipts.return_receipt,
    "ReceiptDetail": receipts.receipt_detail,
    "DepotTransfer": stock.depot_transfer,
    "TransferDetail": stock.transfer_detail,
    "StockAdjustment": stock.stock_adjustment,
    "AdjustmentDetail": stock.adjustment_detail,
    "NewCreditNote": credit_notes.new_credit_note,
    "CreditNoteDetail": credit_reads.credit_note_detail,
    "CancelCreditNote": credit_notes.cancel_credit_note,
    "CreditNoteList": credit_reads.credit_note_list,
}
