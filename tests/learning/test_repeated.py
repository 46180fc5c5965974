"""What was recorded of an experiment comes out again: its quickest one is trained and measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tinylm.cli.main import main
from tinylm.experiments.recording import recording

QUICKEST = "often"  # one run of 260 updates, and no fine-tuning after it


@pytest.mark.slow
@pytest.mark.timeout(900)  # 25 seconds on two cores that nothing else uses
def test_a_repetition_lies_in_the_recorded_interval(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the lowest seed's low to the highest seed's high: seeds and items both vary."""
    found = recording(QUICKEST)
    assert found is not None
    seed = found.seeds[0]
    assert main(["experiment", QUICKEST, "--live", "--seeds", str(seed), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (trial,) = [line for line in lines if line["type"] == "trial"]
    recorded = [one.measured.figures for one in found.of(trial["arm"])]
    shares = [name for name, one in recorded[0].items() if one.low < one.high]
    assert len(shares) >= 5
    outside = {
        name: figure["value"]
        for name in shares
        if (figure := trial["measured"]["figures"].get(name)) is not None
        and not min(one[name].low for one in recorded if name in one)
        <= figure["value"]
        <= max(one[name].high for one in recorded if name in one)
    }
    assert not outside
