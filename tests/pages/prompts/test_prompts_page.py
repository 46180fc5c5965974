"""The prompts page: the few-shot experiment, other examples, and when an ability appeared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from streamlit.testing.v1 import AppTest

from pages.prompts import appeared, contrast, model_answers
from pages.prompts import experiment as fewshot
from pages.prompts.model_answers import times_likelier
from pages.prompts.one_question import item_name
from tests.fake_engine import ANSWERS, FakeEngine
from tests.measurements import measured
from tests.pages.test_pages import ROOT, click, pick, shown, trained, tuned
from tinylm.errors import CheckpointError
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import Item, Task, tasks_for
from tinylm.events import EvalDone
from tinylm.experiments import fewshot as experiment
from tinylm.experiments.fewshot import Cell
from tinylm.questions.models import (
    ExamplesRead,
    Fitting,
    FittingExamples,
    Likely,
    Measurement,
    NextToken,
    Odds,
    Score,
    Share,
)
from tinylm.questions.words import NextWhole, WholeOdds
from tinylm.recorded import recording
from tinylm.runs.service import Service
from ui import asking
from ui.charts import accuracy
from ui.charts.whole import OTHERS, whole_bars
from ui.choosing import SEED

Open = Callable[..., AppTest]

TASKS = {task.name: task for task in tasks_for("world")}


@pytest.fixture
def page(service: Service) -> Open:
    def opened(run: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
        at.query_params["run"] = run
        return at.switch_page("../pages/prompts/page.py").run()

    return opened


def asked(service: Service, base: str, limit: int = fewshot.SAMPLE) -> dict[Cell, Score]:
    """The questions of the experiment on the task facts, as the page writes them."""
    models = {"untrained": (base, 0), "base": (base, service.checkpoints(base)[-1])}
    return experiment.questions(models, TASKS["facts"], limit=limit, seed=SEED)


def row(correct: int, n: int = 100, k: int = 0, read: float | None = None) -> Measurement:
    """A measurement with k examples asked for, of which `read` were read on average."""
    share, mean = correct / n, float(k if read is None else read)
    examples = ExamplesRead(k, int(mean), mean, k, n if mean == k else 0)
    low, high = max(0.0, share - 0.1), min(1.0, share + 0.1)
    return measured(share, low, high, n, examples=examples)


# The experiment ------------------------------------------------------------------------------


def test_one_button_measures_all_models_all_k_and_both_controls(
    page: Open, service: Service
) -> None:
    base = trained(service)
    at = click(page(base), "Run the experiment")
    assert not at.exception
    jobs = service.known_all(asked(service, base))
    assert len(jobs) == 18
    assert {asked(service, base)[cell].control for cell in jobs} == {"", "shuffled", "other"}
    assert "20% after the same examples with shuffled answers" in shown(at)
    assert "locate the task" in shown(at)  # the spoiled ones are worse, and the intervals say so


def test_nothing_is_shown_before_a_prediction_or_the_button(page: Open, service: Service) -> None:
    base = trained(service)
    service.ask_all(asked(service, base))  # somebody else has measured it all
    at = page(base)
    assert "Measured:" not in shown(at)
    at = click(at, "fall")
    assert "It is the opposite.** You said *fall*. **Measured: 8% without examples, 77% w" in shown(
        at
    )
    assert "It knows, and does not know" not in shown(at)  # the two intervals meet


def test_progress_is_told_and_waiting_can_be_stopped(page: Open, service: Service) -> None:
    base = trained(service)
    wanted = asked(service, base)
    service.store.request(list(wanted.values()))  # announced to nobody: it waits
    done = [Cell("base", 0), Cell("untrained", 0)]
    for cell in done:
        job = service.known(wanted[cell])
        assert job is not None
        service.hand_over(job.id)
    at = page(base)
    assert "2 of 18 measured" in at.get("progress")[0].proto.text  # type: ignore[union-attr]
    labels = [button.label for button in at.button]
    assert "Measure every checkpoint" in labels  # what it shares is asked for, the rest is not
    at = click(at, "Stop waiting").run()
    assert set(service.known_all(wanted)) == set(done)  # what is measured stays
    at = click(at, "rise")
    at = click(at, "Go on")
    assert all(job.status == "done" for job in service.known_all(wanted).values())


def test_nothing_is_judged_before_that_which_was_predicted_is_measured(
    page: Open, service: Service
) -> None:
    """Before, a question about 8 examples was judged by what was there: 1, 2 or 4."""
    base = trained(service)
    wanted = asked(service, base)
    service.store.request(list(wanted.values()))  # announced to nobody: it waits
    for k in (0, 1, 2):
        job = service.known(wanted[Cell("base", k)])
        assert job is not None
        service.hand_over(job.id)
    at = click(page(base), "rise")
    assert "3 of 18 measured" in at.get("progress")[0].proto.text  # type: ignore[union-attr]
    assert "Measured:" not in shown(at)
    at = click(click(at, "Stop waiting").run(), "Go on")
    assert "**Right.** You said *rise*. **Measured: 8% without examples, 77% with 8" in shown(at)


def test_what_is_asked_ahead_is_what_the_page_shows(page: Open, service: Service) -> None:
    """Another question of the same kind would be computed for nobody."""
    base = trained(service)
    assert "Examples: " in shown(page(base))
    kinds = (NextToken, NextWhole, Fitting)
    number = [len(service.store.asked(kind, base)) for kind in kinds]
    # Of the untrained model and the base, and of two prompts with other examples.
    assert number == [2 + 2, 1 + 2, 2]


def test_a_measurement_that_fails_says_why_and_can_be_asked_again(
    page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = trained(service)
    at = page(base)
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise CheckpointError("The checkpoint is damaged.")

        broken.setattr(FakeEngine, "answer", fail)
        at = click(at, "Run the experiment")
        assert any("damaged" in one.value for one in at.error)
    at = click(at, "Ask again")
    assert not at.error
    assert "77% with 8" in shown(at)


def test_new_models_are_measured_beside_what_is_known(page: Open, service: Service) -> None:
    """Before, a finished experiment came back as "Go on, 18 of 28"."""
    base = trained(service)
    click(page(base), "Run the experiment")
    tuned(service, base, "base")
    at = click(page(base), "rise")
    assert "The measurements from before are kept" in shown(at)
    assert "New since then: **fine-tuned**" in shown(at)
    at = click(at, "Measure fine-tuned too")
    assert not at.exception and "New since then" not in shown(at)


def test_who_knows_without_being_able_to_say_it_is_told() -> None:
    zero, eight = row(10), row(80, k=8)
    knowing = replace(zero, ranked=Share(100, 85, 0.85, 0.77, 0.91), chance=0.05)
    results = {Cell("base", 0): knowing, Cell("base", 8): replace(eight, ranked=knowing.ranked)}
    said = fewshot.knows(results)
    assert "10% of what the base *writes*" in said and "**85%** are right" in said
    assert "and no list, it *writes* 80% right" in said
    alike = {**results, Cell("base", 8): replace(row(85, k=8), ranked=knowing.ranked)}
    assert "it *writes* the same share, 85%, right" in fewshot.knows(alike)
    results[Cell("base", 0)] = replace(knowing, ranked=Share(100, 12, 0.12, 0.07, 0.2))
    assert fewshot.knows(results) == ""
    # A base that picks at random, or always the commonest answer, is not said to know anything.
    for needs in ({"chance": 0.8}, {"majority": 0.8}):
        results[Cell("base", 0)] = replace(knowing, **needs)
        assert fewshot.knows(results) == ""
    assert fewshot.change(zero.leading, eight.leading) == "rise"
    assert fewshot.change(zero.leading, zero.leading) == "stay about the same"


@pytest.mark.parametrize("name", ["kinds", "moods", "to_nuveli", "grammar", "questions"])
def test_every_kind_of_task_has_its_question_and_its_experiment(
    page: Open, service: Service, name: str
) -> None:
    at = pick(page(trained(service)), "Task", name)
    at = click(at, "Run the experiment")
    at = click(at, "Measure every checkpoint")
    assert not at.exception
    assert not at.error
    sliders = [one.label for one in at.slider]
    assert ("Examples in the prompt (k)" in sliders) == bool(TASKS[name].max_fewshot)
    said = shown(at)
    assert ("BLEU against" in said) == name.startswith("to_")
    assert ("Macro-F1" in said) == ("macro_f1" in TASKS[name].metrics)
    assert ("Spoiled in one place" in said) == (name == "grammar")


def test_all_items_or_some_of_each_relation(page: Open, service: Service) -> None:
    base = trained(service)
    at = page(base)
    choice = next(one for one in at.button_group if "200, quicker" in one.options)
    at = click(choice.set_value(f"all {len(TASKS['facts'].test)}").run(), "Run the experiment")
    assert len(service.known_all(asked(service, base, limit=0))) == 18
    assert not service.known_all(asked(service, base))


def test_lines_of_a_chart_put_the_controls_last() -> None:
    cells = [Cell("base", 1, "other"), Cell("base", 1), Cell("scratch", 1)]
    lines = fewshot.lines_of({cell: row(50) for cell in cells})
    assert list(lines) == ["base", "scratch", "base, another task's examples"]


@pytest.mark.parametrize(
    ("zero", "eight", "shuffled", "words"),
    [
        (5, 80, 20, "locate the task"),
        (5, 80, 75, "more than which answer belongs"),
        (50, 55, 50, "is not shown"),
        (80, 20, 20, "mislead"),
    ],
)
def test_what_is_concluded_follows_from_the_intervals(
    zero: int, eight: int, shuffled: int, words: str
) -> None:
    results = {Cell("base", 0): row(zero), Cell("base", 8): row(eight)}
    results[Cell("base", 8, "shuffled")] = row(shuffled)
    assert words in fewshot.about_examples(results, 8)


def test_differences_compare_the_ends_on_the_same_items() -> None:
    results = {Cell("base", k): row(10 * (k + 1), k=k) for k in (0, 4, 8)}
    results[Cell("untrained", 0)] = row(10)
    ends = fewshot.ends_of(results)
    assert list(ends) == [("base", 0, ""), ("base", 8, ""), ("untrained", 0, "")]
    found = {one.comparison: one for one in fewshot.compare_ends(ends)}
    gain = found["base: k = 8 against k = 0"]
    assert gain.difference == pytest.approx(0.8)
    assert fewshot.in_words(gain).endswith(", n = 100")
    assert fewshot.verdict(gain) == "more"
    assert fewshot.verdict(found["k = 0: base against untrained"]) == "alike on every item"


def test_points_with_fewer_examples_than_asked_say_so_everywhere() -> None:
    """Before, the chart, the table and the words said 8 where three to six were left."""
    results = {Cell("base", 0): row(10), Cell("base", 8): row(40, k=8, read=3.82)}
    rows = fewshot.table(results)
    assert [line["examples read, mean"] for line in rows] == [0, 3.82]
    assert [line["examples are"] for line in rows] == ["true", "true"]
    lines = fewshot.lines_of(results)
    figure = accuracy.accuracy_by_shots(lines)
    assert figure["layout"]["xaxis"]["ticktext"][-2:] == ["7", "8<br>3.8 read"]
    assert figure["data"][0]["customdata"] == ["0", "8 asked, 3.8 read"]
    assert "40% at k = 8 (3.8 examples read)" in accuracy.describe_lines(lines, "k = {}")
    assert "of 8, 3 to 8 were read" in accuracy.left_out(results.values())
    (gain,) = fewshot.compare_ends(results)
    assert gain.comparison == "base: k = 8 asked, 3.8 read against k = 0"
    assert accuracy.left_out([row(10)]) == ""


def test_the_printed_prompt_is_what_the_model_reads(
    page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, all examples were printed, and the model read the end of them."""
    fits = {4: FittingExamples(3, 120, 128), 8: FittingExamples(3, 120, 128)}
    monkeypatch.setitem(ANSWERS, Fitting, lambda asked: fits[asked.num_fewshot])
    at = pick(page(trained(service)), "Task", "questions")
    at = at.slider[0].set_value(8).run()
    assert not at.exception
    questions = TASKS["questions"]
    item = next(one for one in questions.test if one.group == "countries.capital")
    shown_prompts = [code.value for code in at.code[:3]]
    assert shown_prompts[0] == shown_prompts[1] == few_shot_prompt(questions, item, 3, SEED).text
    assert shown_prompts[2] == few_shot_prompt(questions, item, 3, SEED, "other").text
    assert "reads 128 tokens at once" in at.info[0].value
    assert "Of the 8 examples 3 fit" in at.info[0].value


