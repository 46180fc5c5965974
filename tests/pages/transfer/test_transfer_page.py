"""The pages transfer and fine-tune: the experiment live, labels saved, methods and their price."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pandas import DataFrame
from streamlit.testing.v1 import AppTest

from pages.finetune import forgetting, scores, tuning
from pages.finetune.forgetting import LOSS, Cell
from pages.transfer import result as transfer
from pages.transfer.judged import guesses, right_guess
from tests import measurements
from tests.pages.test_pages import ROOT, click, pick, shown, trained
from tinylm.evaluation.tasks import tasks_for
from tinylm.events import StepDone
from tinylm.experiments.transfer import Point, questions
from tinylm.finetuning import finetune_config
from tinylm.presets import preset_config
from tinylm.questions import Answer
from tinylm.questions.models import CorpusLoss, Measurement, TransferPoint
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow

Open = Callable[..., AppTest]

FIRST = Point("tenth", 0, 1)  # trains the shorter base


@pytest.fixture
def page(service: Service) -> Open:
    def opened(name: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
        for key, value in query.items():
            at.query_params[key] = value
        return at.switch_page(f"../pages/{name}/page.py").run()

    return opened


def points(service: Service, base: str) -> dict[Point, TransferPoint]:
    """Questions of the usual experiment on this base, as the page writes them."""
    return questions(base, service.checkpoints(base)[-1])


def saved(at: AppTest) -> list[DataFrame]:
    """The table of labels saved, beside which stands that of the answers to an example."""
    return [one.value for one in at.table if "labels of the base" in one.value]


# The transfer page ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["transfer", "finetune"])
def test_the_pages_open_with_nothing_trained_and_with_text_without_tasks(
    page: Open, service: Service, name: str
) -> None:
    at = page(name)
    assert not at.exception
    assert "no trained model" in at.info[0].value
    at = page(name, run=trained(service, corpus="names"))
    assert not at.exception
    assert "without known answers" in at.info[0].value


def test_the_experiment_is_predicted_run_and_explained(page: Open, service: Service) -> None:
    at = page("transfer", run=trained(service))
    assert not saved(at)
    at = click(at, "2 to 4 times as many")
    at = click(at, "Run the experiment")
    assert not at.exception
    assert not at.error
    text = shown(at)
    assert "**Not quite.** You said *2 to 4 times as many*." in text
    # By the fake engine the base gets 0.1 and scratch 0.01 more for every doubling.
    assert "reaches 70%; scratch needs more than 4 times as many: even 512 are not enough" in text
    assert "the *amount* counts" in text
    table = saved(at)[0]
    assert list(table["labels of the base"]) == ["0", "8", "32", "128", "512"]
    assert table["scratch needs"].iloc[-1] == "more than 512"
    assert table["scratch needs"].iloc[0] == "0"
    assert "Run the experiment" not in [button.label for button in at.button]


def test_every_guess_can_be_judged_by_what_the_experiment_tries() -> None:
    needs = (0, 128, 255, 256, 512, None)
    about, between, beyond = guesses(512)
    assert [right_guess(one, 512) for one in needs] == [about] * 3 + [between] * 2 + [beyond]
    few = guesses(128)
    assert [right_guess(one, 128) for one in (8, 128, None)] == [few[0], few[0], few[1]]


def test_what_waits_can_be_stopped_and_gone_on_with(page: Open, service: Service) -> None:
    base = trained(service)
    asked = points(service, base)
    service.store.request(list(asked.values()))  # announced to nobody: it waits
    done = [FIRST, Point("base", 0, 1), Point("scratch", 0, 1)]
    for point in done:
        job = service.known(asked[point])
        assert job is not None
        service.hand_over(job.id)
    at = page("transfer", run=base)
    assert not at.exception
    assert "Predict above" in "".join(one.value for one in at.info)  # the chart would tell
    at = click(at, "Show me without guessing")
    assert not saved(at)  # nothing is concluded while points come in
    assert "3 of 45 measured" in at.get("progress")[0].proto.text  # type: ignore[union-attr]
    stop = next(button for button in at.button if button.label == "Stop waiting")
    at = stop.click().run().run()
    assert len(service.known_all(asked)) == len(done)  # what is measured stays
    assert not saved(at)  # before, a part of the labels tried was concluded from, and kept
    at = click(at, "Go on")
    assert saved(at)
    assert len(service.known_all(asked)) == 45
    assert all(job.status == "done" for job in service.known_all(asked).values())


def test_a_reload_goes_on_with_the_points_that_were_chosen(page: Open, service: Service) -> None:
    base = trained(service)
    at = page("transfer", run=base)
    sizes = next(group for group in at.button_group if "Numbers" in group.label)
    at = click(sizes.set_value([0, 16]).run(), "Run the experiment")
    again = page("transfer", run=base)
    assert list(saved(again)[0]["labels of the base"]) == ["0", "16"]


def test_a_base_in_training_is_waited_for(page: Open, service: Service) -> None:
    base = service.store.create_run(preset_config("tiny"))
    claim = service.store.claim_run(base, "worker")
    assert claim is not None
    service.store.add_events(base, [StepDone(1, 256, 6.0, 1e-3, 1.0, 9000.0)], claim)
    at = page("transfer", run=base)
    assert not at.exception
    assert "still being trained" in at.info[0].value
    assert not at.button


def test_the_chart_has_a_dot_a_seed_a_line_of_means_and_a_band() -> None:
    results = {
        Point("base", labels, seed): measurements.tuned(labels / 40 + seed / 100)
        for labels in (0, 8)
        for seed in (1, 2, 3)
    }
    figure = transfer.transfer_figure(results, [0, 8, 32])
    band, dots, means = figure["data"]
    assert means["y"] == pytest.approx([0.02, 0.22])
    assert means["x"] == [0, transfer.place(8)]
    assert len(dots["y"]) == 6
    assert band["y"] == pytest.approx([0.03, 0.23, 0.21, 0.01])  # there and back
    assert figure["layout"]["xaxis"]["ticktext"] == ["0", "8", "32"]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low == 0
    assert 0.23 <= high < 1
    assert "base, 8 labels: 22%, seeds 21% to 23%" in transfer.describe(results)
    assert transfer.transfer_figure({}, [0, 8])["data"] == []


def test_time_left_weighs_points_by_their_updates() -> None:
    costs = {0: 40, 8: 80}
    order = [FIRST, Point("base", 0, 1), Point("base", 8, 1), Point("scratch", 8, 1)]
    first = {FIRST: measurements.tuned(0.5, seconds=60.0)}
    assert transfer.seconds_left(order, first, costs, 1) is None  # it trained the shorter base
    results = first | {Point("base", 0, 1): measurements.tuned(0.5, seconds=4.0)}
    assert transfer.seconds_left(order, results, costs, 1) == pytest.approx(2 * 8.0)
    assert transfer.seconds_left(order, results, costs, 2) == pytest.approx(8.0)


def measured(**curves: dict[int, float]) -> transfer.Results:
    """Accuracies of two seeds, a hundredth apart, by number of labels and start."""
    return {
        Point(init, labels, seed): measurements.tuned(accuracy + seed / 100)
        for init, curve in curves.items()
        for labels, accuracy in curve.items()
        for seed in (1, 2)
    }


def test_why_it_came_out_so_follows_from_what_came_out() -> None:
    base = {0: 0.0, 8: 0.2}
    never = measured(base=base, scratch={0: 0.0, 8: 0.1, 32: 0.1})
    assert "never read" in transfer.explanation(never, 8)
    late = measured(base=base, scratch={0: 0.0, 8: 0.1, 32: 0.2})
    assert "saved about 24 labels" in transfer.explanation(late, 8)
    better = measured(base=base, scratch={0: 0.0, 8: 0.4})
    assert "saved no labels" in transfer.explanation(better, 8)
    assert transfer.explanation(better, 128) == ""


def test_where_the_bands_of_the_seeds_meet_nothing_is_concluded() -> None:
    close = measured(base={0: 0.0, 8: 0.2}, scratch={0: 0.0, 8: 0.195}, tenth={0: 0.0, 8: 0.195})
    assert "may be chance" in transfer.explanation(close, 8)
    assert "may be chance" in transfer.shorter_base(close, 8)
    apart = measured(base={8: 0.2}, tenth={8: 0.1})
    assert "the *amount* counts" in transfer.shorter_base(apart, 8)


# Fine-tuning ---------------------------------------------------------------------------------


def test_what_is_chosen_between_two_sentences_cannot_be_fine_tuned_on(
    page: Open, service: Service
) -> None:
    at = page("finetune", run=trained(service))
    tasks = next(box for box in at.selectbox if box.label == "Task")
    ranked = [task.title for task in tasks_for("world") if task.decide == "ranked"]
    assert ranked
    assert not set(ranked) & set(tasks.options)
    assert "Questions" in tasks.options


def test_lora_and_replay_reach_the_run_from_the_base_alone(page: Open, service: Service) -> None:
    at = page("finetune", run=trained(service))
    at = pick(at, "What learns", "lora")
    at = pick(at, "Which matrices", "attention")
    replay = next(group for group in at.button_group if "Replay" in group.label)
    at = click(replay.set_value(0.25).run(), "Fine-tune")
    assert not at.exception
    assert not at.error
    configs = {run.config.init: run.config for run in service.runs("finetune")}
    chosen = ("method", "lora_rank", "lora_matrices", "replay")
    assert [getattr(configs["base"], name) for name in chosen] == ["lora", 8, "attention", 0.25]
    assert (configs["random"].method, configs["random"].replay) == ("full", 0)
    assert "LoRA, rank 8, attention, replay 25%" in "".join(one.value for one in at.subheader)


def test_the_price_is_measured_on_all_tasks_before_and_after(page: Open, service: Service) -> None:
    base = trained(service)
    at = click(page("finetune", run=base), "Fine-tune")
    assert "Measure all tasks, before and after" not in [one.label for one in at.button]
    assert "Predict above" in at.info[0].value
    at = click(at, "the one from scratch")
    assert "Of 160 held-out items" in shown(at) and "You said *the one from scratch*" in shown(at)
    at = click(at, "Measure all tasks, before and after")
    assert not at.exception
    table, others = (one.value for one in at.table[1:3])
    assert list(table.columns[2:]) == ["base", "full"]
    losses = table[table["measured by"] == "nats per token"].iloc[0]
    assert (losses["base"], losses["full"]) == ("1.000", "2.000 (+1.000)")
    titles = set(table[""])
    assert len(titles) == 2  # the text, and the task that it was tuned for
    assert titles | set(others[""]) == {
        forgetting.TEXT,
        *(task.title for task in tasks_for("world")),
    }
    grammar = others[others[""] == "Grammatical pairs"]
    assert list(grammar["measured by"]) == ["Accuracy, k\u00a0=\u00a00, n\u00a0=\u00a0160"]
    assert "went from 1.00 to 2.00" in shown(at)
    assert "With *LoRA* the weights stay" in shown(at) and "With *replay*" in shown(at)
    assert "- **Grammatical pairs**:" in shown(at)  # no task is named without what it asks


def test_a_change_is_bold_only_where_the_intervals_do_not_meet() -> None:
    def score(accuracy: float, width: float) -> Measurement:
        return measurements.measured(accuracy, accuracy - width, accuracy + width)

    task = next(task for task in tasks_for("world") if task.name == "facts")
    rows = {
        Cell("base", "facts", 0): score(0.5, 0.1),
        Cell("full", "facts", 0): score(0.38, 0.1),
        Cell("base", "facts", 4): score(0.5, 0.1),
        Cell("full", "facts", 4): score(0.2, 0.1),
    }
    texts = [row["full"] for row in forgetting.table(rows, ["base", "full"], [task])]
    assert texts[-2:] == ["38% (-12)", "**20% (-30)**"]
    assert texts[0] == "…"  # not measured yet


def loss(nats: float) -> CorpusLoss:
    return CorpusLoss(nats, perplexity=1.0, bits_per_byte=nats / 2, tokens=900, bytes=2880)


def test_what_a_method_saved_is_said_beside_full() -> None:
    task = tasks_for("world")[0]
    rows: dict[Cell, Answer] = {
        Cell(name, LOSS): loss(nats)
        for name, nats in {"base": 1.0, "full": 2.0, "LoRA, rank 8": 1.25}.items()
    }
    said = forgetting.in_words(rows, ["base", "full", "LoRA, rank 8"], task)
    assert "went from 1.00 to 2.00" in said
    assert "With **LoRA, rank 8** it went to 1.25: 75% of that rise is saved." in said
    rows[Cell("LoRA, rank 8", LOSS)] = loss(2.5)
    said = forgetting.in_words(rows, ["base", "full", "LoRA, rank 8"], task)
    assert "50% **more** forgotten than with all weights" in said
    rows[Cell("LoRA, rank 8", LOSS)] = loss(2.01)
    said = forgetting.in_words(rows, ["base", "full", "LoRA, rank 8"], task)
    assert "about as much" in said
    assert "Nothing was forgotten" in forgetting.in_words(
        {Cell("base", LOSS): loss(1.0), Cell("full", LOSS): loss(0.9)},
        ["base", "full"],
        task,
    )


def test_what_is_said_about_base_and_scratch_follows_from_their_intervals() -> None:
    low, middle, high = (
        measurements.measured(n / 10 + 0.05, n / 10, n / 10 + 0.15) for n in (1, 2, 4)
    )
    assert "only reading" in scores.why_labels(high, low)
    assert "in the way" in scores.why_labels(low, high)
    assert "chance" in scores.why_labels(middle, low)
    assert "chance" in scores.why_labels(low, middle)


def test_the_newest_finished_run_of_each_method_is_compared(service: Service) -> None:
    base = trained(service)

    def run(**changes: object) -> RunRow:
        config = finetune_config(preset_config("tiny"), base, "facts", 8, "base", **changes)
        return service.run(service.start(config))

    older, lora, full = run(), run(method="lora"), run()
    run(replay=0.5)
    service.start(finetune_config(preset_config("tiny"), base, "facts", 8, "scratch"))
    runs = service.runs("finetune")
    found = tuning.methods_of(runs, 8)
    assert list(found) == ["full", "LoRA, rank 8", "full, replay 50%"]
    assert (found["full"].id, found["LoRA, rank 8"].id) == (full.id, lora.id)
    assert older.id not in [one.id for one in found.values()]
    assert tuning.methods_of(runs, 32) == {}
