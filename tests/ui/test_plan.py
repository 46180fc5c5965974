"""The plan of a class comes back from its address, and no address unlocks or breaks anything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.registry import LESSONS
from tests.pages.test_pages import Open, open_page, shown
from tinylm.config import SETTINGS
from tinylm.presets import PRESETS, preset_config
from tinylm.runs.service import Service
from ui.plan import KNOBS, NOTE, WHOLE_APP, Plan, from_text, settings_in, to_text

__all__ = ["open_page"]  # a fixture

PLAN = Plan(
    lessons=("bet", "pretrain"),
    corpora=("names", "python"),
    presets=("tiny", "glance"),
    given=(("seed", 3), ("n_layer", 2), ("tables", "capital, currency")),
    hidden=("text", "pair"),
)
NAMES = st.sampled_from(["bet", "pretrain", "no-such", "../x", "world", "a b", "<b>", "é", ""])


def links(at: AppTest) -> str:
    return " ".join(str(one.proto.label) for one in at.get("page_link"))


def test_a_plan_comes_back_from_its_text() -> None:
    assert from_text(to_text(PLAN)) == PLAN
    assert to_text(WHOLE_APP) == "" and from_text("") == WHOLE_APP


@given(
    st.lists(st.sampled_from(sorted(PRESETS)), unique=True),
    st.lists(st.sampled_from(sorted(KNOBS)), unique=True),
    st.lists(st.sampled_from([one.name for one in LESSONS]), unique=True),
    st.integers(0, 10_000),
)
def test_every_plan_comes_back(
    presets: list[str], hidden: list[str], lessons: list[str], seed: int
) -> None:
    plan = Plan(tuple(lessons), (), tuple(presets), (("seed", seed),), tuple(hidden))
    assert from_text(to_text(plan)) == plan


PART = st.builds(
    "{}:{}".format,
    st.sampled_from(["lessons", "corpora", "presets", "given", "hidden", "x", ""]),
    st.lists(NAMES | st.text(max_size=20), max_size=4).map(",".join),
)


@given(st.text(max_size=300) | st.lists(PART, max_size=6).map(";".join))
@settings(max_examples=300)
def test_no_address_breaks_or_unlocks_anything(text: str) -> None:
    plan = from_text(text)
    assert set(plan.presets) <= set(PRESETS) and plan.presets_shown
    assert set(plan.hidden) <= set(KNOBS)
    for name, value in plan.given:
        SETTINGS[name].on_page.check(value)
        assert not SETTINGS[name].terminal
    assert from_text(to_text(plan)) == plan


@pytest.mark.parametrize(
    "text",
    [
        "n_layer=99",  # more than a page takes
        "kind=finetune",
        "corpus=../../etc",
        "task=facts",
        "lora_rank=4",  # of another kind of run
        "n_layer",
        "steps=nan",
        "=",
        "n_head=3",  # does not divide n_embd
    ],
)
def test_settings_that_a_page_would_not_take_are_ignored(text: str) -> None:
    assert settings_in([text, "seed=3"]) == (("seed", 3),)


def test_the_address_hides_lessons_and_a_button_brings_them_back(open_page: Open) -> None:
    at = open_page("start", plan="lessons:bet,pretrain,nothing;hidden:nothing")
    assert not at.exception and not at.error
    assert "1. Be the model" in links(at) and "2. Pre-train" in links(at)
    assert "Corpus" not in links(at) and "Experiments" not in links(at)
    assert "0 of 2 lessons done" in at.get("progress")[0].proto.text  # type: ignore[union-attr]
    at = at.button(key="follow-plan").click().run()
    assert "2. Corpus" in links(at) and "Experiments" in links(at)
    at = at.button(key="follow-plan").click().run()
    assert "Corpus" not in links(at)


def test_a_lesson_that_is_hidden_opens_by_its_address_with_a_sentence(open_page: Open) -> None:
    at = open_page("corpus", plan="lessons:bet")
    assert "leaves this page out" in at.info[0].value
    assert at.title[0].value == "Corpus"


def test_a_plan_without_a_lesson_that_there_is_hides_none(open_page: Open) -> None:
    at = open_page("start", plan="lessons:nothing")
    assert f"0 of {len(LESSONS)} lessons done" in at.get("progress")[0].proto.text  # type: ignore[union-attr]


def test_the_form_of_a_run_follows_the_plan(open_page: Open, service: Service) -> None:
    service.store.set_note(NOTE, "presets:tiny,glance;given:seed=3;hidden:text,overfitting,pair")
    at = open_page("pretrain")
    assert list(at.button_group[0].options) == ["A few seconds", "20 seconds"]
    folds = " ".join(one.label for one in at.expander)
    assert "text is like" not in folds and "over-fitting" not in folds
    at.button_group[0].set_value("tiny").run()
    next(one for one in at.button if one.label == "Start training").click().run()
    (run,) = service.runs()
    assert run.config == preset_config("tiny", seed=3)


def test_a_setting_that_a_text_cannot_have_is_left_out(open_page: Open, service: Service) -> None:
    service.store.set_note(NOTE, "corpora:names;given:worksheets=0")
    at = open_page("pretrain")
    assert not at.error
    assert "names" in shown(at).lower()
    assert at.query_params["corpus"] == "names"


def test_the_cards_show_the_texts_of_the_plan_and_the_chosen_one(open_page: Open) -> None:
    at = open_page("corpus", plan="corpora:names,python")
    keys = {str(one.key) for one in at.button if str(one.key).startswith("choose-")}
    assert keys == {"choose-names", "choose-python"}
    assert not any("Download" in one.label for one in at.button)


def test_a_damaged_plan_in_the_store_hides_nothing(open_page: Open, service: Service) -> None:
    service.store.set_note(NOTE, {"lessons": 3})
    assert not open_page("start").exception
