"""A gateway that serves real HTTP from a thread of the test process."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import uvicorn

from bot.gateway.app import create_app
from bot.gateway.schema import migrate
from bot.gateway.server import Server, bind, configuration
from bot.gateway.settings import Settings


class RunningGateway:
    """Start, stop and start again on one port."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.settings = settings
        self.port = port
        self.app: Any = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        migrate(self.settings.database_url)
        ready = threading.Event()
        self.app = create_app(self.settings)
        config = configuration(self.app, self.settings)
        self._server = Server(config, self.app, self.settings, ready.set)
        self._thread = threading.Thread(target=self._run, args=(config, self._server))
        self._thread.start()
        assert ready.wait(30), "the gateway did not start"

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(20)
            assert not self._thread.is_alive(), "the gateway did not stop"
            self._server = None

    def _run(self, config: uvicorn.Config, server: Server) -> None:
        with (
            bind("127.0.0.1", self.port) as listener,
            asyncio.Runner(loop_factory=config.get_loop_factory()) as runner,
        ):
            runner.run(server.serve(sockets=[listener]))
