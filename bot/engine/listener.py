"""The port, taken before anything slow is loaded."""

from __future__ import annotations

import socket

from bot.engine.errors import StartError


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything slow is loaded.

    Raises:
        StartError: the port is taken, or `host` is not this machine's loopback address.
    """
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise StartError(f"the engine only listens on the loopback address, not on {host}")
    try:
        return socket.create_server((host, port), backlog=100)
    except OSError as error:
        raise StartError(f"port {port} on {host} cannot be used ({error.strerror})") from error
