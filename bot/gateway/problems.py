"""Errors as answers: one shape for all, in Swedish, and never a stack trace."""

from __future__ import annotations

import math
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway import errors, texts
from bot.gateway.errors import ApiError, ServiceUnavailable
from bot.gateway.schemas import Problem

_log = structlog.get_logger(__name__)

_CODES: Final = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_UNAVAILABLE_SECONDS: Final = 2


def problem(
    status: int,
    code: str,
    *,
    fields: list[str] | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """An error answer; its sentence is the catalogue's."""
    body: dict[str, Any] = {"code": code, "message": texts.ERRORS[code], **more}
    if fields:
        body["fields"] = fields
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})


def of_error(error: ApiError) -> JSONResponse:
    """The answer for an error of our own."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.status, error.code, fields=error.fields, headers=headers)


def responses(*kinds: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the errors a route can give; what every route can give is added."""
    by_status: dict[int, list[str]] = {}
    every: tuple[type[ApiError], ...] = (*kinds, errors.TooManyRequests, errors.ServiceUnavailable)
    for kind in every:
        by_status.setdefault(kind.status, []).append(kind.code)
    by_status.setdefault(422, []).append("validation_error")
    return {
        status: {
            "model": Problem,
            "description": " or ".join(f"`{code}`" for code in codes),
            "content": {
                "application/json": {
                    "examples": {
                        code: {"value": {"code": code, "message": texts.ERRORS[code]}} for code in codes
                    }
                }
            },
        }
        for status, codes in by_status.items()
    }


def add_handlers(app: FastAPI) -> None:
    """Makes every error of the app an answer of this shape."""

    @app.exception_handler(ApiError)
    async def _api_error(_request: Request, error: ApiError) -> JSONResponse:
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if any(item["type"] == "json_invalid" for item in found):
            return problem(400, "invalid_json")
        fields = {".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]) for item in found}
        return problem(422, "validation_error", fields=sorted(fields)[:20])

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "bad_request")
        return problem(error.status_code, code, headers=dict(error.headers or {}))

    @app.exception_handler(SQLAlchemyError)
    async def _database(_request: Request, error: SQLAlchemyError) -> JSONResponse:
        _log.error("database_failed", error=type(error).__name__, cause=_cause(error))
        return of_error(ServiceUnavailable(retry_after=_UNAVAILABLE_SECONDS))


class ErrorBoundary:
    """The last resort: an unforeseen error becomes a 500 in Swedish, and a log line without any text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the app."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - boundary of the process: logged, answered, goes no further
            _log.error("unexpected_error", error=type(error).__name__, where=_where(error))
            if scope["type"] == "http" and not started:
                await problem(500, "internal_error")(scope, receive, send)


def _cause(error: SQLAlchemyError) -> str | None:
    return type(error.orig).__name__ if isinstance(error, DBAPIError) else None


def _where(error: BaseException) -> list[str]:
    """File and line of each step: an error's own text could hold what a visitor wrote."""
    steps, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        steps.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return steps[-8:]
