"""The page Scale: the guess is stored before the larger run exists, and judged after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pages.scale.charts import BY_SMALL, LARGE, OWN, Picture, described, scaling
from pages.scale.parts import size_and_text
from tests.fake_engine import FakeEngine
from tests.pages.test_pages import Open, click, open_page, shown
from tinylm.experiments import scale
from tinylm.experiments.recording import Recording, Trial, recording
from tinylm.questions import experiments
from tinylm.questions.experiments import Figure, Measured
from tinylm.questions.scale import Foretold
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture


def test_the_larger_run_begins_after_the_guess_is_stored(open_page: Open, service: Service) -> None:
    at = click(open_page("scale"), "Show me without guessing")
    at = click(at, "Run it here")
    for _ in range(60):
        at = at.run()
        if any(button.label == "Train the larger run" for button in at.button):
            at = click(at, "Train the larger run")
        if "The larger run ended with" in shown(at):
            break
    assert "cannot be changed any more" in shown(at)
    assert not at.exception
    assert "The larger run ended with" in shown(at)
    (large,) = (
        run for run in service.runs(experiment="scale") if run.config.experiment == "scale/longer"
    )
    half = FakeEngine().answer(experiments.Figures("scale", "longer", large.id, 1), Path())
    found = recording("scale")
    assert found is not None
    asked = scale.question({arm.name: half for arm in scale.SMALL}, scale.margin(found))
    job = service.known_all({"": asked})[""]
    assert job.ended is not None
    assert job.ended <= large.created


def test_size_and_text_are_said_to_help_only_if_they_do_with_every_seed() -> None:
    def recorded(*losses: tuple[float, float]) -> Recording:
        trials = [
            Trial(
                arm.name,
                seed,
                Measured(
                    {n: Figure(v, v, v, 1) for n, v in ((scale.LOSS, loss), ("parameters", 9))}
                ),
            )
            for arm, both in zip(
                (scale.NARROWER, scale.SMALL[-1], scale.LARGE), losses, strict=True
            )
            for seed, loss in enumerate(both)
        ]
        return Recording("scale", "2026-11-28", "here", "abc", "quick", tuple(trials))

    assert "both help" in size_and_text(recorded((1.9, 1.8), (1.3, 1.2), (0.9, 0.8)))
    assert not size_and_text(recorded((1.9, 1.2), (1.3, 1.1), (0.9, 0.8)))


def test_the_picture_shows_both_guesses_and_what_came_of_them() -> None:
    small = [(1_000, 2.0), (2_000, 1.5), (3_000, 1.3), (4_000, 1.2)]
    before = Picture(small, 0.7, 16_000)
    assert not {BY_SMALL, OWN, LARGE} & {str(one.get("name")) for one in scaling(before)["data"]}
    after = Picture(small, 0.7, 16_000, (), Foretold(0.9, 0.85, 1.0), 0.8, 0.95)
    named = {str(one.get("name")): one for one in scaling(after)["data"]}
    assert named[OWN]["y"] == [0.8]
    assert named[LARGE]["y"] == [0.95]
    axes = [scaling(replace(after, live=True, now=now))["layout"] for now in (None, (500, 6.0))]
    assert axes[0]["yaxis"] == axes[1]["yaxis"] and axes[0]["xaxis"] == axes[1]["xaxis"]
    assert named[BY_SMALL]["error_y"]["arrayminus"] == [0.9 - 0.85]
    assert "foretold 0.90, from 0.85 to 1.00; measured" not in described(before)
    assert "your guess 0.80, foretold 0.90, from 0.85 to 1.00, measured 0.95" in described(after)
