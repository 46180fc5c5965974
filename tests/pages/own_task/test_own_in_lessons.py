"""Own tasks in the lessons: offered for any base, explained, and no stumbling block for others."""

from __future__ import annotations

from typing import cast

import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from pages.finetune.tuning import Method, tuning_config, tuning_title
from pages.metrics.bleu import trap_outputs
from pages.transfer.page import usual_sizes
from tests.fake_engine import ANSWERS
from tests.own_rows import review_rows
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.evaluation.tasks.own.rows import check_rows, split
from tinylm.evaluation.tasks.own.store import (
    Kept,
    delete_task,
    kept_tasks,
    save_task,
    sketch,
    task_of,
)
from tinylm.evaluation.tasks.own.template import TEMPLATES, Template
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.questions.corpora import SearchResult
from tinylm.questions.models import Item, Measurement, Score
from tinylm.runs.service import Service
from ui.own_tasks import expected, familiar

__all__ = ["open_page"]  # a fixture

LESSONS = ("prompts", "finetune", "transfer")
IMAGE = "![x](http://example.invalid/x.png)"


@pytest.fixture
def kept(service: Service) -> Kept:
    rows = check_rows(review_rows()[:100])
    return save_task(rows, "classification", Template(), IMAGE, service.home)


@pytest.fixture
def free(service: Service) -> Kept:
    rows = check_rows([(f"say {n}", f"the answer to it is {n}") for n in range(40)])
    return save_task(rows, "free", Template(), "Free", service.home)


@pytest.fixture
def plain(service: Service) -> str:
    """A base whose text brings no tasks."""
    return trained(service, corpus="names")


def chosen(at: AppTest) -> str:
    return str(next(box.value for box in at.selectbox if box.label == "Task"))


@pytest.mark.parametrize("page", LESSONS)
def test_a_base_of_plain_text_says_where_to_make_a_task(
    open_page: Open, plain: str, page: str
) -> None:
    at = open_page(page, run=plain)
    assert not at.exception and not at.error
    assert "Bring your own" in shown(at)
    assert any("own_task" in str(link.proto) for link in at.get("page_link"))


@pytest.mark.parametrize("page", LESSONS)
def test_a_base_of_plain_text_is_asked_an_own_task(
    open_page: Open, plain: str, kept: Kept, free: Kept, page: str
) -> None:
    for one in (kept, free):
        at = open_page(page, run=plain, task=one.name)
        assert not at.exception and not at.error
        assert chosen(at) == one.name
        assert "**What to expect.**" in shown(at)
        assert "![" not in shown(at)
    assert "Any text at all may be an answer" in shown(at)


@pytest.mark.parametrize("page", LESSONS)
def test_the_worlds_own_tasks_come_first(
    open_page: Open, service: Service, kept: Kept, page: str
) -> None:
    at = open_page(page, run=trained(service))
    assert chosen(at) != kept.name
    assert "What to expect" not in shown(at)


def test_the_experiment_is_measured_without_another_task(
    open_page: Open, plain: str, kept: Kept
) -> None:
    at = open_page("prompts", run=plain, task=kept.name)
    assert "The same question, other examples" not in shown(at)
    assert "once with shuffled answers." in shown(at)
    assert "another task" not in shown(at)
    at = click(at, "Run the experiment")
    assert not at.exception and not at.error


def test_the_finetuned_models_are_named_by_the_title(
    open_page: Open, service: Service, plain: str, kept: Kept
) -> None:
    at = open_page("finetune", run=plain, task=kept.name)
    at = click(at, "Fine-tune")
    assert not at.exception and not at.error
    titles = [run.title for run in service.runs("finetune")]
    assert len(titles) == 2
    assert all(title.startswith(f"{IMAGE[:30]}, 60 examples, from ") for title in titles)
    base = service.run(plain)
    config = tuning_config(base, task_of(kept), 8, "scratch", Method())
    assert tuning_title(config, task_of(kept)).endswith("8 examples, from scratch")


def test_a_task_that_was_deleted_leaves_its_models_and_a_sentence(
    open_page: Open, service: Service, plain: str, kept: Kept
) -> None:
    config = finetune_config(preset_config("tiny", corpus="names"), plain, kept.name, 8)
    run = service.start(config)
    delete_task(kept.name, service.home)
    for page in (*LESSONS, "runs", "inside", "metrics"):
        at = open_page(page, run=run)
        assert not at.exception


