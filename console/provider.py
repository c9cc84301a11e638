"""Signing in by the organisation's OpenID Connect provider: there and back."""

import hmac
from datetime import timedelta
from urllib.parse import urljoin

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.oidc import Identity, OpenId, ProviderTrouble
from console.parts import ConsoleParts, parts_of
from console.session import digest, keep_visit, new_token, sign_in, visit_of
from console.signin import local_path
from console.trouble import Trouble, not_found
from store.account_records import SignInFlow

router = APIRouter()
log = structlog.get_logger("console")

_TIME_TO_COME_BACK = timedelta(minutes=10)


@router.get("/sign-in/provider")
async def to_provider(request: Request) -> Response:
    """Off to the provider. What comes back is good only in this browser, once, and for ten minutes."""
    parts, now = parts_of(request), parts_of(request).clock()
    visit, state, nonce, verifier = visit_of(request) or new_token(), new_token(), new_token(), new_token()
    try:
        address = await _open_id(parts).begin(state, nonce, verifier)
    except ProviderTrouble as error:
        raise _trouble(error) from None
    flow = SignInFlow(
        browser=digest(visit),
        nonce=nonce,
        verifier=verifier,
        next=local_path(request.query_params.get("next", "")),
        expires_at=now + _TIME_TO_COME_BACK,
    )
    async with parts.store.begin() as unit:
        await unit.sessions.begin_flow(digest(state), flow, now)
    response = RedirectResponse(address, 303)
    keep_visit(request, response, visit)
    return response


@router.get("/sign-in/back")
async def from_provider(request: Request) -> Response:
    """Back from the provider, with a code or with its refusal."""
    parts, query = parts_of(request), request.query_params
    if parts.provider is None:
        raise not_found("page")
    async with parts.store.begin() as unit:
        flow = await unit.sessions.take_flow(digest(query.get("state", "")), parts.clock())
    if flow is None or not hmac.compare_digest(flow.browser, digest(visit_of(request))):
        raise Trouble(403, "This sign-in is not one that you began here.", "Go to the sign-in page and begin again.")
    if query.get("iss", parts.provider.issuer) != parts.provider.issuer or not query.get("code"):
        log.warning("the provider refused a sign-in")
        raise Trouble(403, "Your organisation did not sign you in.", "Try again, or ask who runs its sign-in.")
    try:
        identity = await _open_id(parts).finish(query["code"], flow.nonce, flow.verifier, parts.clock())
    except ProviderTrouble as error:
        raise _trouble(error) from None
    await _admit(parts, identity)
    response = RedirectResponse(flow.next, 303)
    await sign_in(request, response, identity.account)
    return response


async def _admit(parts: ConsoleParts, identity: Identity) -> None:
    """Write down who it is and what they may do as of now. Raises Trouble."""
    async with parts.store.begin() as unit:
        account = await unit.accounts.from_provider(identity.account, identity.roles, parts.clock())
    if account.disabled:
        raise Trouble(403, "This account is closed here.", "An administrator of Backhaul can open it.")
    if not identity.roles:
        advice = f"Ask for one of the groups that give a role, and name your account: {identity.account}."
        raise Trouble(403, "Your organisation gives you no role in Backhaul.", advice)


def _open_id(parts: ConsoleParts) -> OpenId:
    if parts.provider is None or parts.http is None:
        raise not_found("page")
    return OpenId(parts.provider, parts.http, urljoin(parts.origin, "/sign-in/back"))


def _trouble(error: ProviderTrouble) -> Trouble:
    log.error("sign-in by the provider failed", reason=str(error))
    advice = "Try again in a moment. If it stays so, sign in with a local account or tell whoever runs Backhaul."
    return Trouble(502, "The sign-in of your organisation does not work now.", advice)
