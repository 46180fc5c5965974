"""Forgetting at equal accuracy: what follows from the paths of two ways, and the page's part."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pages.finetune import equal
from pages.finetune.equal import Equal, Moment
from pages.finetune.forgetting import Cell, go_on, questions
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.evaluation.tasks import task
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.runs.service import Service

__all__ = ["open_page"]
LORA = "LoRA, rank 8"


def path(*moments: tuple[float, float]) -> list[Moment]:
    return [Moment(accuracy, loss, 500) for accuracy, loss in moments]


def test_two_ways_are_compared_where_both_answer_equally_well() -> None:
    full = path((0.0, 1.0), (0.3, 1.1), (0.5, 1.2))
    lora = path((0.0, 1.0), (0.4, 1.1), (0.6, 1.5))
    told = equal.found(full, lora)
    assert told == pytest.approx(Equal(0.5, 0.2, 0.3, 500))
    options = ("full", "about the same", LORA)
    assert equal.right(told, options) == LORA
    assert "answer 50% of 500 held-out items right" in equal.in_words(told, LORA)
    assert f"“{LORA}” forgot 1.5 times as much" in equal.in_words(told, LORA)
    # At its own end LoRA has forgotten more, and yet not where both answer equally well.
    told = equal.found(full, path((0.0, 1.0), (0.5, 1.1), (0.6, 1.5)))
    assert equal.right(told, options) == "full"
    assert "“full” forgot 2.0 times as much" in equal.in_words(told, LORA)  # as the option is named
    assert equal.right(equal.found(full, full), options) == "about the same"


def test_where_one_never_gets_there_nothing_is_said() -> None:
    full, flat = path((0.2, 1.0), (0.5, 1.2)), path((0.2, 1.0), (0.1, 1.1))
    assert equal.found(full, flat) is None
    assert equal.found(full, full[:1]) is None
    assert equal.right(None, ("full", "same", LORA)) == ""
    assert "no accuracy in common" in equal.in_words(None, LORA)


def test_the_line_of_each_way_begins_at_the_base() -> None:
    paths = {"full": path((0.0, 1.0), (0.5, 1.2)), LORA: path((0.0, 1.0), (0.6, 1.5))}
    drawn = equal.figure(paths)["data"]
    assert [trace["x"][0] for trace in drawn] == [0.0, 0.0]
    assert [trace["y"][-1] for trace in drawn] == [1.2, 1.5]
    assert len({trace["marker"]["symbol"] for trace in drawn}) == 2
    assert f"{LORA}: 1.00 at 0% right, then 1.50 at 60%" in equal.describe(paths)


def test_the_page_compares_them_from_the_learners_own_runs(
    open_page: Open, service: Service
) -> None:
    base = trained(service)
    for method in ("full", "lora"):
        service.start(
            finetune_config(preset_config("tiny"), base, "questions", 128, "base", method=method)
        )
    full, lora = (service.checkpoints(run.id) for run in service.runs("finetune"))
    assert len(full) >= 8 and full == lora
    at = open_page("finetune", run=base)
    at = click(at, "Show me without guessing")
    assert "Compare at equal accuracy" not in [one.label for one in at.button]
    at = click(at, "about the same")
    at = click(at, "Compare at equal accuracy")
    assert not at.exception and not at.error
    # By the fake engine all fine-tuned models answer and forget alike.
    assert "**Right.** You said *about the same*. **Where both answer 55% of 160" in shown(at)
    assert "Measure all tasks, before and after" in [one.label for one in at.button]


def test_a_way_of_which_only_the_end_was_kept_is_not_compared(
    open_page: Open, service: Service
) -> None:
    """Before, a straight line from the base to the end was judged as what lay between them."""
    base = trained(service)
    for method in ("full", "lora"):
        config = finetune_config(preset_config("tiny"), base, "questions", 128, method=method)
        if method == "lora":
            half = config.train.steps // 2
            config = replace(config, train=replace(config.train, eval_interval=half))
        service.start(config)
    assert len(service.checkpoints(service.runs("finetune")[0].id)) == 2
    at = click(open_page("finetune", run=base), "Show me without guessing")
    assert "fine-tune once more that way" in shown(at)
    assert "about the same" not in [one.label for one in at.button]
    assert "Compare at equal accuracy" not in [one.label for one in at.button]


def test_a_way_that_was_added_is_named_and_not_an_experiment_broken_off() -> None:
    facts = task("world", "facts")
    models = {"base": ("b", 9), "full": ("f", 9), LORA: ("l", 9)}
    asked = questions(models, [facts], facts)
    known = [cell for cell in asked if cell.model != LORA]
    assert go_on(models, known) == f"Measure {LORA} as well"
    assert go_on(models, [*known, Cell(LORA, "loss")]) == "Go on"
    assert go_on(models, []) == "Go on"


def test_the_task_itself_has_one_figure_on_the_page() -> None:
    facts, moods = task("world", "facts"), task("world", "moods")
    asked = questions({"base": ("b", 9)}, [facts, moods], facts)
    limits = {cell: getattr(one, "limit", None) for cell, one in asked.items()}
    assert limits[Cell("base", "facts", 0)] == 0  # all of its items, as above the table
    assert limits[Cell("base", "facts", 4)] == limits[Cell("base", "moods", 0)] == 100
