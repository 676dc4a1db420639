"""Runs the app under uvicorn: binds first, says when it is ready, ends event streams when told to stop."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack

import uvicorn
from fastapi import FastAPI

from bot.gateway import logs
from bot.gateway.app import create_app, running
from bot.gateway.errors import StartError
from bot.gateway.settings import Settings

_BACKLOG = 2048
_GRACE_SECONDS = 10


class Server(uvicorn.Server):
    """Starts and stops the gateway's parts too, and ends event streams before it waits for clients."""

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, settings: Settings, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._app = app
        self._settings = settings
        self._on_ready = on_ready
        self._parts = AsyncExitStack()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the parts, then serves; raises `StartError`."""
        self._app.state.services = await self._parts.enter_async_context(running(self._settings))
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams, which would never end by themselves; waits for requests; stops the parts."""
        self._app.state.services.hub.end_all()
        await super().shutdown(sockets)
        await self._parts.aclose()


def serve(settings: Settings, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serves until it is told to stop; raises `StartError` when it cannot begin."""
    logs.configure(settings.log_format, local=settings.local)
    _allow_many_connections()
    app = create_app(settings)
    config = configuration(app, settings)
    with bind(host, port) as listener, asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        address = f"http://{host}:{listener.getsockname()[1]}"
        server = Server(config, app, settings, lambda: on_ready(address))
        runner.run(server.serve(sockets=[listener]))


def configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves this app."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=_GRACE_SECONDS,
        backlog=_BACKLOG,
    )


def bind(host: str, port: int) -> socket.socket:
    """A socket that nobody else listens on; raises `StartError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.set_inheritable(True)
    return listener


def _allow_many_connections() -> None:
    """An open event stream is an open file; the usual soft limit of 1,024 is too low for 1,000 of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
