"""What goes wrong by itself, and must put itself right: webhooks, vendors, lost answers, a dead worker."""

from starter.demo.goods import Sold, Wanted
from starter.demo.play import Play
from starter.demo.scenario import Expected, Scenario
from starter.demo.vendors.erp import Document

_COAT, _SHIRT, _PULLOVER = "P1001-BLK-080", "P2001-WHT-M", "P2002-BLU-L"


async def _unruly_webhooks(play: Play) -> None:
    """Each webhook twice, all of them late, pairs of them in the wrong order, and the first ones again."""
    policy = {"duplicate": True, "late_seconds": 0.5, "hold": 2, "hold_seconds": 3}
    await play.sell(Sold(_SHIRT, "19.99"))
    await play.begin_request(Wanted(_SHIRT, "19.99"), delivery=policy)
    await play.finish_request()
    await play.until_authorised()
    await play.platform.repeat_events(play.known.return_id)
    await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _vendors_failing(play: Play) -> None:
    """Both vendors are busy or away at every step, and the ERP's record is in use."""
    await play.sell(Sold(_PULLOVER, "60.00"))
    return_id = await play.begin_request(Wanted(_PULLOVER, "60.00"))
    await play.platform.fail(return_id)
    await play.erp.fail(Document.RMA, play.target)
    await play.finish_request()
    await play.until_authorised()
    await play.erp.fail(Document.GOODS, play.target)
    await play.erp.fail(Document.CREDIT, play.target)
    await play.inspect((_PULLOVER, 1, "SELLABLE"))
    await play.until_troubles_met()


async def _lost_answers(play: Play) -> None:
    """RMA, receipt and credit note are made, and nobody hears of it; still there is one of each."""
    await play.sell(Sold(_COAT, "245.00"))
    await play.begin_request(Wanted(_COAT, "245.00"))
    await play.erp.lose_answer(Document.RMA, play.target)
    await play.finish_request()
    await play.until_authorised()
    await play.erp.lose_answer(Document.GOODS, play.target)
    await play.erp.lose_answer(Document.CREDIT, play.target)
    await play.inspect((_COAT, 1, "SELLABLE"))
    await play.until_troubles_met()


async def _worker_killed(play: Play) -> None:
    """The worker dies while the ERP is booking the goods; another one finds what was booked and goes on."""
    await play.sell(Sold(_COAT, "189.00"))
    await play.ask_for_return(Wanted(_COAT, "189.00"))
    await play.until_authorised()
    await play.erp.hesitate(Document.GOODS, play.target)
    await play.inspect((_COAT, 1, "SELLABLE"))
    await play.until_booking()
    await play.system.crash_worker()
    await play.system.restart_worker()


TROUBLES = (
    Scenario("worker killed", _worker_killed, Expected(credited="189.00", stock={"sellable": 1})),
    Scenario("vendors failing", _vendors_failing, Expected(credited="60.00", stock={"sellable": 1})),
    Scenario("lost answers", _lost_answers, Expected(credited="245.00", stock={"sellable": 1})),
    Scenario("unruly webhooks", _unruly_webhooks, Expected(credited="19.99", stock={"sellable": 1})),
)
