"""Signing in with OpenID Connect: authorisation code flow with PKCE (RFC 7636), with Authlib and joserfc."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.gateway.staff.accounts import Role
from bot.gateway.staff.errors import OidcFailed, OidcNoRole
from bot.gateway.staff.settings import StaffSettings

_log = structlog.get_logger(__name__)
_FLOW_SECONDS: Final = 600
_LEEWAY_SECONDS: Final = 60
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says signed in."""

    subject: str
    username: str
    name: str
    role: Role


class Provider:
    """One OpenID Connect provider, found by discovery at the first sign-in."""

    def __init__(self, settings: StaffSettings, secret_key: str) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._sealed = URLSafeTimedSerializer(secret_key, salt="staff oidc flow")
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._metadata: dict[str, Any] | None = None

    async def start(self, redirect_uri: str) -> tuple[str, str]:
        """Where to send the browser, and the sealed state of the flow for a short-lived cookie."""
        metadata = await self._discover()
        flow = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "verifier")}
        url = prepare_grant_uri(
            metadata["authorization_endpoint"],
            self._settings.oidc_client_id,
            "code",
            redirect_uri=redirect_uri,
            scope="openid profile email",
            state=flow["state"],
            nonce=flow["nonce"],
            code_challenge=create_s256_code_challenge(flow["verifier"]),
            code_challenge_method="S256",
        )
        return str(url), self._sealed.dumps(flow)

    async def finish(self, redirect_uri: str, sealed: str, state: str, code: str) -> Identity:
        """Who signed in; raises `OidcFailed` or `OidcNoRole`."""
        try:
            flow = self._sealed.loads(sealed, max_age=_FLOW_SECONDS)
        except BadSignature:
            raise OidcFailed from None
        if not secrets.compare_digest(flow["state"].encode(), state.encode()):
            raise OidcFailed
        claims = await self._claims(redirect_uri, flow, code)
        return self._identity(claims)

    async def _claims(self, redirect_uri: str, flow: dict[str, str], code: str) -> dict[str, Any]:
        metadata = await self._discover()
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                token = await client.post(
                    metadata["token_endpoint"],
                    auth=(quote(self._settings.oidc_client_id, safe=""), quote(self._secret, safe="")),
                    data={
                        "grant_type": "authorization_code",
                        "code": code,
                        "redirect_uri": redirect_uri,
                        "code_verifier": flow["verifier"],
                    },
                )
                keys = await client.get(metadata["jwks_uri"])
            known = KeySet.import_key_set(keys.raise_for_status().json())
            id_token = token.raise_for_status().json()["id_token"]
            claims = jwt.decode(id_token, known, algorithms=_ALGORITHMS).claims
            self._check(claims, flow["nonce"])
        except (httpx.HTTPError, JoseError, KeyError, TypeError, ValueError) as error:
            _log.warning("oidc_refused", error=type(error).__name__)
            raise OidcFailed from None
        return claims

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        """OpenID Connect Core 3.1.3.7: issuer, audience, time, nonce."""
        jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._metadata_of("issuer")},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if several and claims.get("azp") != self._settings.oidc_client_id:
            raise ValueError("azp")

    def _identity(self, claims: dict[str, Any]) -> Identity:
        given = claims.get(self._settings.oidc_role_claim) or []
        names = given if isinstance(given, list) else [given]
        roles = [Role(self._settings.oidc_roles[name]) for name in names if name in self._settings.oidc_roles]
        if not roles:
            raise OidcNoRole
        subject = f"{self._metadata_of('issuer')} {claims['sub']}"
        username = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
        return Identity(
            subject=subject[:500],
            username=username[:254],
            name=str(claims.get("name") or username)[:100],
            role=max(roles, key=lambda role: role.rank),
        )

    def _metadata_of(self, name: str) -> str:
        return str((self._metadata or {})[name])

    async def _discover(self) -> dict[str, Any]:
        if self._metadata is None:
            try:
                async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                    answer = await client.get(f"{self._issuer}/.well-known/openid-configuration")
                    found = answer.raise_for_status().json()
            except (httpx.HTTPError, ValueError) as error:
                _log.warning("oidc_unreachable", error=type(error).__name__)
                raise OidcFailed from None
            # Discovery 4.3: the issuer must be the one that was asked for.
            if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                raise OidcFailed
            self._metadata = found
        return self._metadata
