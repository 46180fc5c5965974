"""Work in the background gives way to pages and browsers, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from tinylm.process import lower_priority

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there it has classes, no numbers")

LOWER = """import psutil
from tinylm.process import NICENESS, lower_priority
before = psutil.Process().nice()
lower_priority()
print(before < NICENESS and psutil.Process().nice() == NICENESS or before >= NICENESS)
"""


def test_a_process_of_its_own_gives_way() -> None:
    found = subprocess.run([sys.executable, "-c", LOWER], capture_output=True, text=True)
    assert found.stdout.strip() == "True", found.stderr


def test_the_process_of_the_tests_keeps_its_priority() -> None:
    """It could not take it back, and all that follows would be slow."""
    before = psutil.Process().nice()
    lower_priority()
    assert psutil.Process().nice() == before