def test_a_model_of_an_earlier_table_is_named_where_it_learned_what_is_asked(
    open_page: Open, service: Service, plain: str, kept: Kept
) -> None:
    rows = [pair for pair in review_rows()[:100] if pair not in kept.test[:20]]
    later = save_task(check_rows(rows), "classification", Template(), "Later", service.home)
    learned = {asked for asked, _ in kept.train}
    both = sum(asked in learned for asked, _ in later.test)
    assert both > 0
    config = finetune_config(preset_config("tiny", corpus="names"), plain, kept.name, 8)
    service.start(config)
    at = open_page("prompts", run=plain, task=later.name)
    (said,) = [one.value for one in at.warning]
    assert f"Of the {len(later.test)} rows held out here, {both} are for training there" in said
    assert "![" not in said
    assert not open_page("prompts", run=plain, task=kept.name).warning
    delete_task(kept.name, service.home)
    (said,) = [one.value for one in open_page("prompts", run=plain, task=later.name).warning]
    assert "learned an own task that is not here any more" in said


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ("Accuracy", "stand among the 40 held-out items"),
        ("F1", "The same model with the same answers, but the class"),
        ("BLEU", "free text as answers"),
    ],
)
def test_the_metrics_take_own_tasks_where_the_text_has_none(
    open_page: Open,
    plain: str,
    kept: Kept,
    free: Kept,
    monkeypatch: pytest.MonkeyPatch,
    metric: str,
    says: str,
) -> None:
    score = ANSWERS[Score]

    def always_good(asked: Score) -> Measurement:
        right = [item.answer for item in task_of(kept).test]
        items = (Item("", "", answer, "good", answer == "good") for answer in right)
        return replace(cast(Measurement, score(asked)), items=tuple(items))

    monkeypatch.setitem(ANSWERS, Score, always_good)
    at = open_page("metrics", run=plain)
    at = at.button_group[0].set_value(metric).run()
    assert not at.exception and not at.error
    assert says in shown(at)
    assert "Bring your own" not in shown(at)


def test_a_metric_says_what_the_own_tasks_here_lack(
    open_page: Open, service: Service, plain: str, kept: Kept
) -> None:
    at = open_page("metrics", run=plain)
    at = at.button_group[0].set_value("BLEU").run()
    assert "none of them has answers of 4 words and more" in shown(at)
    delete_task(kept.name, service.home)
    rows = check_rows([(f"say {n}", f"answer {n}") for n in range(40)])
    save_task(rows, "free", Template(), "Short", service.home)
    at = at.button_group[0].set_value("Accuracy").run()
    assert "none of them has labels" in shown(at)


def test_bleu_calls_an_own_answer_no_translation(open_page: Open, plain: str, free: Kept) -> None:
    at = open_page("metrics", run=plain)
    at = at.button_group[0].set_value("BLEU").run()
    assert "The right answer is" in shown(at)
    assert not at.exception and "translation" not in shown(at)
    assert not any(one.meaning for one in trap_outputs(task_of(free), 0, "x").values())


def test_of_several_own_tasks_the_learner_chooses_the_one_for_a_metric(
    open_page: Open, service: Service, plain: str
) -> None:
    uneven = [row for n, row in enumerate(review_rows()) if row[1] == "good" or n % 3 == 0]
    for title, rows in (("Even", review_rows()), ("Uneven", uneven)):
        save_task(check_rows(rows), "classification", Template(), title, service.home)
    at = open_page("metrics", run=plain)
    at = at.button_group[0].set_value("Accuracy").run()
    task = next(box for box in at.selectbox if box.label == "Task")
    assert task.options == ["Even", "Uneven"]
    assert task.value == kept_tasks(service.home)[1].name
    at = task.set_value(kept_tasks(service.home)[0].name).run()
    assert not at.exception and not at.error


def test_a_small_task_is_tried_with_all_its_labels() -> None:
    assert usual_sizes(120) == [0, 8, 32, 120]
    assert usual_sizes(522) == [0, 8, 32, 128, 512]


def test_what_a_base_has_read_is_said_with_its_figure(kept: Kept, free: Kept) -> None:
    task = task_of(kept)
    assert familiar(task) == "-> bad"
    assert familiar(task_of(free)) == "->"
    said = expected(task, SearchResult(9, 7, 1_000, ()))
    assert "stands in 7 of 1,000 documents" in said and "knows the form" in said
    assert "stands in" not in expected(task, None)
    none = SearchResult(0, 0, 1_000, ())
    assert "nothing told it what your answers mean" in expected(task, none)
    assert "nothing told it that an answer follows it" in expected(task_of(free), none)
    parts = split(check_rows(review_rows()), "classification")
    asked = sketch("classification", TEMPLATES["Question and Answer"], parts)
    assert familiar(asked) == "Answer: bad"
