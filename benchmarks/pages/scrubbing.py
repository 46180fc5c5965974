"""How soon the odds of another checkpoint stand there, in a real browser.

    python -m benchmarks.pages.scrubbing [--rounds 3] [--think 0.5]

Trains the tiny preset with a checkpoint at every third step, opens Inside and moves the slider from
the last checkpoint to the first, each round with another text. `think` is the time in seconds for
which somebody looks at each. Needs requirements-dev.txt and Chromium.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.pages.clicks import report, wait_for_workers
from tests.browser import ROOT, opened_page, wait_for_rest, whole_drawings

SETTINGS = ("checkpoint_interval=3", "eval_interval=3", "threads=1")
TEXTS = ("Ghana -> Accra, the", "The capital of France is", "One. Two. Three.", "A cat can")


def moves(page: Any, drawings: list[bool], think: float) -> list[float]:
    """Seconds from each key until the page is drawn with the odds, down to the untrained model."""
    slider = page.get_by_role("slider", name="The model as it was at step").first
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_timeout(1000)
    wait_for_rest(page)
    times = []
    while slider.input_value() != slider.get_attribute("min"):
        page.wait_for_timeout(1000 * think)
        before, began = len(drawings), time.perf_counter()
        page.keyboard.press("ArrowLeft")
        while len(drawings) == before:
            page.wait_for_timeout(5)
        wait_for_rest(page, polling="raf")
        times.append(time.perf_counter() - began)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, len(TEXTS) + 1))
    parser.add_argument("--think", type=float, default=0.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = [part for one in SETTINGS for part in ("--set", one)]
        command = [sys.executable, "-m", "tinylm", "train", "--preset", "tiny", *settings, "--json"]
        subprocess.run(
            command,
            check=True,
            cwd=ROOT,
            env=os.environ | {"TINYLM_HOME": folder},
            stdout=subprocess.DEVNULL,
        )
        with opened_page(home, 60_000, viewport={"width": 1280, "height": 900}) as page:
            drawings = whole_drawings(page)
            page.goto("/inside")
            wait_for_rest(page, "The model as it was at step")
            wait_for_workers(home, slots=1)
            times: list[float] = []
            for text in TEXTS[: options.rounds]:
                field = page.get_by_role("textbox", name="Your text")
                field.fill(text)
                field.press("Enter")
                wait_for_rest(page)
                times += moves(page, drawings, options.think)
    report(f"another checkpoint, {options.think:g} s to look", times)


if __name__ == "__main__":
    main()
