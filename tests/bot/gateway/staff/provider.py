"""An OpenID Connect provider on loopback: Authlib's own server, behind Starlette.

Grant, client authentication, PKCE and ID token are Authlib's; it keeps nothing of what our client side uses.
`spoil`, `forge`, `unsigned` and `called` let a test make it lie in one way.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from types import SimpleNamespace
from typing import Any

import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT_ID = "kundsupport"
CLIENT_SECRET = "hemlighet för : test"


class Provider:
    """`person` is the claims of whoever signs in next; `spoil` changes the claims of the ID token."""

    def __init__(self, port: int) -> None:
        self.issuer = self.called = f"http://127.0.0.1:{port}"
        self.person: dict[str, Any] = {"sub": "42", "name": "Olga Berg", "preferred_username": "olga"}
        self.spoil: dict[str, Any] = {}
        self.forge = self.unsigned = False
        self.refused: list[str] = []
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self._authority = _Authority(self)
        routes = [
            Route("/.well-known/openid-configuration", self._discover),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=port, log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(config,))

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline and self._thread.is_alive()
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)

    def _run(self, config: uvicorn.Config) -> None:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(self._server.serve())

    async def _discover(self, _request: Request) -> Response:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse(
            {"issuer": self.called, **{name: f"{self.issuer}/{path}" for name, path in paths.items()}}
        )

    async def _authorize(self, request: Request) -> Response:
        asked = await _Asked.of(request)
        grant = self._authority.get_consent_grant(asked, end_user=self.person)
        return self._authority.create_authorization_response(asked, grant_user=self.person, grant=grant)

    async def _token(self, request: Request) -> Response:
        return self._authority.create_token_response(await _Asked.of(request))

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))


class _Asked(OAuth2Request):
    """A request as Authlib takes it."""

    @classmethod
    async def of(cls, request: Request) -> _Asked:
        # Authlib accepts only TLS; between two ends of one machine there is none.
        url = str(request.url).replace("http:", "https:", 1)
        asked = cls(request.method, url, headers=request.headers)
        asked.query, asked.fields = dict(request.query_params), dict(await request.form())
        asked.payload = BasicOAuth2Payload({**asked.query, **asked.fields})
        return asked

    @property
    def args(self) -> dict[str, Any]:
        return self.query

    @property
    def form(self) -> dict[str, Any]:
        return self.fields


class _Client(ClientMixin):
    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/api/staff/oidc/callback")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Code(SimpleNamespace):
    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class _CodeGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)
    codes: dict[str, _Code]

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        kept = ("redirect_uri", "scope", "nonce", "code_challenge", "code_challenge_method")
        self.codes[code] = _Code(code=code, user=request.user, **{name: asked.get(name) for name in kept})

    def query_authorization_code(self, code: str, client: object) -> _Code | None:
        return self.codes.get(code)

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        del self.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: _Code) -> dict[str, Any]:
        return authorization_code.user


class _IdToken(OpenIDCode):
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self._provider = provider

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        return False

    def resolve_client_private_key(self, client: object) -> RSAKey:
        key = self._provider.key
        return RSAKey.generate_key(2048, {"kid": key.kid}) if self._provider.forge else key

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        signed: str = super().encode_id_token(token, request)
        if not self._provider.unsigned:
            return signed
        header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        return f"{header}.{signed.split('.')[1]}."

    def get_client_claims(self, client: _Client) -> dict[str, Any]:
        return {"iss": self._provider.issuer, "aud": [client.get_client_id()]}

    def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
        return {**user, **self._provider.spoil}


class _Authority(AuthorizationServer):
    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._refused = provider.refused
        self.register_token_generator("default", self._bearer)
        grant = type("Grant", (_CodeGrant,), {"codes": {}})
        self.register_grant(grant, [CodeChallenge(required=True), _IdToken(provider)])

    @staticmethod
    def _bearer(**asked: Any) -> dict[str, Any]:
        return {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(16),
            "expires_in": 60,
            "scope": asked["scope"],
        }

    def query_client(self, client_id: str) -> _Client | None:
        return _Client() if client_id == CLIENT_ID else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        pass

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: _Asked) -> _Asked:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        if status >= 400:
            self._refused.append(body["error"])
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))
