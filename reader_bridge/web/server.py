"""Runs the API on 127.0.0.1 until it is told to stop."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from types import FrameType

import uvicorn

from reader_bridge.web.api import Service, create_app

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """A listening socket; `OSError` when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # On Windows the usual option would let another program take over the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(32)
    except OSError:
        listener.close()
        raise
    return listener


class BridgeServer(uvicorn.Server):
    """uvicorn that ends its event streams when it stops, instead of waiting for the pages to leave."""

    def __init__(
        self, service: Service, port: int, origins: Sequence[str], ready: Callable[[], None]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                create_app(service, port, origins),
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws="none",
                loop="asyncio",
                http="h11",
                limit_concurrency=32,
                timeout_graceful_shutdown=2,
            )
        )
        self._service = service
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells `ready` once calls are answered."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl+C or SIGTERM."""
        self._service.hub.close()
        super().handle_exit(sig, frame)

    def stop(self) -> None:
        """The same, from another thread."""
        self._service.hub.close()
        self.should_exit = True