# When did it appear? -------------------------------------------------------------------------

LOSSES = [
    EvalDone(step, 64 * step, loss, 2.0, 1.0, 900)
    for step, loss in ((0, 7.0), (100, 3.0), (200, 2.5), (300, 2.0))
]


def test_an_ability_appears_where_half_of_the_rise_lies() -> None:
    rows = {0: row(0), 100: row(5), 200: row(60), 300: row(80)}
    found = appeared.appearance(rows, LOSSES)
    assert found == appeared.Appearance(100, 200, 3.0, 2.5, 0.8, 0.9)


def test_without_a_rise_beyond_the_intervals_nothing_appeared() -> None:
    assert appeared.appearance({0: row(5), 100: row(6), 200: row(15)}, LOSSES) is None


def test_every_checkpoint_is_measured_with_the_untrained_model_first(
    page: Open, service: Service
) -> None:
    base = trained(service)
    at = click(page(base), "That is my guess")
    at = click(at, "Measure every checkpoint")
    assert not at.exception
    assert "With k = 4, the score is half-way up between step 0 and" in shown(at)
    assert "You said *50 %*" in shown(at)
    assert "it lies between 0 % and" in shown(at)
    steps = {0, *service.checkpoints(base)}
    wanted = experiment.over_time(
        base, sorted(steps), TASKS["facts"], group="", limit=fewshot.SAMPLE, seed=SEED
    )
    assert len(service.known_all(wanted)) == 2 * len(steps)


