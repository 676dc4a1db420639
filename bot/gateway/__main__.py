"""`python -m bot.gateway serve|migrate|site`."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from sqlalchemy.exc import SQLAlchemyError

from actions.orders.errors import OrderStoreError
from bot.gateway import schema
from bot.gateway.database import create_engine
from bot.gateway.errors import StartError
from bot.gateway.hours import HoursError, parse_hours
from bot.gateway.schemas import Banner
from bot.gateway.server import serve
from bot.gateway.settings import Settings, SettingsError, load_settings
from bot.gateway.site import HoursSetting, Key, clear_setting, read_settings, write_setting


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0, or 1 with one line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        options.run(load_settings(), options)
    except (SettingsError, StartError, HoursError, OrderStoreError) as error:
        return _fail(str(error))
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        return _fail(f"the database does not answer: {cause}")
    except KeyboardInterrupt:
        return 130
    return 0


def _serve(settings: Settings, options: argparse.Namespace) -> None:
    serve(
        settings, options.host, options.port, lambda address: print(f"gateway ready on {address}", flush=True)
    )


def _migrate(settings: Settings, _options: argparse.Namespace) -> None:
    schema.migrate(settings.database_url)
    print("gateway tables are up to date")


def _show(settings: Settings, _options: argparse.Namespace) -> None:
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        stored = read_settings(connection)
    engine.dispose()
    for key in ("banner", "hours"):
        print(f"{key}: {stored.get(key, '(default)')}")


def _banner(settings: Settings, options: argparse.Namespace) -> None:
    _store(settings, "banner", options.text and Banner(level=options.level, text=options.text), options)


def _hours(settings: Settings, options: argparse.Namespace) -> None:
    if options.rules:
        parse_hours(options.rules)
    hours = options.rules and HoursSetting(rules=options.rules, closed_dates=options.closed)
    _store(settings, "hours", hours, options)


def _store(
    settings: Settings, key: Key, value: Banner | HoursSetting | None, options: argparse.Namespace
) -> None:
    engine = create_engine(settings.database_url, immediate=True)
    with engine.begin() as connection:
        if options.default:
            clear_setting(connection, key)
        else:
            write_setting(connection, key, value or None)
    engine.dispose()
    print(f"{key} is set; visitors see it within seconds")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.gateway", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("serve", help="serve visitors until stopped")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8000)
    command.set_defaults(run=_serve)
    command = commands.add_parser("migrate", help="bring the gateway's tables up to date")
    command.set_defaults(run=_migrate)
    site = commands.add_parser("site", help="outage banner and opening hours").add_subparsers(required=True)
    command = site.add_parser("show", help="what is set")
    command.set_defaults(run=_show)
    command = site.add_parser("banner", help="set the outage banner; without a text: none")
    command.add_argument("text", nargs="?")
    command.add_argument("--level", choices=("info", "warning"), default="warning")
    command.add_argument("--default", action="store_true", help="as the environment says")
    command.set_defaults(run=_banner)
    command = site.add_parser("hours", help="set the opening hours; without any: none are claimed")
    command.add_argument("rules", nargs="?", help="for example: 'mån-fre 08:00-16:30; lör 10:00-14:00'")
    command.add_argument(
        "--closed", type=date.fromisoformat, action="append", default=[], metavar="YYYY-MM-DD"
    )
    command.add_argument("--default", action="store_true", help="as the environment says")
    command.set_defaults(run=_hours)
    return parser


def _fail(line: str) -> int:
    print(f"gateway: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
