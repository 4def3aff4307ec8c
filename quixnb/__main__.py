"""`python -m quixnb` is the command `quixnb`."""

import sys

from quixnb.cli import main

sys.exit(main())