# The same question, other examples -----------------------------------------------------------


def test_the_same_question_stands_after_two_sets_of_examples(page: Open, service: Service) -> None:
    at = page(trained(service))
    one, own, other = (code.value for code in at.code[:3])
    assert own.splitlines()[-1] == other.splitlines()[-1] == one
    assert own.splitlines()[:-1] != other.splitlines()[:-1]
    assert "right here" in shown(at)


@pytest.mark.parametrize("task", [t for t in TASKS.values() if t.max_fewshot], ids=lambda t: t.name)
def test_other_examples_have_an_answer_of_their_own(task: Task) -> None:
    tasks = tuple(TASKS.values())
    found = 0
    for item in task.test[::25]:
        prompt = few_shot_prompt(task, item, 4, SEED, "other")
        other_task, same = contrast.other_side(tasks, item, prompt)
        assert set(prompt.examples) <= set(other_task.train)
        assert same is None or same.context == item.context
        found += same is not None and same.answer != item.answer
    assert bool(found) == (task.name != "questions")  # a question says by itself what it asks


def test_any_whole_answer_is_shown_with_the_right_one_marked() -> None:
    """Before, only capitals were charted, while the base answered with a neighbour."""
    likely = (Likely(" Austria", 0.6), Likely(" euro", 0.2))
    found = model_answers.with_answer(WholeOdds(likely, 0.2), "Berlin", 0.01)
    assert [one.text for one in found.likely] == [" Austria", " euro", "Berlin"]
    assert found.rest == pytest.approx(0.19)
    figure = whole_bars(found, "base", gold="Berlin", allowed=("Berlin", "Paris"))
    assert figure["layout"]["yaxis"]["ticktext"] == ["Austria", "euro", "Berlin ✓", OTHERS]
    assert sum(figure["data"][0]["x"]) == pytest.approx(1)
    assert model_answers.with_answer(found, "Austria", 0.6) is found
    marked = whole_bars(found, "base", gold="Berlin", allowed=("Austria",))
    assert marked["layout"]["yaxis"]["ticktext"][0] == "Austria •"


