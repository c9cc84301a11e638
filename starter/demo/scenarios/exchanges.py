"""New goods for old ones: the replacement is an order of its own, linked to the RMA by both sides."""

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.progress import Stage
from starter.demo.abilities import CREDIT_ABOVE_ORDER, CREDIT_WITHOUT_INVOICE
from starter.demo.goods import Sold, Wanted
from starter.demo.pairing import Setting
from starter.demo.play import Play
from starter.demo.scenario import Expected, NewGoods, Otherwise, Scenario
from starter.demo.scenarios.by_hand import apply_by_hand, book_elsewhere

_COAT, _SHIRT, _LARGER = "P1001-BLK-080", "P2001-WHT-M", "P2001-WHT-L"


async def ask_for_larger(play: Play, price: str, **more: str) -> None:
    """A shirt for 30.00 is to be exchanged for the larger one, which is there and costs `price`."""
    await play.sell(Sold(_SHIRT, "30.00"))
    await play.erp.offer(_LARGER, 1)
    await play.ask_for_return(Wanted(_SHIRT, "30.00", new=_LARGER, new_price=price), **more)


async def _even(play: Play) -> None:
    """The replacement is ordered at once, for nothing, and credited is nothing either."""
    await ask_for_larger(play, "30.00")
    await play.until_exposed()
    await play.until_authorised()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _dearer(play: Play) -> None:
    """6.50 more: the goods come first, and still nothing is ordered until the platform says that it is paid.

    Where the platform tells nobody of a payment, it comes first: it shows when the return is read with the goods.
    """
    await ask_for_larger(play, "36.50")
    await play.until_authorised()
    if play.platform.tells_of_payments:
        await play.inspect((_SHIRT, 1, "SELLABLE"))
        await play.until_posted(DocumentKind.RECEIPT)
    await play.check_nothing_ordered()
    await play.platform.act(play.known.return_id, "pay_difference")
    if not play.platform.tells_of_payments:
        await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _cheaper(play: Play) -> None:
    """6.00 less: the customer gets them back."""
    await ask_for_larger(play, "24.00")
    await play.until_exposed()
    await play.until_authorised()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _with_a_refund(play: Play) -> None:
    """One line for money, one for another size: each goes its own way."""
    await play.sell(Sold(_COAT, "245.00", discount="24.50"), Sold(_SHIRT, "30.00"))
    await play.erp.offer(_LARGER, 1)
    await play.ask_for_return(Wanted(_COAT, "245.00", discount="24.50"), Wanted(_SHIRT, "30.00", line=2, new=_LARGER))
    await play.until_exposed()
    await play.until_authorised()
    await play.inspect((_COAT, 1, "SELLABLE"), (_SHIRT, 1, "SELLABLE"))


async def _at_acceptance(play: Play) -> None:
    """A connection that sends nothing before it has seen the old goods."""
    await ask_for_larger(play, "30.00")
    await play.until_authorised()
    await play.check_nothing_ordered()
    await play.inspect((_SHIRT, 1, "SELLABLE"))


async def _comes_back(play: Play) -> None:
    """The dearer replacement is returned in its turn: it is worth the 30.00 that came back and the 6.50 paid on top."""
    await _dearer(play)
    await play.until_over(Stage.CLOSED)
    await play.sell_replacement()
    await play.ask_for_return(Wanted(_LARGER, "36.50"))
    await play.until_authorised()
    await play.inspect((_LARGER, 1, "SELLABLE"))


async def _comes_back_uncredited(play: Play) -> None:
    """The same where a credit is worth no more than its order, which shows what was paid on top alone."""
    await _comes_back(play)
    await book_elsewhere(play)


async def _comes_back_unapplied(play: Play) -> None:
    """The same where a credit is applied to an invoice: that of the replacement is over what was paid on top."""
    await _comes_back(play)
    await apply_by_hand(play)


EVEN = Scenario(
    "even exchange",
    _even,
    Expected(stock={"sellable": 1}, replacements=(NewGoods(_LARGER),), exposure={"cleared": "30.00"}),
)

EXCHANGES = (
    Scenario(
        "dearer replacement",
        _dearer,
        Expected(stock={"sellable": 1}, replacements=(NewGoods(_LARGER, "6.50"),)),
    ),
    Scenario(
        "cheaper replacement",
        _cheaper,
        Expected(
            credited="6.00", stock={"sellable": 1}, replacements=(NewGoods(_LARGER),), exposure={"cleared": "30.00"}
        ),
    ),
    Scenario(
        "refund and exchange",
        _with_a_refund,
        Expected(
            credited="220.50", stock={"sellable": 2}, replacements=(NewGoods(_LARGER),), exposure={"cleared": "30.00"}
        ),
    ),
    Scenario(
        "exchange at acceptance",
        _at_acceptance,
        Expected(stock={"sellable": 1}, replacements=(NewGoods(_LARGER),)),
        setting=Setting.CAREFUL,
    ),
    Scenario(
        "replacement comes back",
        _comes_back,
        Expected(credited="36.50", stock={"sellable": 1}),
        otherwise={
            CREDIT_ABOVE_ORDER: Otherwise(
                "a return of {erp} is worth what its order shows, and a replacement shows only what was paid on top",
                Expected(
                    stock={"sellable": 1},
                    exceptions=(ExceptionCode.CREDIT_REJECTED,),
                    explained="the ERP takes no credit above the replacement's own value",
                ),
                _comes_back_uncredited,
            ),
            CREDIT_WITHOUT_INVOICE: Otherwise(
                "{erp} applies credits to invoices, and that of a replacement is paid",
                Expected(
                    credited="36.50",
                    stock={"sellable": 1},
                    exceptions=(ExceptionCode.NOTHING_TO_APPLY,),
                    explained="finance paid out what no invoice took",
                ),
                _comes_back_unapplied,
            ),
        },
    ),
)
