"""A small OpenID Connect provider on a real socket. It signs everybody in, and is as strict as the standard asks."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.responses import JSONResponse, RedirectResponse, Response

from console.parts import Provider
from domain.accounts import AccountRole
from tests.console.browser import URL, Time
from tests.running import served

CLIENT, SECRET = "backhaul-console", "a-client-secret"
BACK = f"{URL}/sign-in/back"


@dataclass
class ProviderServer:
    """`claims` override what the identity token says; None leaves one out. `key` signs, `shown` is published."""

    time: Time
    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    groups: list[str] = field(default_factory=lambda: ["fin-team"])
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"}))
    shown: RSAKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    issuer: str = ""

    def settings(self) -> Provider:
        """How the console knows it."""
        return Provider(
            issuer=self.url,
            client_id=CLIENT,
            client_secret=SecretStr(SECRET),
            roles_claim="realm.groups",
            roles={"fin-team": AccountRole.FINANCE, "bosses": AccountRole.ADMIN},
        )

    def app(self) -> FastAPI:
        """Its four addresses."""
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.discovery)
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        app.get("/keys")(self.keys)
        return app

    async def discovery(self) -> JSONResponse:
        addresses = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        found = {name: f"{self.url}/{path}" for name, path in addresses.items()}
        return JSONResponse({"issuer": self.issuer or self.url, **found})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        wanted = {"response_type": "code", "client_id": CLIENT, "redirect_uri": BACK, "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in wanted.items()) or "openid" not in asked.get("scope", ""):
            return Response(status_code=400)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return RedirectResponse(f"{BACK}?{query}", 302)

    async def token(self, request: Request) -> Response:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(sent.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        right = (
            asked is not None
            and request.headers.get("authorization") == f"Basic {basic}"
            and sent.get("grant_type") == "authorization_code"
            and sent.get("redirect_uri") == BACK
            and challenge.decode().rstrip("=") == asked["code_challenge"]
        )
        if not right or asked is None:
            self.refused.append(sent.get("code", ""))
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])})

    def id_token(self, nonce: str) -> str:
        now = int(self.time().timestamp())
        whole = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "u-1001",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "realm": {"groups": self.groups},
            **self.claims,
        }
        said = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "k1"}, said, self.key)

    async def keys(self) -> JSONResponse:
        return JSONResponse({"keys": [(self.shown or self.key).as_dict(private=False)]})


@asynccontextmanager
async def provider_server(time: Time) -> AsyncIterator[ProviderServer]:
    """The provider, listening."""
    server = ProviderServer(time)
    async with served(server.app()) as url:
        server.url = url
        yield server