def test_one_question_does_not_show_that_a_model_knows_the_answer() -> None:
    """Before, whoever had the best odds of two, as an untrained model may, "knew the answer"."""
    item = Item("Germany", ("Berlin", "Paris"), 0)
    choices = (Likely(" Berlin", 0.011), Likely(" Paris", 0.002))
    odds = Odds((), 4, 4, greedy="Austria", choices=choices)
    said = model_answers.first_of_list(odds, item)
    assert "Of the 2 answers on the list, **Berlin**" in said and "1.1 %" in said
    assert "By chance that happens once in 2 questions" in said and "knows" not in said
    assert not model_answers.first_of_list(replace(odds, greedy="Berlin"), item)
    second = Item(item.context, item.choices, 1)
    assert not model_answers.first_of_list(odds, second)


def test_a_link_can_name_the_task(service: Service) -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
    at.query_params["run"] = trained(service)
    at.query_params["task"] = "moods"
    at = at.switch_page("../pages/prompts/page.py").run()
    assert next(one for one in at.selectbox if one.label == "Task").value == "moods"
    at = pick(at, "Task", "facts")
    assert next(one for one in at.selectbox if one.label == "Task").value == "facts"


def test_how_much_likelier_a_sentence_is() -> None:
    assert times_likelier(2e-80, 1e-79) == "5.0 times"
    assert times_likelier(1e-9, 1e-20) == "100,000,000,000 times"
    assert times_likelier(1e-9, 0.0) == "too much to say"


