"""Starts the terminal program: `python -m tinylm`, or the command `tinylm`."""

import sys

from tinylm.cli.main import main


def start() -> None:
    """Run one command and end the process with its status."""
    sys.exit(main())


if __name__ == "__main__":
    start()
