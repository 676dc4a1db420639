"""The calls behind the gate."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Annotated, Any

from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from reader_bridge import __version__
from reader_bridge.assessment import iso
from reader_bridge.diagnosis import Diagnosis, Examiner
from reader_bridge.findings import Severity
from reader_bridge.messages import ERROR_MESSAGES
from reader_bridge.watcher import Watcher
from reader_bridge.web.events import Hub, TooManyStreamsError
from reader_bridge.web.pairing import Pairing, PairingEndedError, WrongCodeError
from reader_bridge.web.security import App, Gate

logger = logging.getLogger(__name__)
HTTP_CODES = {404: "not_found", 405: "method_not_allowed"}


class ApiError(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, code: str, message: str | None = None, **extra: Any) -> None:
        super().__init__(code)
        self.status = status
        self.content = {"code": code, "message": message or ERROR_MESSAGES[code], **extra}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PairRequest(_Strict):
    """The code the visitor read on this computer."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Nothing(_Strict):
    """An empty object."""


def _yes(consent: bool) -> bool:
    if not consent:
        raise ValueError("no consent")
    return consent


class IdentityRequest(_Strict):
    """The visitor's yes to showing who the card belongs to."""

    consent: Annotated[bool, AfterValidator(_yes)]


@dataclass
class Service:
    """What the handlers share."""

    examiner: Examiner
    pairing: Pairing
    hub: Hub = field(default_factory=Hub)
    looking: threading.Lock = field(default_factory=threading.Lock)
    watcher: Watcher = field(init=False)

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.hub.publish)

    async def diagnose(self) -> Diagnosis:
        """One look at a time; `ApiError` 409 while another goes on."""
        if not self.looking.acquire(blocking=False):
            raise ApiError(409, "busy")
        return await asyncio.get_running_loop().run_in_executor(None, self._look)

    def _look(self) -> Diagnosis:
        try:
            return self.examiner.diagnose()
        finally:
            self.looking.release()


def create_app(service: Service, port: int, origins: Iterable[str]) -> App:
    """The whole ASGI application: the gate with the calls behind it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.hub.open()
        await asyncio.to_thread(service.watcher.start)
        yield
        await asyncio.to_thread(service.watcher.stop)

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    _add_calls(app, service)
    _add_errors(app)
    return Gate(app, port, origins, service.pairing)


def _add_calls(app: FastAPI, service: Service) -> None:
    @app.get("/v1/info")
    async def info(request: Request) -> dict[str, Any]:
        return {
            "name": "reader-bridge",
            "version": __version__,
            "api": 1,
            "paired": request.state.paired,
            "pairing_open": service.pairing.code is not None,
        }

    @app.post("/v1/pair")
    async def pair(wanted: PairRequest, request: Request) -> dict[str, str]:
        try:
            token = service.pairing.pair(wanted.code, request.state.origin)
        except WrongCodeError as error:
            raise ApiError(401, "wrong_code", attempts_left=error.attempts_left) from error
        except PairingEndedError as error:
            raise ApiError(403, "pairing_ended") from error
        expires_at = datetime.fromtimestamp(token.expires_at, timezone.utc)
        return {"token": token.value, "expires_at": iso(expires_at)}

    @app.post("/v1/diagnosis")
    async def diagnosis(_: Annotated[Nothing | None, Body()] = None) -> dict[str, Any]:
        return (await service.diagnose()).as_json()

    @app.post("/v1/identity")
    async def identity(_: IdentityRequest) -> dict[str, Any]:
        found = await service.diagnose()
        holder = found.identity()
        if holder is None:
            raise _no_identity(found)
        return holder

    @app.get("/v1/events")
    async def events() -> StreamingResponse:
        try:
            queue = service.hub.subscribe()
        except TooManyStreamsError as error:
            raise ApiError(503, "too_many_streams") from error
        stream = service.hub.stream(queue, service.watcher)
        return StreamingResponse(stream, media_type="text/event-stream")


def _no_identity(found: Diagnosis) -> ApiError:
    worst = found.findings[0]
    if worst.code.severity is Severity.ERROR:
        return ApiError(404, worst.code.value.lower(), worst.message)
    return ApiError(404, "no_identity")


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    async def api_error(_: Request, error: ApiError) -> JSONResponse:
        return JSONResponse(error.content, error.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(ApiError(422, "invalid_body").content, 422)

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        code = HTTP_CODES.get(error.status_code, "invalid_body")
        return JSONResponse(ApiError(error.status_code, code).content, error.status_code)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        logger.error("unexpected error", exc_info=error)
        return JSONResponse(ApiError(500, "internal_error").content, 500)
