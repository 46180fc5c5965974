"""Scrubbing over the checkpoints of a run: each shows its own odds, in as few drawings as can be.

How long a move takes is measured by `benchmarks.pages.scrubbing`: here other tests run beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pages.inside.expecting import odds_in_words
from pages.inside.surprise import describe
from tests.browser import (
    LOOK,
    ROOT,
    opened_page,
    required_chromium,
    wait_for_rest,
    whole_drawings,
)
from tinylm.home import run_dir
from tinylm.questions.inside import Inspect, Inspection
from tinylm.runs.service import Service
from tinylm.training.checkpoints import CheckpointFolder
from ui.charts.base import visible
from ui.spans import surprise_of

CHECKPOINTS = 20
TEXT = "<b>Ghana</b> -> Accra, the"

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
def opened(home: Path) -> Iterator[tuple[Any, list[bool]]]:
    """The page, and how often it was drawn."""
    with opened_page(home, 60_000, viewport={"width": 1280, "height": 900}) as page:
        drawings = whole_drawings(page)
        page.goto("/inside")
        yield page, drawings


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
        page.wait_for_function(
            f"label => {odds} === label", arg=label, timeout=20_000, polling=LOOK
        )
    except Exception as error:
        raise AssertionError(f"wanted {label}, but there is {page.evaluate(odds)}") from error


def test_every_checkpoint_shows_its_own_odds_at_once(
    opened: tuple[Any, list[bool]], home: Path
) -> None:
    page, drawings = opened
    field = page.get_by_role("textbox", name="Your text")
    field.fill(TEXT)
    field.press("Enter")
    page.get_by_role("radio", name="tokens").first.click()
    found = answers(home, TEXT)
    labels = {step: odds_in_words(len(one.odds) - 1, one.odds[-1]) for step, one in found.items()}
    steps = sorted(found, reverse=True)
    assert len(steps) == CHECKPOINTS + 1 == len(set(labels.values()))
    wait_for(page, labels[steps[0]])
    wait_for_rest(page)
    page.get_by_role("slider", name="The model as it was at step").first.focus()

    def scrub(key: str, steps: list[int]) -> list[bool]:
        """The drawings of a move to each of the steps in turn."""
        before = len(drawings)
        for step in steps:
            page.keyboard.press(key)
            wait_for(page, labels[step])
            wait_for_rest(page)
            slider = page.get_by_test_id("stSlider").first
            assert slider.get_by_text(shown(step), exact=True).count()
        return drawings[before:]

    # Where the answer comes while the page is being drawn, once; else once more when it is there.
    half = CHECKPOINTS // 2
    drawn = scrub("ArrowLeft", steps[1 : half + 1])
    assert asked(home, steps) == steps[: half + 1]  # nothing that nobody looked at
    drawn += scrub("ArrowLeft", steps[half + 1 :])
    assert CHECKPOINTS <= sum(drawn) <= 2 * CHECKPOINTS
    shaded_tokens(page, found[0])
    # What is known is drawn once.
    assert scrub("ArrowRight", steps[-2::-1]) == [True] * CHECKPOINTS


def asked(home: Path, steps: list[int]) -> list[int]:
    """The steps at which somebody asked for the odds after the text, answered or not."""
    service = Service(home)
    (run,) = service.runs()
    found = service.known_all({step: Inspect(run.id, step, TEXT) for step in steps})
    service.close()
    return sorted(found, reverse=True)


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
