"""The form says what fits a text and why, and a run says which checkpoint is the best."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import Open, click, open_page, shown
from tests.runs_fakes import finished_run
from tinylm.config import with_changes
from tinylm.corpora.recipes import recipe_for
from tinylm.corpora.sources.uploads import save_upload
from tinylm.presets import preset_config
from tinylm.runs.service import Service

__all__ = ["open_page"]  # a fixture
STORY = "\n\n".join(
    f"On day {n} the {n * 7}th bird came to house {n * n % 91}. It sang for {n % 13} hours."
    for n in range(1, 300)
)


@pytest.fixture
def story(service: Service) -> str:
    return save_upload(STORY.encode(), "Birds", service.home).name


def switch(at: AppTest, label: str, value: bool) -> AppTest:
    return next(one for one in at.toggle if label in one.label).set_value(value).run()


def test_the_form_shows_what_fits_and_trains_with_it(
    open_page: Open, service: Service, story: str
) -> None:
    at = open_page("pretrain", corpus=story)
    found = recipe_for(story, "quick", service.home)
    assert not at.exception
    assert all(reason in shown(at) for reason in found.reasons)
    click(at, "Start training")
    (run,) = service.runs()
    assert run.config == found.config
    assert run.title.endswith("fitted to the text")


def test_a_text_with_settings_that_fit_is_not_said_to_be_soon_known_by_heart(
    open_page: Open, story: str
) -> None:
    at = open_page("pretrain", corpus=story)
    shows = next(one.value for one in at.markdown if "What it will show" in one.value)
    assert "by heart" not in shows and "a task of your own" in shows
    assert any(link.label == "Make **your own task**" for link in at.get("page_link"))


def test_the_settings_of_the_preset_can_be_used_anyway(
    open_page: Open, service: Service, story: str
) -> None:
    at = switch(open_page("pretrain", corpus=story), "anyway", True)
    assert "by heart" in shown(at)
    patience = next(one for one in at.number_input if "patience" in one.label)
    assert patience.value == 0
    steps = next(one for one in at.number_input if "(`steps`)" in one.label)
    steps.set_value(3).run()
    click(at, "Start training")
    (run,) = service.runs()
    assert run.config == preset_config("quick", corpus=story, steps=3)


def test_the_early_end_can_be_switched_off(open_page: Open, service: Service, story: str) -> None:
    at = switch(open_page("pretrain", corpus=story), "End early", False)
    click(at, "Start training")
    (run,) = service.runs()
    fitted = recipe_for(story, "quick", service.home).config
    assert run.config == with_changes(fitted, {"patience": 0})


def test_settings_of_a_preset_are_wanted_for_one_text_and_not_for_the_next(
    open_page: Open, service: Service, story: str
) -> None:
    other = save_upload(STORY.replace("bird", "whale").encode(), "Whales", service.home).name
    at = switch(open_page("pretrain", corpus=story), "End early", False)
    at = switch(at, "anyway", True)
    for corpus, wanted in ((other, (True, False)), (story, (False, True))):
        at.query_params["corpus"] = corpus
        at = at.run()
        assert [one.value for one in at.toggle] == list(wanted)


def test_the_made_world_shows_no_recipe(open_page: Open) -> None:
    at = open_page("pretrain")
    assert "fit this text" not in shown(at)
    assert not [one for one in at.toggle if "anyway" in one.label]


def finished(
    service: Service, *losses: float, steps: int, final: float | None = None, corpus: str = "python"
) -> str:
    """A run that ends once the loss was not better twice in a row (tests/runs_fakes.py)."""
    config = preset_config("tiny", corpus=corpus, patience=2, steps=steps)
    return finished_run(service, config, *losses, final=final)


def test_a_run_that_ended_early_says_so_and_which_step_is_the_best(
    open_page: Open, service: Service
) -> None:
    run = finished(service, 4.0, 3.0, 3.5, 3.9, steps=200)
    assert service.best_step(run) == 40
    said = shown(open_page("pretrain", run=run))
    assert "ended early, after 80 of 200 updates" in said
    assert "was best at step 40" in said and "3.00, and at the end it is 3.90" in said


def test_a_run_whose_last_step_is_the_best_says_nothing_of_it(
    open_page: Open, service: Service
) -> None:
    run = finished(service, 4.0, 3.0, steps=40)
    assert service.best_step(run) == 40
    assert "was best at step" not in shown(open_page("pretrain", run=run))


def test_losses_on_different_texts_are_not_compared(open_page: Open, service: Service) -> None:
    """The last look reads more text: its loss may be lower although the model has got worse."""
    run = finished(service, 4.0, 3.0, 3.5, 3.9, steps=90, final=2.5)
    assert service.best_step(run) == 40
    said = shown(open_page("pretrain", run=run))
    assert "was 3.00, and at step 80 it is 3.90" in said
    assert "2.50" not in said.split("was best at step 40")[1].split("The lessons use")[0]
