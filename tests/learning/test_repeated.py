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
def test_a_repetition_is_no_surprise_beside_what_was_recorded(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its intervals meet what was recorded, from the lowest seed's low to the highest seed's high.

    Seeds and items both vary, and they vary here as well: another processor adds up in another
    order, so the same seed is another one there. Some figures rest on 50 items alone.
    """
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
        and not (
            figure["high"] >= min(one[name].low for one in recorded if name in one)
            and figure["low"] <= max(one[name].high for one in recorded if name in one)
        )
    }
    assert not outside
