"""The action server: runs the dialogue's actions for the engine, on loopback only.

rasa_sdk's own server answers a failure with the whole conversation in the body, and lets every web page
call it (CORS `*`); this one says neither what a visitor wrote nor anything to a browser.
"""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import pkgutil
import socket
import uuid
import zlib
from abc import ABC
from typing import Any, Final

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import (
    ActionExecutionRejection,
    ActionMissingDomainException,
    ActionNotFoundException,
)
from rasa_sdk.utils import all_subclasses
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import json as answer

HOST: Final = "127.0.0.1"
MAX_BODY_BYTES: Final = 16 * 1024 * 1024
# Not dialogue: the order store is called by the actions and its migrations run when they are imported.
NOT_ACTIONS: Final = ("actions.orders", "actions.server", "actions.__main__")
_log = logging.getLogger(__name__)


class StartError(Exception):
    """The server cannot start; the text is one line that says why."""


def load_actions() -> ActionExecutor:
    """An executor that knows every action in the package `actions`; classes that name ABC are bases only.

    Raises StartError when two actions have the same name.
    """
    _import_below("actions")
    executor = ActionExecutor()
    for action in all_subclasses(Action):
        base = inspect.isabstract(action) or ABC in action.__bases__
        if action.__module__.startswith("actions.") and not base:
            name = action().name()
            if name in executor.actions:
                raise StartError(f"two actions are named {name}")
            executor.register_action(action)
    return executor


def _import_below(package: str) -> None:
    path = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(path, prefix=f"{package}."):
        if module.name in NOT_ACTIONS:
            continue
        importlib.import_module(module.name)
        if module.ispkg:
            _import_below(module.name)


def create_app(executor: ActionExecutor) -> Sanic[Any, Any]:
    """The web application: `POST /webhook` as Rasa calls it, and `GET /health`."""
    app = Sanic("actions", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.config.ACCESS_LOG = False

    @app.get("/health")
    async def health(_request: Request) -> HTTPResponse:
        return answer({"status": "ok"})

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        try:
            call = json.loads(_body(request))
            name = call["next_action"]
        except (ValueError, KeyError, TypeError, zlib.error):
            return answer({"error": "not an action call"}, status=400)
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as error:
            return answer({"error": error.message, "action_name": error.action_name}, status=400)
        except ActionNotFoundException as error:
            _log.error("no action is named %s", error.action_name)
            return answer({"error": error.message, "action_name": error.action_name}, status=404)
        except ActionMissingDomainException as error:
            # The engine then calls again, with the domain.
            return answer({"error": error.message, "action_name": error.action_name}, status=449)
        except Exception as error:  # noqa: BLE001 - boundary: no text of the visitor may leave or be logged
            number = uuid.uuid4().hex[:8]
            _log.error("%s failed (%s): %s", name, number, _place(error))
            return answer({"error": f"failure {number}", "action_name": name}, status=500)
        return answer(result.model_dump() if result else None)

    @app.exception(SanicException)
    async def refused(_request: Request, error: SanicException) -> HTTPResponse:
        return answer({"error": type(error).__name__}, status=error.status_code)

    return app


def _body(request: Request) -> bytes:
    """The body, unpacked where the engine compresses it (`COMPRESS_ACTION_SERVER_REQUEST`)."""
    if request.headers.get("content-encoding") != "deflate":
        return bytes(request.body)
    unpack = zlib.decompressobj()
    body = unpack.decompress(request.body, MAX_BODY_BYTES)
    if unpack.unconsumed_tail:
        raise ValueError("the body is too large")
    return body


def _place(error: BaseException) -> str:
    """The kind of an error and where it was raised; its message may quote the visitor."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {where}"


def serve(port: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises StartError when the port is taken."""
    app = create_app(load_actions())
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        raise StartError(f"port {port} is taken") from error

    @app.after_server_start
    async def ready(_app: Sanic[Any, Any]) -> None:
        print(f"actions: ready on http://{HOST}:{port}", flush=True)  # noqa: T201

    app.run(sock=listener, single_process=True, access_log=False, motd=False)
