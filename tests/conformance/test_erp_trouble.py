"""Each kind of trouble is told as what the caller does next (D2, R30, R71): wait, look again, mend the credentials."""

import asyncio
from datetime import UTC, timedelta
from email.utils import format_datetime

import httpx
import pytest

from adapters import registry
from domain.outcomes import CredentialsRefused, InDoubt, RetryLater
from sandbox.kit.faults import Fault
from tests.conformance.asks import READS, Ask, writes
from tests.conformance.clean import clean
from tests.conformance.desk import ErpDesk
from tests.conformance.erp_stage import NOW
from tests.conformance.privacy import said_by, trouble_of
from tests.conformance.writes import BY_LABEL, CREDIT, OPEN, WRITES, Write, expected

WAIT = timedelta(seconds=7)
WORDED = {
    "seconds": "7",
    "a date": format_datetime((NOW + WAIT).astimezone(UTC).replace(microsecond=0), usegmt=True),
    "a moment in seconds of the epoch": str(int((NOW + WAIT).timestamp())),
    "ISO 8601": (NOW + WAIT).isoformat(),
}
each_write = pytest.mark.parametrize("write", WRITES, ids=str)


@pytest.mark.parametrize("name", READS)
async def test_a_busy_erp_is_asked_again_when_it_says(erp: ErpDesk, name: str) -> None:
    case = await erp.prepared(BY_LABEL["cancel_replacement"])
    erp.faults.script(Fault(kind="throttle", seconds=7))
    trouble = await trouble_of(READS[name](erp.erp, case))
    assert isinstance(trouble, RetryLater)
    assert trouble.delay == WAIT
    assert len(erp.faults.asked) == 1, "it did not ask again by itself"


@each_write
async def test_a_write_that_a_busy_erp_did_not_take_is_done_later(erp: ErpDesk, write: Write) -> None:
    """Refused at each request with an effect: nothing of it is done then, and all of it once it is asked again."""
    undisturbed = await clean(erp, write)
    for step in sorted(undisturbed.writing):
        case = await erp.prepared(write)
        mark = erp.journal.mark
        erp.faults.script(*[None] * step, Fault(kind="throttle", seconds=7))
        if not erp.able.batch:
            trouble = await trouble_of(write.call(erp.erp, write.ask(case)))
            assert isinstance(trouble, RetryLater)
            assert trouble.delay == WAIT
        await erp.post(write, case)
        assert erp.effects_since(mark) == undisturbed.effects
        assert erp.effect(case) == expected(write, case, erp.able)


@pytest.mark.parametrize("form", WORDED)
async def test_every_wording_of_retry_after_is_understood(erp: ErpDesk, form: str) -> None:
    def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": WORDED[form]})

    async with httpx.AsyncClient(transport=httpx.MockTransport(busy)) as http:
        trouble = await trouble_of(erp.port(http).read_order("700001"))
    assert isinstance(trouble, RetryLater)
    assert trouble.delay == WAIT


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
async def test_R30_an_erp_that_is_down_is_asked_again(erp: ErpDesk, status: int) -> None:
    """Down at a read, it is asked again; at a write nobody knows, so it is looked up. Either way it is done once."""
    case = await erp.case()
    erp.faults.script(Fault(kind="unavailable", status=status))
    assert isinstance(await trouble_of(erp.erp.read_order(case.order.order_number)), RetryLater)
    for write in (OPEN, CREDIT):
        undisturbed = await clean(erp, write)
        case = await erp.prepared(write)
        down = Fault(kind="unavailable", status=status)
        erp.faults.script(*[None] * min(undisturbed.writing, default=0), *[down] * 3)
        trouble = await trouble_of(write.call(erp.erp, write.ask(case)))
        assert isinstance(trouble, RetryLater | InDoubt) or erp.able.batch
        await erp.post(write, case)
        erp.faults.calm()
        assert erp.effect(case) == expected(write, case, erp.able)


async def test_R30_twenty_failures_then_one_movement(erp: ErpDesk) -> None:
    receive = BY_LABEL["receive_goods"]
    case = await erp.prepared(receive)
    erp.faults.script(*[Fault(kind="unavailable", status=503)] * 20)
    await erp.post(receive, case)
    assert erp.faults.unused == 0
    assert erp.effect(case) == expected(receive, case, erp.able)


async def test_an_answer_that_comes_too_late_still_counts(erp: ErpDesk) -> None:
    """Our patience ends before the ERP has answered; what it did meanwhile is found, not done again."""
    hasty = erp.port(timeout_seconds=1)
    undisturbed = await clean(erp, OPEN)
    case = await erp.prepared(OPEN)
    mark = erp.journal.mark
    erp.faults.script(*[None] * min(undisturbed.writing), Fault(kind="latency", seconds=3))
    trouble = await trouble_of(OPEN.call(hasty, OPEN.ask(case)))
    assert isinstance(trouble, InDoubt | RetryLater)
    while erp.journal.mark == mark and not erp.able.batch:
        await asyncio.sleep(0.02)
    await erp.post(OPEN, case)
    assert erp.effect(case) == expected(OPEN, case, erp.able)


async def test_nobody_at_home(erp: ErpDesk) -> None:
    """Nothing was sent, so even a write is no question of doubt."""
    case = await erp.everything()

    def closed(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(closed)) as http:
        port = erp.port(http)
        for name, ask in await asking(erp):
            assert isinstance(await trouble_of(ask(port, case)), RetryLater), name


async def asking(erp: ErpDesk) -> list[tuple[str, Ask]]:
    """Every method of the port that sends a request. A batch ERP's document may need nothing before its window."""
    case, found = await erp.everything(), list[tuple[str, Ask]]()
    for name, ask in {**READS, **writes(erp.able)}.items():
        erp.faults.script()
        await trouble_of(ask(erp.erp, case))
        assert erp.faults.asked or erp.able.batch, f"{name} asked nobody"
        found += [(name, ask)] if erp.faults.asked else []
    return found


def test_every_secret_of_the_registry_is_accounted_for(erp: ErpDesk) -> None:
    known = {**erp.stage.secrets, **erp.stage.secrets_elsewhere}
    assert set(known) == set(registry.ERPS[erp.name].secrets)


async def test_a_wrong_secret_is_trouble_of_the_connection(erp: ErpDesk) -> None:
    """Said once, after one refusal: an adapter that knocks again gets the connection locked out."""
    for secret, method in erp.stage.secrets.items():
        port = erp.port(None, **{secret: "a wrong secret, as long as any of them has to be"})
        case = await erp.prepared(BY_LABEL[method]) if method in BY_LABEL else await erp.case()
        erp.front.reset()
        trouble = await trouble_of({**READS, **writes(erp.able)}[method](port, case))
        assert isinstance(trouble, CredentialsRefused), secret
        assert "a wrong secret" not in said_by(trouble)
        assert [status for status in erp.front.statuses if status in (401, 403)] in ([401], [403])


@pytest.mark.parametrize("status", [401, 403, 407])
async def test_refused_credentials_are_not_a_refused_document(erp: ErpDesk, status: int) -> None:
    """Also where the ERP has none and a proxy before it asks for some."""
    case = await erp.everything()
    for name, ask in await asking(erp):
        erp.faults.script(*[Fault(kind="unavailable", status=status)] * 3)
        assert isinstance(await trouble_of(ask(erp.erp, case)), CredentialsRefused), name
        assert len(erp.faults.asked) == 1, f"{name} knocked again"
