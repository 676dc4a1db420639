"""What surrounds every request: body limit, security headers, one log line."""

from __future__ import annotations

from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway import metrics
from bot.gateway.errors import BodyTooLarge
from bot.gateway.problems import of_error

_log = structlog.get_logger("bot.gateway.access")

_QUIET: Final = ("/health/", "/metrics")
_READS: Final = ("GET", "HEAD", "OPTIONS")
_HSTS: Final = "max-age=31536000; includeSubDomains"


class BodyLimit:
    """Refuses a request body over `limit` bytes, also one that does not say its length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads what there is to read before the app sees the request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self._limit:
            await of_error(BodyTooLarge())(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                await of_error(BodyTooLarge())(scope, receive, send)
                return
        delivered = False

        async def replay() -> Message:
            nonlocal delivered
            if delivered:
                return await receive()
            delivered = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


class SecurityHeaders:
    """The headers every answer has. The widget's files may be read by other origins' pages."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds headers to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Content-Security-Policy"] = self._policy
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
                headers["Cross-Origin-Resource-Policy"] = (
                    "cross-origin" if path.startswith(("/widget/", "/api/")) else "same-origin"
                )
                if path.startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
                elif path.startswith("/widget/"):
                    headers["Access-Control-Allow-Origin"] = "*"
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _HSTS
            await send(message)

        await self._app(scope, receive, with_headers)


class AccessLog:
    """One log line and one measurement a request, by route: no address, no query, no text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measures until the answer begins (an event stream has no end)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = perf_counter()

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                _note(scope, message["status"], perf_counter() - start)
            await send(message)

        await self._app(scope, receive, watch)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", None) or "static"
    metrics.REQUEST_SECONDS.labels(route, scope["method"], status).observe(seconds)
    # A read that went well is only measured: clients read all the time.
    if not scope["path"].startswith(_QUIET) and (status >= 400 or scope["method"] not in _READS):
        conversation = scope.get("path_params", {}).get("conversation_id")
        _log.info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            conversation=conversation,
        )


def content_security_policy(bridge_url: str) -> str:
    """The policy of every page: own files only, and the reader bridge on the visitor's own computer."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self' {bridge_url}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
