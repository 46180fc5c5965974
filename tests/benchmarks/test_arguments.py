"""A mistake in an option of a benchmark is a sentence, not a traceback."""

from __future__ import annotations

import argparse

import pytest

from benchmarks.arguments import argument
from tinylm.cli.options import numbers


def test_a_mistake_is_shown_in_its_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="here")
    parser.add_argument("--seeds", type=argument(numbers("--seeds", 0, 9)), default=[])
    assert parser.parse_args(["--seeds", "1,2"]).seeds == [1, 2]
    with pytest.raises(SystemExit):
        parser.parse_args(["--seeds", "1,x"])
    said = capsys.readouterr().err
    assert "Write numbers like 0,1,4." in said and "Traceback" not in said
