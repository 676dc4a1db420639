"""`python -m reader_bridge serve|diagnose|readers|watch`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reader_bridge import __version__, messages
from reader_bridge.card.apdu import TRAFFIC
from reader_bridge.diagnosis import Examiner
from reader_bridge.environment import Module, installed_modules
from reader_bridge.findings import Severity

DEFAULT_PORT = 47280
MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "·", Severity.OK: "✓"}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, also for a report of trouble; 1: no card service; 2: wrong use or a taken port."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may not be UTF-8
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    options = _parser().parse_args(arguments)
    logging.addLevelName(TRAFFIC, "TRAFFIC")
    logging.basicConfig(level=options.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reader_bridge", description="Looks at the SITHS card in this computer's reader."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--log-level", default="warning", choices=["traffic", "debug", "info", "warning", "error"]
    )
    commands = parser.add_subparsers(required=True, metavar="serve|diagnose|readers|watch")
    serve = commands.add_parser("serve", help="answer the support page until Ctrl+C")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT)
    serve.add_argument("--allow-origin", action="append", required=True, metavar="https://…", type=_origin)
    serve.add_argument("--no-window", action="store_true", help="show the code in the terminal only")
    _examiner_options(serve)
    serve.set_defaults(run=_serve)
    diagnose = commands.add_parser("diagnose", help="look at the card and say what to do")
    diagnose.add_argument("--json", action="store_true", help="the whole report")
    _examiner_options(diagnose)
    diagnose.set_defaults(run=_diagnose)
    commands.add_parser("readers", help="list the readers").set_defaults(run=_readers)
    commands.add_parser("watch", help="tell when cards come and go").set_defaults(run=_watch)
    module = commands.add_parser("pkcs11-read")
    module.add_argument("module")
    module.set_defaults(run=_pkcs11_read)
    return parser


def _examiner_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pkcs11-module",
        action="append",
        metavar="PATH",
        help="use these PKCS#11 modules instead of those found in the usual places",
    )
    parser.add_argument("--no-pkcs11", action="store_true", help="never load a PKCS#11 module")
    parser.add_argument(
        "--pin-safe-atr",
        action="append",
        default=[],
        type=bytes.fromhex,
        metavar="HEX",
        help="ATR of a card type you have tested: an empty VERIFY does not cost it a try",
    )


def _origin(text: str) -> str:
    """An origin as browsers send it; refused when it is more, or less, than one."""
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    whole = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/")
    if not whole or parts.query or parts.fragment or "@" in parts.netloc or "*" in parts.netloc:
        raise argparse.ArgumentTypeError(messages.BAD_ORIGIN.format(origin=text))
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _examiner(options: argparse.Namespace) -> Examiner:
    if options.no_pkcs11:
        modules = []
    elif options.pkcs11_module:
        modules = [_named(path) for path in options.pkcs11_module]
    else:
        modules = installed_modules()
    return Examiner(modules, frozenset(options.pin_safe_atr))


def _named(path: str) -> Module:
    return Module("OpenSC" if "opensc" in path.lower() else Path(path).stem, path)


def _serve(options: argparse.Namespace) -> int:
    from reader_bridge.web.api import Service
    from reader_bridge.web.pairing import Pairing
    from reader_bridge.web.server import HOST, BridgeServer, listen
    from reader_bridge.window import display_exists, run_with_window

    try:
        listener = listen(options.port)
    except (OSError, OverflowError):
        print(messages.PORT_TAKEN.format(port=options.port), file=sys.stderr)
        return 2
    port = listener.getsockname()[1]

    def show(code: str | None) -> None:
        print(messages.CODE_LINE.format(code=code) if code else messages.ENDED, flush=True)

    pairing = Pairing(show)

    def ready() -> None:
        show(pairing.code)
        address = f"http://{HOST}:{port}"
        print(messages.READY.format(address=address, origins=", ".join(options.allow_origin)), flush=True)

    server = BridgeServer(Service(_examiner(options), pairing), port, options.allow_origin, ready)
    if sys.stdin is not None and sys.stdin.isatty():
        threading.Thread(target=_renew_on_enter, args=(pairing.renew,), daemon=True).start()

    def run() -> None:
        server.run(sockets=[listener])

    windowed = not options.no_window and display_exists()
    if not (windowed and run_with_window(run, server.stop, pairing, options.allow_origin)):
        run()
    return 0


def _renew_on_enter(renew: Callable[[], None]) -> None:
    for _ in sys.stdin:
        renew()


def _diagnose(options: argparse.Namespace) -> int:
    report = _examiner(options).diagnose()
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        for finding in report.findings:
            print(f"{MARKS[finding.code.severity]} {finding.message}")
    return 0


def _readers(_: argparse.Namespace) -> int:
    from reader_bridge.pcsc import Context, PcscError

    try:
        with Context() as context:
            states = context.states(dict.fromkeys(context.readers(), 0))
    except PcscError:
        print(messages.SERVICE_DOWN, file=sys.stderr)
        return 1
    for state in states:
        print(f"{state.name}: {messages.PRESENCES[state.presence.value]}")
    if not states:
        print(messages.NO_READERS)
    return 0


def _watch(_: argparse.Namespace) -> int:
    from reader_bridge.watcher import Event, Watcher

    def show(event: Event) -> None:
        print(_event_line(event.name, event.data), flush=True)

    watcher = Watcher(show)
    watcher.start()
    show(watcher.snapshot())
    print(messages.WATCHING, flush=True)
    try:
        threading.Event().wait()
    finally:
        watcher.stop()
    return 0


def _event_line(name: str, data: dict[str, Any]) -> str:
    if name == "insert":
        return messages.INSERTED.format(reader=data["reader"])
    if name == "remove":
        return messages.REMOVED.format(reader=data["reader"])
    if not data["service"]:
        return messages.SERVICE_DOWN
    lines = [f"{item['name']}: {messages.PRESENCES[item['state']]}" for item in data["readers"]]
    return "\n".join(lines) or messages.NO_READERS


def _pkcs11_read(options: argparse.Namespace) -> int:
    from reader_bridge.pkcs11_read import print_tokens

    print_tokens(options.module)
    return 0
