"""Stock documents without a return: DepotTransfer, TransferDetail, StockAdjustment, AdjustmentDetail."""

from collections import Counter
from xml.etree.ElementTree import Element, SubElement

from sandbox.prima.fields import SKU_SHAPE, Row, only_children, read_row, read_rows, sku_of, units, whole
from sandbox.prima.model import Adjustment, Sku, Transfer
from sandbox.prima.refusal import Refused
from sandbox.prima.state import Desk, PrimaWorld


def depot_transfer(desk: Desk, data: Element, lag: float) -> Element:
    """Move units from one depot to another, but none that an order was promised."""
    head = read_row(data, "TPGUID! FromDepot! ToDepot! Narrative")
    only_children(data, ["SKU"])
    rows = read_rows(data, "SKU", f"{SKU_SHAPE} Quantity!")
    world, source, target = desk.world, head["FromDepot"], head["ToDepot"]
    world.refuse_known_key("DepotTransfer", head["TPGUID"])
    world.refuse_unknown_depot(source)
    world.refuse_unknown_depot(target)
    lines = tuple((world.item(sku_of(row)).sku, units(row)) for row in rows)
    if not lines or source == target:
        raise Refused("Nothing to transfer")
    _refuse_below_zero(world, [(sku, source, -quantity) for sku, quantity in lines])
    number = world.next_number("T")
    return _post_transfer(desk, Transfer(number, head["TPGUID"], source, target, lines))


def transfer_detail(desk: Desk, data: Element, lag: float) -> Element:
    """By `TPGUID` or by `TransferNumber`."""
    number = _asked(desk.world, data, "DepotTransfer", "TransferNumber")
    found = desk.world.transfers.get(number, lag)
    if found is None:
        raise Refused(f"Transfer {number} not found", "NOTFOUND")
    answer = Element("Data", _transfer_header(found))
    for sku, quantity in found.lines:
        SubElement(answer, "SKU", sku.attributes | {"Quantity": str(quantity)})
    return answer


def stock_adjustment(desk: Desk, data: Element, lag: float) -> Element:
    """Depot and reason stand on `Data` or on the row, the contract does not say which; the row wins."""
    head = read_row(data, "TPGUID! Depot ReasonCode Narrative")
    only_children(data, ["SKU"])
    rows = read_rows(data, "SKU", f"{SKU_SHAPE} Quantity! Depot ReasonCode")
    world = desk.world
    world.refuse_known_key("StockAdjustment", head["TPGUID"])
    lines = tuple(_adjustment_line(world, head, row) for row in rows)
    if not lines:
        raise Refused("Nothing to adjust")
    _refuse_below_zero(world, [(sku, depot, quantity) for sku, depot, quantity, _ in lines])
    return _post_adjustment(desk, Adjustment(world.next_number("A"), head["TPGUID"], lines), head["Narrative"])


def adjustment_detail(desk: Desk, data: Element, lag: float) -> Element:
    """By `TPGUID` or by `AdjustmentNumber`."""
    number = _asked(desk.world, data, "StockAdjustment", "AdjustmentNumber")
    found = desk.world.adjustments.get(number, lag)
    if found is None:
        raise Refused(f"Adjustment {number} not found", "NOTFOUND")
    answer = Element("Data", {"AdjustmentNumber": found.number, "TPGUID": found.tpguid})
    for sku, depot, quantity, reason in found.lines:
        facts = {"Depot": depot, "Quantity": str(quantity), "ReasonCode": reason}
        SubElement(answer, "SKU", sku.attributes | facts)
    return answer


def _adjustment_line(world: PrimaWorld, head: Row, row: Row) -> tuple[Sku, str, int, str]:
    depot, reason = row["Depot"] or head["Depot"], row["ReasonCode"] or head["ReasonCode"]
    world.refuse_unknown_depot(depot)
    quantity = whole(row, "Quantity", "QTY")
    if not quantity:
        raise Refused("Quantity must not be zero", "QTY")
    if not reason:
        raise Refused("ReasonCode missing")
    return world.item(sku_of(row)).sku, depot, quantity, reason


def _refuse_below_zero(world: PrimaWorld, moves: list[tuple[Sku, str, int]]) -> None:
    totals = Counter[tuple[Sku, str]]()
    for sku, depot, quantity in moves:
        totals[sku, depot] += quantity
    for (sku, depot), change in totals.items():
        free = world.available(sku, depot)
        if change < 0 and free + change < 0:
            raise Refused(f"Depot {depot} has {free} free of {sku}, quantity {-change} wanted", "QTY")


def _post_transfer(desk: Desk, new: Transfer) -> Element:
    for sku, quantity in new.lines:
        desk.world.move(sku, new.from_depot, -quantity)
        desk.world.move(sku, new.to_depot, quantity)
    desk.world.transfers.put(new.number, new)
    desk.world.claim_key("DepotTransfer", new.tpguid, new.number)
    desk.journal.append(
        "DepotTransfer",
        number=new.number,
        tpguid=new.tpguid,
        from_depot=new.from_depot,
        to_depot=new.to_depot,
        lines=[{"sku": str(sku), "quantity": quantity} for sku, quantity in new.lines],
    )
    return Element("Data", _transfer_header(new))


def _post_adjustment(desk: Desk, new: Adjustment, narrative: str) -> Element:
    for sku, depot, quantity, _ in new.lines:
        desk.world.move(sku, depot, quantity)
    desk.world.adjustments.put(new.number, new)
    desk.world.claim_key("StockAdjustment", new.tpguid, new.number)
    desk.journal.append(
        "StockAdjustment",
        number=new.number,
        tpguid=new.tpguid,
        depot=new.lines[0][1],
        lines=[{"sku": str(sku), "quantity": quantity, "depot": depot} for sku, depot, quantity, _ in new.lines],
        reason=new.lines[0][3],
        narrative=narrative,
    )
    return Element("Data", {"AdjustmentNumber": new.number, "TPGUID": new.tpguid})


def _transfer_header(row: Transfer) -> dict[str, str]:
    return {
        "TransferNumber": row.number,
        "TPGUID": row.tpguid,
        "FromDepot": row.from_depot,
        "ToDepot": row.to_depot,
    }


def _asked(world: PrimaWorld, data: Element, message: str, name: str) -> str:
    """The number asked for, by itself or by `TPGUID`."""
    only_children(data)
    asked = read_row(data, f"TPGUID {name}")
    if number := asked[name] or world.number_by_key(message, asked["TPGUID"]):
        return number
    raise Refused(f"No document with TPGUID {asked['TPGUID']} found", "NOTFOUND")
