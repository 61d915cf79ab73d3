"""Entry point of ``python -m imgcls``."""

import sys

from imgcls.cli.main import main

sys.exit(main())
