"""The gate in front of every handler: refuses, in a fixed order, whatever is not our own page's call.

Any page the visitor opens, and any name that is made to point at 127.0.0.1 (DNS rebinding), can send requests
to this port. So: our exact Host, an allowed Origin, a header no simple request can carry, JSON, little of it,
and a token that only somebody who sees this computer's screen can have got.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from reader_bridge.messages import ERROR_MESSAGES
from reader_bridge.web.pairing import Pairing

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 8 * 1024
REQUESTED_WITH = b"support-chat"
WITHOUT_TOKEN = frozenset({"/v1/info", "/v1/pair"})
# Chrome's private-network preflight (2021-2024) and the name it had for a while.
NETWORK_PREFLIGHTS = {
    b"access-control-request-private-network": b"access-control-allow-private-network",
    b"access-control-request-local-network": b"access-control-allow-local-network",
}


class RefusedError(Exception):
    """The request goes no further."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Gate:
    """ASGI middleware; `scope["state"]` gets `origin` and `paired`."""

    def __init__(self, app: App, port: int, origins: Iterable[str], pairing: Pairing) -> None:
        self._app = app
        self._host = f"127.0.0.1:{port}".encode()
        self._origins = frozenset(origin.encode() for origin in origins)
        self._pairing = pairing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets through, answers the preflight, or refuses."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = _Headers(scope["headers"])
        origin: bytes | None = None
        try:
            origin = self._check_address(headers)
            if scope["method"] == "OPTIONS" and headers.one(b"access-control-request-method"):
                await _respond(send, 204, [*_cors(origin), *_preflight(headers)])
                return
            self._check_form(scope["method"], headers)
            body = await _read(headers, receive)
            state = scope.setdefault("state", {})
            state["origin"] = origin.decode()
            state["paired"] = self._paired(headers, origin)
            if not state["paired"] and scope["path"] not in WITHOUT_TOKEN:
                raise RefusedError(401, "not_paired")
        except RefusedError as error:
            await _refuse(send, error, _cors(origin) if origin else [])
            return
        await self._app(scope, _replay(body, receive), _with_headers(send, _cors(origin)))

    def _check_address(self, headers: _Headers) -> bytes:
        if headers.one(b"host") != self._host:
            raise RefusedError(400, "wrong_host")
        origin = headers.one(b"origin")
        if origin not in self._origins or origin is None:
            raise RefusedError(403, "origin_not_allowed")
        return origin

    @staticmethod
    def _check_form(method: str, headers: _Headers) -> None:
        if headers.one(b"x-requested-with") != REQUESTED_WITH:
            raise RefusedError(400, "header_missing")
        length = headers.one(b"content-length") or b"0"
        has_body = length != b"0" or headers.one(b"transfer-encoding") is not None
        kind = headers.one(b"content-type")
        if kind is None and not has_body:
            return
        if (kind or b"").split(b";")[0].strip().lower() != b"application/json":
            raise RefusedError(415, "not_json")

    def _paired(self, headers: _Headers, origin: bytes) -> bool:
        scheme, _, token = (headers.one(b"authorization") or b"").partition(b" ")
        return scheme.lower() == b"bearer" and self._pairing.accepts(
            token.strip().decode("latin-1"), origin.decode()
        )


class _Headers:
    """Request headers that count only when sent exactly once."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = list(raw)

    def one(self, name: bytes) -> bytes | None:
        values = [value for key, value in self._raw if key == name]
        return values[0] if len(values) == 1 else (b"" if values else None)


async def _read(headers: _Headers, receive: Receive) -> bytes:
    """The body; refused as soon as it is known to be too large."""
    length = headers.one(b"content-length") or b"0"
    if not length.isdigit() or int(length) > MAX_BODY:
        raise RefusedError(413, "too_large")
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            raise RefusedError(413, "too_large")
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read to the app, then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_headers(send: Send, extra: list[tuple[bytes, bytes]]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *extra]
        await send(message)

    return sending


def _cors(origin: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", origin),
        (b"vary", b"Origin"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]


def _preflight(headers: _Headers) -> list[tuple[bytes, bytes]]:
    allowed = [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"authorization, content-type, x-requested-with"),
        (b"access-control-max-age", b"600"),
    ]
    networks = [
        (answer, b"true") for ask, answer in NETWORK_PREFLIGHTS.items() if headers.one(ask) == b"true"
    ]
    return [*allowed, *networks]


async def _refuse(send: Send, error: RefusedError, extra: list[tuple[bytes, bytes]]) -> None:
    body = json.dumps({"code": error.code, "message": ERROR_MESSAGES[error.code]}, ensure_ascii=False)
    kind = (b"content-type", b"application/json")
    await _respond(send, error.status, [kind, (b"connection", b"close"), *extra], body.encode())


async def _respond(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    length = [(b"content-length", str(len(body)).encode())] if status != 204 else []
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
