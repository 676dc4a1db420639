"""What anyone may ask: what the widget needs beforehand, health, measurements."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Literal
from urllib.parse import urljoin

import sqlalchemy as sa
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from bot.gateway import jobs, metrics
from bot.gateway.engine import is_answering
from bot.gateway.errors import NotFound
from bot.gateway.handoff import queue
from bot.gateway.limits import is_loopback
from bot.gateway.problems import problem, responses
from bot.gateway.schemas import Limits, Opening, Problem, ReaderBridge, SiteInfo
from bot.gateway.services import ClientAddress, Services, UseServices
from bot.gateway.wire import Wire

router = APIRouter()

PartState = Literal["ok", "down"]


class Ready(BaseModel):
    """Which parts answer."""

    status: Literal["ready"]
    parts: dict[str, PartState]


class NotReady(Problem):
    """Which parts do not answer."""

    parts: dict[str, PartState]


class Alive(BaseModel):
    """The process runs."""

    status: Literal["alive"]


@router.get("/api/site", tags=["site"], responses=responses())
async def site(services: UseServices, _address: ClientAddress) -> SiteInfo:
    """Outage banner, opening hours, contact details, reader bridge and limits."""
    settings = services.settings
    opening = await services.site.opening()
    return SiteInfo(
        bot_name=settings.bot_name,
        banner=await services.site.banner(),
        opening=Opening(open_now=opening.open_now, text=opening.text, next_open=opening.next_open),
        phone=settings.phone,
        email=settings.email,
        reader_bridge=ReaderBridge(offered=settings.reader_bridge_offered, url=settings.reader_bridge_url),
        limits=Limits(),
    )


@router.get("/health/live", tags=["operation"])
async def live() -> Alive:
    """Answers as long as the process runs."""
    return Alive(status="alive")


@router.get("/health/ready", tags=["operation"], response_model=Ready, responses={503: {"model": NotReady}})
async def ready(services: UseServices) -> Ready | JSONResponse:
    """Whether database, engine and actions answer; 503 says which does not."""
    names = ("database", "engine", "actions")
    answers = await asyncio.gather(
        _database_answers(services),
        services.engine.answers(),
        _actions_answer(services),
    )
    parts: dict[str, PartState] = {
        name: "ok" if answer else "down" for name, answer in zip(names, answers, strict=True)
    }
    if all(answers):
        return Ready(status="ready", parts=parts)
    return problem(503, "not_ready", headers={"Retry-After": "2"}, parts=parts)


@router.get(
    "/metrics",
    tags=["operation"],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **responses(NotFound)},
)
async def read_metrics(
    request: Request, services: UseServices, authorization: Annotated[str | None, Header()] = None
) -> Response:
    """For Prometheus. From other machines only with `SUPPORT_METRICS_TOKEN` as bearer token."""
    if not _may_read_metrics(request, services, authorization):
        raise NotFound

    def unit(connection: sa.Connection) -> tuple[int, int]:
        return jobs.count_pending(connection), len(queue.waiting_conversations(connection))

    pending, waiting = await services.database.read(unit)
    metrics.PENDING.set(pending)
    metrics.QUEUE.set(waiting)
    metrics.STREAMS.set(services.hub.count)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: Request, services: Services, authorization: str | None) -> bool:
    token = services.settings.metrics_token
    if token is not None:
        expected = f"Bearer {token.get_secret_value()}"
        return secrets.compare_digest((authorization or "").encode(), expected.encode())
    return request.client is not None and is_loopback(request.client.host)


async def _actions_answer(services: Services) -> bool:
    wire = Wire(urljoin(services.settings.actions_url, "/"))
    try:
        return await is_answering(wire, "/health")
    finally:
        wire.close()


async def _database_answers(services: Services) -> bool:
    try:
        async with asyncio.timeout(2):
            await services.database.read(lambda connection: connection.execute(sa.text("SELECT 1")).scalar())
    except (SQLAlchemyError, TimeoutError):
        return False
    return True
