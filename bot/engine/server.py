"""Serves a loaded engine over HTTP on the loopback address."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable

from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.engine.channel import RestChannel
from bot.engine.engine import Engine
from bot.engine.errors import StartError

_LARGEST_REQUEST = 256 * 1024
# Seconds that turns under way get to finish when the engine is told to stop.
_FAREWELL = 10.0


def create_app(engine: Engine) -> Sanic:
    """The web application: `GET /` and the REST channel."""
    app = Sanic("engine", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _LARGEST_REQUEST
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.ACCESS_LOG = False

    @app.get("/")
    async def ready(_request: Request) -> HTTPResponse:
        return response.json({"status": "ok"})

    app.blueprint(RestChannel(engine.erase).blueprint(engine.handle), url_prefix="/webhooks/rest")
    return app


async def serve(engine: Engine, listener: socket.socket, announce: Callable[[str], None]) -> None:
    """Announces that it is ready and answers until the process is told to stop (SIGTERM, SIGINT), then
    finishes what is under way."""
    app = create_app(engine)
    server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    if server is None:
        raise StartError("the web server did not start")
    await server.startup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    await server.start_serving()
    host, port = listener.getsockname()[:2]
    announce(f"engine ready on http://{host}:{port}")
    await stop.wait()
    server.close()
    await _let_finish()
    await engine.close()


async def _let_finish() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    turns = [task for task in others if "Engine._in_turn" in getattr(task.get_coro(), "__qualname__", "")]
    if turns:
        await asyncio.wait(turns, timeout=_FAREWELL)
    # Their answers are written in the next rounds of the loop.
    for _ in range(10):
        await asyncio.sleep(0)
