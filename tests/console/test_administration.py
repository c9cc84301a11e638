"""Administration: accounts, alerts, the audit trail (R86, R91, R110)."""

import re

from domain.alert_rules import RuleId
from domain.alerts import Alert
from domain.exceptions import Owner
from store.alert_records import AlertState
from tests.console.browser import ADMIN, FINANCE, Console
from tests.store.given import NOW


async def test_R110_an_account_is_added_with_a_password_that_is_shown_once(console: Console) -> None:
    admin = await console.signed_in(ADMIN)
    page = await admin.submit("/administration/accounts", {"name": "whs-7", "role": "warehouse"})
    assert "Account whs-7 is there" in page.text
    found = re.search(r"shown this once: (\S+)", page.text)
    assert found
    stranger = console.stranger()
    assert (await stranger.sign_in("whs-7", found[1])).status_code == 303
    assert (await stranger.get("/receiving")).status_code == 200
    assert (await stranger.get("/administration/accounts")).status_code == 403


async def test_R110_other_roles_or_disabling_end_the_sessions_and_are_audited(console: Console) -> None:
    admin = await console.signed_in(ADMIN)
    page = await admin.submit("/administration/accounts", {"name": "cx-7", "role": "cx"})
    found = re.search(r"shown this once: (\S+)", page.text)
    assert found
    person = console.stranger()
    await person.sign_in("cx-7", found[1])
    await admin.post("/administration/accounts/cx-7", {"deed": "disable"})
    answer = await person.http.get("/returns")
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")
    assert (await person.sign_in("cx-7", found[1])).status_code != 303
    trail = await admin.page("/administration/audit", subject="account/cx-7")
    assert "account.disabled" in trail.text
    assert "account.added" in trail.text


async def test_R110_nobody_changes_their_own_roles_and_a_taken_name_is_refused(console: Console) -> None:
    admin = await console.signed_in(ADMIN)
    own = await admin.post("/administration/accounts/admin-account", {"deed": "roles", "role": "viewer"})
    assert own.status_code == 422
    again = await admin.post("/administration/accounts", {"name": "admin-account", "role": "viewer"})
    assert again.status_code == 422
    assert "There is an account admin-account already" in again.text
    nobody = await admin.post("/administration/accounts", {"name": "Jo@Example.test", "role": "viewer"})
    assert nobody.status_code == 422


async def test_R91_alerts_that_could_not_be_delivered_are_shown_with_their_reason(console: Console) -> None:
    alert = Alert(
        key="k-1",
        topic="t-1",
        rule=RuleId.EXCEPTION_OPENED,
        connection="shop",
        owner=Owner.FINANCE,
        title="Refund does not match",
        what="The platform refunded more than the order says.",
        next_step="Compare both amounts.",
        path="/exceptions",
    )
    async with console.store.begin() as unit:
        await unit.alerts.add(alert, ["mail"], NOW)
        await unit.alerts.settle("k-1", "mail", AlertState.FAILED, NOW, reason="the mail server refused")
    page = await (await console.signed_in(ADMIN)).page("/administration/alerts", state="failed")
    assert "Refund does not match" in page.text
    assert "mail: the mail server refused" in page.text
    assert (await (await console.signed_in(FINANCE)).get("/administration/alerts")).status_code == 403
