"""OpenID Connect: the code flow with PKCE. Authlib makes the requests, joserfc checks the identity token."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.parts import Provider
from domain.accounts import AccountRole
from domain.model import Value

#: Signatures that a provider alone can make. Never "none", never one made with a shared secret.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_SUBJECT = re.compile(r"[A-Za-z0-9._|-]{1,50}")
_SECONDS = 10.0
_CLOCKS_DIFFER = 60


class ProviderTrouble(Exception):
    """The provider did not answer as it must. The text is for the log; it holds no token."""


class Identity(Value):
    """Whom the provider knows: the account's name here, and the roles that its groups stand for."""

    account: str
    roles: frozenset[AccountRole]


class OpenId:
    """One sign-in's talk with the provider. Addresses and keys are asked for each time: they may change."""

    def __init__(self, provider: Provider, http: httpx.AsyncClient, back: str) -> None:
        self._provider = provider
        self._http = http
        self._back = back

    async def begin(self, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises ProviderTrouble, as `finish`."""
        there = await self._discovered()
        return str(
            prepare_grant_uri(
                _text(there, "authorization_endpoint"),
                self._provider.client_id,
                "code",
                redirect_uri=self._back,
                scope="openid",
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    async def finish(self, code: str, nonce: str, verifier: str, now: datetime) -> Identity:
        """Who it is, by the code that the browser brought back."""
        there = await self._discovered()
        token = await self._token(there, code, verifier)
        keys = await self._json("GET", _text(there, "jwks_uri"))
        return self._identity(self._claims(token, keys, nonce, now))

    async def _discovered(self) -> Mapping[str, Any]:
        issuer = self._provider.issuer
        there = await self._json("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if there.get("issuer") != issuer:
            raise ProviderTrouble("the provider calls itself by another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(_text(there, name)).scheme != urlsplit(issuer).scheme:
                raise ProviderTrouble(f"{name} is less safe than the issuer")
        return there

    async def _token(self, there: Mapping[str, Any], code: str, verifier: str) -> str:
        methods = there.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        secret = self._provider.client_secret.get_secret_value()
        body = prepare_token_request("authorization_code", code=code, redirect_uri=self._back, code_verifier=verifier)
        url = _text(there, "token_endpoint")
        url, headers, body = ClientAuth(self._provider.client_id, secret, method).prepare("POST", url, {**_FORM}, body)
        return _text(await self._json("POST", url, headers=headers, content=body), "id_token")

    def _claims(self, token: str, keys: Mapping[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        """What the token says, once it is proved to be the provider's, for us, of now, and for this very sign-in."""
        client = self._provider.client_id
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_CLOCKS_DIFFER,
            iss={"essential": True, "value": self._provider.issuer},
            aud={"essential": True, "value": client},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=_ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ProviderTrouble(f"the identity token is not right: {type(error).__name__}") from None
        if claims.get("azp", client) != client:
            raise ProviderTrouble("the identity token was made for another client")
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        subject = str(claims["sub"])
        known = subject if _SUBJECT.fullmatch(subject) else hashlib.sha256(subject.encode()).hexdigest()[:32]
        found: Any = claims
        for step in self._provider.roles_claim.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        groups = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        roles = frozenset(self._provider.roles[g] for g in groups if isinstance(g, str) and g in self._provider.roles)
        return Identity(account=f"oidc:{known}", roles=roles)

    async def _json(self, method: str, url: str, **options: Any) -> Mapping[str, Any]:
        try:
            answer = await self._http.request(method, url, timeout=_SECONDS, follow_redirects=False, **options)
            content = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderTrouble(f"{method} {urlsplit(url).path}: {type(error).__name__}") from None
        if answer.status_code != 200 or not isinstance(content, dict):
            raise ProviderTrouble(f"{method} {urlsplit(url).path}: status {answer.status_code}")
        return content


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderTrouble(f"{name} is missing")
    return value
