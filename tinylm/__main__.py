"""Starts the terminal program: `python -m tinylm`."""

import sys

from tinylm.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
