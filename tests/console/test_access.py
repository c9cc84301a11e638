"""Every route × every role: what the table of access says is what happens (R110)."""

import pytest

from console.access import ACCESS, access_to
from console.app import routes
from domain.accounts import AccountRole
from tests.console.browser import Console
from tests.console.given import fill
from tests.console.samples import address, all_routes

WHO = (None, *AccountRole)


@pytest.fixture(scope="module", autouse=True)
async def _filled(console: Console) -> None:
    await fill(console.store)


def test_R110_the_table_names_every_route_and_no_other() -> None:
    assert set(ACCESS) == {f"{method} {path}" for method, path in routes()}


@pytest.mark.parametrize("role", WHO, ids=lambda role: role or "nobody")
async def test_R110_every_route_is_open_to_the_roles_of_the_table_and_to_nobody_else(
    console: Console, role: AccountRole | None
) -> None:
    browser = await console.signed_in(role) if role else console.stranger()
    wrong: list[str] = []
    for method, template in all_routes():
        access = access_to(method, template)
        assert access is not None
        if method == "GET":
            answer = await browser.http.get(address(template))
        else:
            answer = await browser.post(address(template), token="")  # a form without token, so that nothing is done
        got = answer.status_code
        to_sign_in = answer.headers.get("location", "").startswith("/sign-in")
        if access.roles is None:
            right = (
                got == 403 and "This form has expired." in answer.text if method == "POST" else got not in (401, 403)
            )
        elif role is None:
            right = got == 401 if method == "POST" else got == 303 and to_sign_in
        elif role not in access.roles:
            right = got == 403 and "Your account may not do this." in answer.text
        elif method == "POST":
            right = got == 403 and "This form has expired." in answer.text
        else:
            right = got in (200, 303) and not to_sign_in
        if not right:
            wrong.append(f"{method} {template}: {got} {answer.headers.get('location', '')}")
    assert wrong == []
