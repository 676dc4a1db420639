"""Command line of the product."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from bot.cli.errors import CommandError
from bot.cli.staff_arguments import add_staff_verbs


def _run() -> int:
    from bot.cli.run import run

    return run()


def _train() -> int:
    from bot.cli.model import ensure_model
    from bot.cli.paths import ROOT

    print(f"Model: {ensure_model(print).relative_to(ROOT)}")
    return 0


def _chat() -> int:
    from bot.cli.chat import chat

    return chat()


def _doctor() -> int:
    from bot.cli.doctor import doctor

    return doctor()


def _staff(options: argparse.Namespace) -> int:
    from bot.cli.staff import staff

    return staff(options)


COMMANDS: dict[str, tuple[str, Callable[[], int]]] = {
    "run": ("start everything; Ctrl-C stops", _run),
    "train": ("train the model if its inputs changed", _train),
    "chat": ("talk to the bot in the terminal", _chat),
    "doctor": ("show versions, ports and what is missing", _doctor),
}


def main() -> int:
    """Run the command named on the command line; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    for name, (help_text, _) in COMMANDS.items():
        verbs.add_parser(name, help=help_text)
    add_staff_verbs(verbs.add_parser("staff", help="accounts of the staff console"))
    options = parser.parse_args()
    try:
        return _staff(options) if options.command == "staff" else COMMANDS[options.command][1]()
    except CommandError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
