"""Scrubbing over the checkpoints of a run: each shows its own odds, at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pages.inside.expecting import odds_in_words
from pages.inside.surprise import describe
from tests.browser import ROOT, opened_page, required_chromium
from tinylm.home import run_dir
from tinylm.questions.inside import Inspect, Inspection
from tinylm.training.checkpoints import CheckpointFolder
from ui.charts.base import visible
from ui.spans import surprise_of

CHECKPOINTS = 20
TEXT = "<b>Ghana</b> -> Accra, the"
# Seconds until the odds of another checkpoint are to be seen: 0.2 to 0.3 where nothing else runs,
# and other tests run beside this one.
SLOWEST = 1.5

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run with a checkpoint at every third step."""
    required_chromium()
    made: Path = tmp_path_factory.mktemp("home")
    # Both at the same steps, so that the best validation needs no checkpoint of its own.
    own = ("checkpoint_interval=3", "eval_interval=3", "threads=1")
    settings = [part for one in own for part in ("--set", one)]
    command = [sys.executable, "-m", "tinylm", "train", "--preset", "tiny", *settings, "--json"]
    environment = os.environ | {"TINYLM_HOME": str(made)}
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    return made


@pytest.fixture(scope="module")
def page(home: Path) -> Iterator[Any]:
    with opened_page(home, 60_000, viewport={"width": 1280, "height": 900}) as opened:
        opened.goto("/inside")
        yield opened


def answers(home: Path, text: str) -> dict[int, Inspection]:
    """What the model has to say after `text` at each step, asked of the engine itself."""
    from tinylm.answers.engine import answer  # here: it loads torch

    (run,) = [folder.name for folder in (home / "runs").iterdir()]
    steps = [0, *CheckpointFolder(str(run_dir(home, run) / "checkpoints")).steps()]
    return {step: answer(Inspect(run, step, text), home) for step in steps}


def wait_for(page: Any, label: str) -> None:
    """Until the plot of the odds is described so; else say how it is described."""
    odds = """document.querySelector('.tinylm-plot[aria-label^="Most probable"]')
        ?.getAttribute("aria-label")"""
    try:
        page.wait_for_function(f"label => {odds} === label", arg=label, timeout=20_000)
    except Exception as error:
        raise AssertionError(f"wanted {label}, but there is {page.evaluate(odds)}") from error


def test_every_checkpoint_shows_its_own_odds_at_once(page: Any, home: Path) -> None:
    field = page.get_by_role("textbox", name="Your text")
    field.fill(TEXT)
    field.press("Enter")
    page.get_by_role("radio", name="tokens").first.click()
    found = answers(home, TEXT)
    labels = {step: odds_in_words(len(one.odds) - 1, one.odds[-1]) for step, one in found.items()}
    steps = sorted(found, reverse=True)
    assert len(steps) == CHECKPOINTS + 1 == len(set(labels.values()))
    wait_for(page, labels[steps[0]])
    slider = page.get_by_role("slider", name="The model as it was at step").first
    slider.focus()
    times = []
    for step in steps[1:]:
        began = time.perf_counter()
        page.keyboard.press("ArrowLeft")
        wait_for(page, labels[step])
        times.append(time.perf_counter() - began)
        assert page.get_by_test_id("stSlider").first.get_by_text(shown(step), exact=True).count()
    p95 = sorted(times)[int(0.95 * len(times)) - 1]
    print(f"scrubbing: median {sorted(times)[10]:.2f} s, p95 {p95:.2f} s of {len(times)}")
    assert p95 < SLOWEST
    shaded_tokens(page, found[0])


def shown(step: int) -> str:
    return f"{step:,}" if step else "0 (untrained)"


def shaded_tokens(page: Any, found: Inspection) -> None:
    """Each token of the text once, as text, with the bits that belong to this step."""
    wanted = surprise_of(found.tokens, found.given)
    page.wait_for_function(
        """label => document.querySelector(".tinylm-surprise")
            ?.getAttribute("aria-label") === label""",
        arg=describe(wanted),
    )
    drawn = page.evaluate(
        """() => [...document.querySelectorAll(".tinylm-surprise > span")]
            .map((one) => [one.firstChild.textContent, one.querySelector("small").textContent])"""
    )
    assert drawn == [[visible(token), f"{bits:.1f}"] for token, bits in wanted]
    assert not page.locator(".tinylm-surprise b").count()
