"""`python -m fpgarray.cli`: the command without its script."""

import sys

from fpgarray.cli import main

sys.exit(main())
