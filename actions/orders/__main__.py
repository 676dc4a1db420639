"""`python -m actions.orders`."""

import sys

from actions.orders.cli import main

sys.exit(main(sys.argv[1:]))
