"""`python -m actions serve`: the action server, for the engine on the same computer."""

from __future__ import annotations

import argparse
import logging
import sys

from actions.orders import OrderService, load_settings
from actions.orders.errors import OrderStoreError
from actions.server import StartError, serve


def main() -> int:
    """Serve; returns 1, after one line on standard error, when that cannot be started."""
    parser = argparse.ArgumentParser(prog="python -m actions", description=__doc__)
    parser.add_argument("verb", choices=["serve"])
    parser.add_argument("--port", type=int, default=5055)
    port = parser.parse_args().port
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        # A database that is missing or has an old schema stops the start, not the first visitor.
        OrderService.open(load_settings()).close()
        serve(port)
    except (OrderStoreError, StartError) as error:
        print(f"actions: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
