"""What the single-file program starts."""

import sys

from reader_bridge.cli import main

sys.exit(main())