# How long it takes ---------------------------------------------------------------------------


def test_the_time_left_follows_the_pace_of_the_last_ones() -> None:
    assert asking.seconds_left([10.0, 14.0, 18.0], waiting=5, now=20.0) == 20.0
    assert asking.seconds_left([10.0], waiting=5, now=20.0) is None
    assert asking.seconds_left([10.0, 14.0], waiting=5, now=1000.0) is None  # long ago


def test_only_the_signs_that_stand_in_the_chart_are_explained() -> None:
    """Before, "• others of the task's own list" stood there where no bar had a •."""
    item = Item("Spain", ("Madrid", "Paris"), 0)
    shown_bars = WholeOdds((Likely(" Madrid", 0.5), Likely(" blue", 0.2)), 0.3)
    assert model_answers.marks(shown_bars, item) == "✓ marks the right one."
    other = replace(shown_bars, likely=(Likely(" Madrid", 0.5), Likely(" Paris", 0.2)))
    assert "• others of the task's own list" in model_answers.marks(other, item)


def test_a_model_that_read_less_than_that_of_start_is_said_to_have(
    page: Open, service: Service
) -> None:
    """Before, the shown example failed on a one-minute model without a word about it."""
    base = trained(service)
    run = service.run(base)
    assert "tokens in training, and the model on *Start*" in contrast.trained_less((base, 20))
    enough = recording().last.tokens_seen // run.config.tokens_per_step + 1
    assert contrast.trained_less((base, enough)) == ""
    (box,) = (box for box in page(base).selectbox if box.label == "Held-out question")
    assert item_name(TASKS["facts"].test[box.value]).startswith("Spain")
