"""Starts the command line."""

import sys

from reader_bridge.cli import main

sys.exit(main())
