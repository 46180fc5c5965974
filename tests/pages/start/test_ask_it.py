"""The recorded model at work on Start, and the film of its training."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pages.start.ask_it import EXAMPLES, odds_words, prompt_of
from pages.start.film import frames, recorded_note
from pages.start.odds import row
from tests.fake_engine import ANSWERS
from tests.pages.test_pages import ROOT, Open, open_page, shown
from tinylm import recorded
from tinylm.corpora import world_of
from tinylm.experiments.recording import PLACE
from tinylm.questions.words import NextWhole, WholeOdds
from tinylm.recorded import FOLDER, recording

__all__ = ["open_page"]  # a fixture

RELATIONS = {"capitals": "capital", "currencies": "currency", "languages": "language"}


def answer(examples: str, country: str = "Germany", step: int = -1) -> WholeOdds:
    from tinylm.answers.engine import answer as answered

    step = recording().last.step if step < 0 else step
    return answered(
        NextWhole(recorded.RUN, step, prompt_of(country, examples), "answer"), Path("nowhere")
    )


def test_start_shows_a_trained_model_at_work_before_anything_was_trained(open_page: Open) -> None:
    at = open_page("start")
    assert not at.exception and not at.error
    assert "It answers **Accra**, with odds of 60 %" in shown(at)
    assert "Not one weight was changed" in shown(at)
    assert "Make this yourself, one minute →" in [button.label for button in at.button]
    assert recorded_note(recording()) in shown(at)


def test_the_vocabulary_that_is_named_is_that_of_the_recorded_tokenizer() -> None:
    tokenizer = json.loads((FOLDER / "tokenizer.json").read_text(encoding="utf-8"))
    assert recording().vocab_size == 256 + len(tokenizer["merges"])
    assert f"vocabulary of {recording().vocab_size:,} pieces" in recorded_note(recording())


def test_the_switches_say_what_they_change(open_page: Open) -> None:
    at = open_page("start")
    boxes = {group.label: group for group in at.button_group}
    boxes["Model"].set_value("untrained").run()
    assert "random numbers" in shown(at)
    boxes = {group.label: group for group in at.button_group}
    boxes["Model"].set_value("trained").run()
    {group.label: group for group in at.button_group}["Examples before the line"].set_value(
        "none"
    ).run()
    assert "Nothing says what is wanted" in shown(at)


def test_the_examples_are_lines_of_the_worlds_tables() -> None:
    world = world_of("world")
    assert world is not None
    for kind, column in RELATIONS.items():
        (relation,) = (r for r in world.relations if r.id == f"countries.{column}")
        known = {entity.name: value for entity, value in relation.facts.items()}
        for subject, value in EXAMPLES[kind]:
            assert known[subject] == value


@pytest.mark.parametrize(
    ("examples", "wanted"),
    [("capitals", "Berlin"), ("currencies", "euro"), ("languages", "German")],
)
def test_the_recorded_model_answers_what_the_examples_ask_for(examples: str, wanted: str) -> None:
    found = answer(examples)
    assert found.likely[0].text.strip() == wanted
    assert found.likely[0].probability > 0.3
    assert answer(examples, step=0).likely[0].probability < 0.1


def test_the_recorded_model_answers_before_anything_is_compiled() -> None:
    code = """
import sys
from pathlib import Path
from pages.start.ask_it import prompt_of
from tinylm import recorded
from tinylm.answers.engine import answer
from tinylm.questions.words import NextWhole
step = recorded.recording().last.step
answer(NextWhole(recorded.RUN, step, prompt_of("Germany", "capitals"), "answer"), Path("nowhere"))
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def test_the_recording_is_small_whole_and_shows_learning() -> None:
    found = recording()
    files = (path for path in FOLDER.rglob("*") if path.is_file() and PLACE not in path.parents)
    size = sum(path.stat().st_size for path in files)
    assert size < 2_000_000
    assert [look.step for look in found.looks][:6] == [0, 5, 10, 20, 40, 90]
    first, last = found.looks[0], found.last
    assert last.loss < 0.2 * first.loss
    assert first.few_shot < 0.05 and last.few_shot > 0.75


def test_the_film_holds_every_look_and_its_curves_lie_between_0_and_1() -> None:
    pictures = frames(recording())["frames"]
    assert isinstance(pictures, list) and len(pictures) == len(recording().looks)
    for picture in pictures:
        assert 0 <= picture["few"] <= 1 and 0 <= picture["loss"] <= 1.01


def test_the_film_puts_texts_on_the_page_as_text_alone() -> None:
    script = Path("pages/start/film.js").read_text(encoding="utf-8")
    for word in ("innerHTML", "insertAdjacentHTML", "document.write", "outerHTML"):
        assert word not in script


def test_small_odds_are_said_as_one_in_so_many() -> None:
    assert odds_words(0.934) == "odds of 93 %"
    assert odds_words(1 / 2048) == "odds of 1 in 2,048"


def test_odds_are_never_nothing_and_never_certain() -> None:
    assert odds_words(0.9996) == "odds of > 99.9 %"
    assert odds_words(1.0) == "odds of > 99.9 %"
    assert odds_words(0.0) == "odds of < 0.1 %"
    assert [row("", chance)["shown"] for chance in (0.0, 0.05, 0.9996, 1.0)] == [
        "< 0.1 %",
        "5.0 %",
        "> 99.9 %",
        "> 99.9 %",
    ]


def test_where_no_answer_has_odds_to_show_start_says_so(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANSWERS, NextWhole, lambda asked: WholeOdds((), 1.0))
    at = open_page("start")
    assert not at.exception and not at.error
    assert "No answer stands out" in shown(at)


def test_who_comes_back_to_start_finds_the_trained_model(open_page: Open) -> None:
    at = open_page("start")
    model = next(group for group in at.button_group if group.label == "Model")
    assert "random numbers" in shown(model.set_value("untrained").run())
    at = at.switch_page("../pages/runs/page.py").run().switch_page("../pages/start/page.py").run()
    assert "Not one weight was changed" in shown(at)
