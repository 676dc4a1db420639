"""`python -m bot.engine serve` and `python -m bot.engine train`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bot.engine.errors import StartError

MODELS = Path("models")


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 when it went well, 1 after one line on standard error."""
    chosen = _parser().parse_args(arguments)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    try:
        if chosen.command == "train":
            return _train(chosen)
        return _serve(chosen)
    except StartError as error:
        print(f"engine: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.engine", description="Understanding and dialogue.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer messages over HTTP on this computer")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=5005)
    serve.add_argument("--model", type=Path, help="a trained model; the newest in models/ if not given")
    serve.add_argument(
        "--addresses", type=Path, help="the addresses that answers use, if not the catalogue's"
    )
    train = commands.add_parser("train", help="train a model")
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--config", type=Path, default=Path("config.yml"))
    train.add_argument("--domain", type=Path, default=Path("domain.yml"))
    train.add_argument("--data", type=Path, nargs="+", default=[Path("data/nlu"), Path("data/stories")])
    return parser


def _serve(chosen: argparse.Namespace) -> int:
    from bot.engine.listener import open_port

    listener = open_port(chosen.host, chosen.port)
    model = chosen.model or _newest_model()
    if not model.is_file():
        raise StartError(f"no model at {model}; train one with `make train`")

    from bot.engine.lean import leave_out, needs_of_model
    from bot.engine.quiet import quiet_logs

    # Before Rasa is imported: its imports warn too.
    quiet_logs()
    leave_out(needs_of_model(model))
    import asyncio

    import uvloop

    from bot.engine.engine import load_engine
    from bot.engine.responses import CATALOGUE, SupportResponses, load_addresses
    from bot.engine.server import serve
    from bot.engine.settings import Settings

    responses = SupportResponses(addresses=load_addresses(chosen.addresses or CATALOGUE))
    uvloop.install()

    async def run() -> None:
        await serve(load_engine(model, Settings.from_environment(), responses), listener, _announce)

    asyncio.run(run())
    return 0


def _train(chosen: argparse.Namespace) -> int:
    from bot.engine.lean import leave_out, needs_of_training
    from bot.engine.training import train

    leave_out(needs_of_training(chosen.config))
    train(chosen.config, chosen.domain, chosen.data, chosen.out)
    _announce(f"trained {chosen.out}")
    return 0


def _announce(line: str) -> None:
    print(line, flush=True)


def _newest_model() -> Path:
    found = sorted(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else MODELS / "*.tar.gz"


if __name__ == "__main__":
    sys.exit(main())
