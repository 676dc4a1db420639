"""Puts the gateway together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from bot.gateway import jobs, static
from bot.gateway.conversations import Conversations
from bot.gateway.database import Database
from bot.gateway.dispatch import Dispatcher
from bot.gateway.engine import Engine
from bot.gateway.exclusive import Exclusive
from bot.gateway.handoff.contact import ContactReader
from bot.gateway.hub import Hub
from bot.gateway.middleware import AccessLog, BodyLimit, SecurityHeaders, content_security_policy
from bot.gateway.orders import Orders
from bot.gateway.problems import ErrorBoundary, add_handlers
from bot.gateway.routes import conversations as conversation_routes
from bot.gateway.routes import events, public
from bot.gateway.schema import check_schema
from bot.gateway.secrets_at_rest import CodeBox
from bot.gateway.services import RateLimits, Services
from bot.gateway.settings import Settings
from bot.gateway.site import Site
from bot.gateway.staff import routes as staff_routes
from bot.gateway.staff.parts import StaffParts

_DESCRIPTION = """Conversations between visitors and the support's bot or staff.

Every error is `{"code": "snake_case", "message": "<svenska>"}`."""


def create_app(settings: Settings) -> FastAPI:
    """The application. Whoever serves it puts the services of `running` in `app.state.services`."""
    app = FastAPI(
        title="Kundsupport HSA och SITHS: gateway",
        description=_DESCRIPTION,
        version="1",
        docs_url=None,  # they would load scripts from a third party
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.include_router(conversation_routes.router)
    app.include_router(events.router)
    app.include_router(public.router)
    app.include_router(staff_routes.router)
    static.mount(app, settings.web_folder)
    add_handlers(app)
    # The last one added is the outermost.
    app.add_middleware(ErrorBoundary)
    app.add_middleware(BodyLimit, limit=settings.body_limit_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.site_origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        expose_headers=["Retry-After"],
        max_age=600,
    )
    app.add_middleware(SecurityHeaders, policy=content_security_policy(settings.reader_bridge_url))
    app.add_middleware(AccessLog)
    return app


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Services]:
    """The gateway's parts, with what was left unanswered taken up again."""
    async with Exclusive(settings.database_url):
        database = Database(settings.database_url)
        hub = Hub()
        engine = Engine(settings.engine_url, settings.engine_timeout_seconds)
        orders = Orders(settings.portal_public_key)
        try:
            await database.read(check_schema)
            services = _services(settings, database, hub, engine, orders)
            for conversation_id in await database.read(jobs.waiting_conversations):
                services.dispatcher.wake(conversation_id)
            services.staff.start(hub)
            try:
                yield services
            finally:
                hub.end_all()
                await services.staff.stop()
                await services.dispatcher.stop()
        finally:
            engine.close()
            await orders.close()
            database.close()


def _services(settings: Settings, database: Database, hub: Hub, engine: Engine, orders: Orders) -> Services:
    site = Site(settings, database)
    codes = CodeBox(settings.secret_key.get_secret_value())
    conversations = Conversations(database, hub, site)
    dispatcher = Dispatcher(settings, conversations, engine, orders, hub, site, codes)
    conversations.on_jobs = dispatcher.wake
    return Services(
        settings,
        database,
        hub,
        site,
        engine,
        orders,
        codes,
        ContactReader(settings.phone, settings.email),
        conversations,
        dispatcher,
        RateLimits.of(settings),
        StaffParts.of(settings, database, conversations),
    )
