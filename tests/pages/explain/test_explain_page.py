"""The last lesson: the answer is kept and checked, statements come back, figures are one's own."""

from __future__ import annotations

import dataclasses
import math
import re
from datetime import date
from html.parser import HTMLParser

import pytest
from streamlit.testing.v1 import AppTest

from pages.explain import LESSON, keys
from pages.explain.checking import ENOUGH, check
from pages.explain.content import points, statements
from pages.explain.figures import figure, measured
from pages.explain.own_answer import LIMIT, highlighted
from pages.explain.sheet import Sheet, commands, parts
from pages.registry import LESSONS
from tests.own_rows import review_rows
from tests.pages.explain.answers import GOOD, HOLES
from tests.pages.pretrain.test_fitting import finished
from tests.pages.test_pages import IMAGE, Open, click, open_page, shown, trained, tuned
from tinylm.config import RunConfig
from tinylm.errors import StorageError
from tinylm.evaluation.tasks.own.rows import check_rows
from tinylm.evaluation.tasks.own.store import delete_task, save_task
from tinylm.evaluation.tasks.own.template import Template
from tinylm.events import EvalDone
from tinylm.finetuning import finetune_config
from tinylm.predictions import EXPLANATION, Prediction, plain, predictions
from tinylm.presets import preset_config
from tinylm.questions.models import Score, TransferPoint
from tinylm.runs.service import Service
from tinylm.runs.store.rows import shown_id

__all__ = ["open_page"]  # a fixture

ANSWER = GOOD["by a pupil"].text
LEARNER = "ada"


@pytest.fixture(autouse=True)
def _the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.state.learner", lambda: LEARNER)


def write(at: AppTest, text: str) -> AppTest:
    return at.text_area[0].set_value(text).run()


def view(at: AppTest, name: str) -> AppTest:
    return at.button_group[0].set_value(name).run()


def labels(at: AppTest) -> list[str]:
    """The points of the checklist; the panel at the foot of every lesson is none."""
    return [one.label for one in at.expander if one.label[0] in "✅☑⬜"]


# The answer -----------------------------------------------------------------------------------


def test_an_answer_is_kept_checked_and_there_again_after_a_reload(
    open_page: Open, service: Service
) -> None:
    at = write(open_page("explain"), ANSWER)
    assert not at.exception and not at.error
    assert service.answers(LEARNER)[EXPLANATION] == ANSWER
    assert f"**{len(points())} of {len(points())}**" in at.get("progress")[0].proto.text  # type: ignore[union-attr]
    assert all(label.startswith("✅") for label in labels(at))
    again = open_page("explain")
    assert again.text_area[0].value == ANSWER
    assert labels(again) == labels(at)


def test_what_is_missing_is_seen_and_what_does_not_count_says_why(open_page: Open) -> None:
    at = write(open_page("explain"), HOLES["everything denied"].text)
    assert all(label.startswith("⬜") for label in labels(at))
    assert "does not count for" in shown(at)
    assert "words and not truth" in shown(at)


def test_before_an_answer_the_areas_are_named_and_no_point(open_page: Open) -> None:
    at = open_page("explain")
    assert not labels(at)
    said = shown(at)
    assert (
        f"{len(points())} points," in said
        and "in 5 areas" in said
        and "**Limits and what follows**" in said
    )
    assert not [point.title for point in points() if point.title in said]
    assert len(labels(write(at, "It guesses."))) == len(points())


def test_a_missed_point_is_ticked_kept_and_never_shown_as_found(
    open_page: Open, service: Service
) -> None:
    at = write(open_page("explain"), HOLES["only the objective"].text)
    assert len(at.checkbox) == len(points()) - 2
    names = [point.name for point in points()]
    for name in ("loss", "limits"):
        at = at.checkbox(key=f"{keys.EXPLAIN_TICK}-{name}").check().run()
    wanted = "**2 of 15** points were found by the rules, and you ticked **2 more**"
    for page in (at, open_page("explain")):
        assert page.get("progress")[0].proto.text == wanted  # type: ignore[union-attr]
        signs = {name: label[0] for name, label in zip(names, labels(page), strict=True)}
        assert {name for name, sign in signs.items() if sign == "☑"} == {"loss", "limits"}
        assert {name for name, sign in signs.items() if sign == "✅"} == {"next-token", "data"}
    text = HOLES["only the objective"].text
    ticked = frozenset({"loss", "limits"})
    sheet = Sheet(text, check(text), [], {}, None, date(2030, 1, 2), ticked).html().decode()
    assert "2 of 15 points" in sheet and "I ticked 2 more myself" in sheet
    assert sheet.count("<td>☑ ") == 2 == sheet.count("<td>✓ ")
    at = at.checkbox(key=f"{keys.EXPLAIN_TICK}-loss").uncheck().run()
    assert service.answers(LEARNER)[keys.TICKED] == ["limits"]
    at = write(at, ANSWER)  # now a rule finds it
    assert "ticked" not in at.get("progress")[0].proto.text  # type: ignore[union-attr]


def test_an_answer_that_is_too_long_is_neither_kept_nor_lost(
    open_page: Open, service: Service
) -> None:
    long = "The model predicts the next token. " * (LIMIT // 30)
    at = write(open_page("explain"), long)
    assert f"{LIMIT:,} can be kept" in at.error[0].value.replace("\\", "")
    assert at.text_area[0].value == long
    assert EXPLANATION not in service.answers(LEARNER)


def test_a_store_that_cannot_be_written_is_a_sentence(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page("explain")

    def full(*_: object) -> None:
        raise StorageError("The disk is full: free some space.")

    monkeypatch.setattr(service, "set_answer", full)
    at = write(at, "The model predicts the next token.")
    assert "The disk is full" in shown(at)
    assert not at.exception
    at = click(view(at, "statements"), "True")
    assert "The disk is full" in shown(at)
    at = click(view(at, "answer"), "I have finished")
    assert "The disk is full" in shown(at)
    assert not at.exception


@pytest.mark.parametrize(
    "text",
    [
        IMAGE,
        "<b>x</b> $a$ :smile: `c` # d",
        "- predict the next token\n    code\n1. http://x.invalid",
    ],
)
def test_markup_in_an_answer_stays_text(open_page: Open, text: str) -> None:
    at = write(open_page("explain"), text)
    assert not at.exception
    assert "![" not in shown(at)
    shown_text = highlighted(text, check(text))
    assert not re.search(r"(?<!\\)[<$`#]|(?<!\\):smile|^    \S|https?:(?!⁠)", shown_text, re.M)


def test_the_green_parts_are_those_that_were_found() -> None:
    text = "Well: it predicts the next token of large texts.\n\nThe end"
    found = parts(text, check(text))
    assert "".join(part.text for part in found) == text
    assert [part.text for part in found if part.found] == [
        "predicts the next ",
        "token",
        " of large",
    ]
    assert [part.numbers for part in found if part.found] == [(), (1,), (4,)]
    assert highlighted(text, check(text)).endswith(" texts\\.\n\nThe end")


# Done -----------------------------------------------------------------------------------------


def test_the_lesson_is_done_with_enough_points_or_when_one_says_so() -> None:
    assert not LESSON.progress({}).complete
    assert LESSON.progress({EXPLANATION: ANSWER}).complete
    assert not LESSON.progress({EXPLANATION: HOLES["only the objective"].text}).complete
    assert LESSON.progress({keys.FINISHED: True}).complete
    assert not LESSON.progress({EXPLANATION: None}).complete
    assert len(points()) > ENOUGH


def test_a_learner_can_say_that_the_lesson_is_finished(open_page: Open, service: Service) -> None:
    at = click(open_page("explain"), "I have finished")
    assert "finished the last lesson" in shown(at)
    assert service.answers(LEARNER)[keys.FINISHED] is True
    # With few lessons done, the ending says what is left instead of staying away.
    assert "You have come to the end" in shown(at) and f"{len(LESSONS) - 1} lessons left" in shown(
        at
    )
    assert "gone the whole way" not in shown(at)


def test_a_lesson_once_done_stays_done_and_says_what_completes_it(
    open_page: Open, service: Service
) -> None:
    at = open_page("explain")
    assert f"With {ENOUGH} points found the lesson is done" in shown(at)
    at = write(write(at, ANSWER), "It guesses.")
    assert LESSON.progress(service.answers(LEARNER)).complete
    assert "finished the last lesson" in shown(at)


# Figures --------------------------------------------------------------------------------------


def test_without_a_run_it_is_said_where_figures_come_from(open_page: Open) -> None:
    at = write(open_page("explain"), ANSWER)
    assert "no figures of your own" in at.info[0].value
    assert "There is none yet" in shown(at)
    links = [one.proto.page for one in at.get("page_link")]  # type: ignore[union-attr]
    assert len(links) > len(points())
    at = view(at, "sheet")
    assert not at.exception
    assert "figures: 0 of 15" in shown(at)


def test_an_own_task_is_named_by_its_title(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = trained(service)
    rows = check_rows(review_rows(60))
    kept = save_task(rows, "classification", Template(), IMAGE, service.home)
    own = service.start(finetune_config(preset_config("tiny"), base, kept.name, 8))
    service.start(finetune_config(preset_config("tiny"), base, kept.name, 8, "scratch"))
    for run in (base, *(one.id for one in service.runs("finetune"))):
        for shots in (0, 8):
            service.ask(Score(run, service.checkpoints(run)[-1], kept.name, shots))
    known = measured(service, service.run(base))
    names = ("few-shot", "same-weights", "fine-tuning", "scores", "limits", "afterwards")
    quoted = [figure(name, known) for name in names]
    assert all(f"“{IMAGE}”" in one and kept.name not in one for one in quoted)
    monkeypatch.setattr("pages.explain.ending.newest_fit", lambda *_: (service.run(base), "so"))
    at = click(open_page("explain", run=own), "I have finished")
    assert not at.exception and "![" not in shown(at) and "you have shown this" in shown(at)
    delete_task(kept.name, service.home)
    known = measured(service, service.run(base))
    assert all("a task that was deleted" in figure(name, known) for name in names)


def test_every_figure_is_read_from_the_run(open_page: Open, service: Service) -> None:
    base = trained(service)
    scratch = tuned(service, base, "scratch")
    from_base = tuned(service, base, "base")
    step = service.checkpoints(base)[-1]
    for task, shots in (("facts", (0, 8)), ("to_lorvenish", (4,))):
        for k in shots:
            service.ask(Score(base, step, task, k))
    service.ask(Score(base, step, "facts", 8, control="shuffled"))
    service.ask(Score(base, step, "facts", 8, group="countries.capital"))
    for run_id in (scratch, from_base):
        service.ask(Score(run_id, service.checkpoints(run_id)[-1], "questions", 0))
    known = measured(service, service.run(base))
    said = {point.name: figure(point.name, known) for point in points()}
    assert "8% (95 %: 1% to 15%) right without an example and 77%" in said["few-shot"]
    assert "From 13 to 123 right answers of 160" in said["same-weights"]
    assert (
        f"55% (95 %: 48% to 62%) right from your run {shown_id(base)}, 10%" in said["fine-tuning"]
    )
    assert "accuracy 77%" in said["scores"] and "BLEU 79" in said["scores"]
    assert "37 of 160 answers were wrong" in said["limits"]
    assert "After 8 labels of “questions”" in said["afterwards"]
    assert "went from 512 to" in said["perplexity"]
    assert "60 steps" in said["gradient"]
    assert [name for name, one in said.items() if not one] == ["knowledge"]  # no probes were made
    other = measured(service, service.run(base), "somebody else")
    quoted = [figure(point.name, other) for point in points()]
    assert not [one for one in quoted if "your " in one.lower()]
    run, read = service.run(base), figure("data", other)
    assert (
        f"The run {shown_id(base)} was given" in read
        and f"It read {run.tokens_seen:,} tokens" in read
    )


def test_a_run_that_was_best_before_its_end_keeps_its_figures(service: Service) -> None:
    """Before, only scores of the last step were read, and the lessons measure at the best one."""
    run = finished(service, 4.0, 3.0, 3.5, 3.9, steps=80)
    best = service.best_step(run)
    assert best == 40
    service.ask(Score(run, best, "facts", 8))
    service.ask(TransferPoint(run, best, "questions", "base", 8, 1))
    known = measured(service, service.run(run))
    assert known.scores and known.transfer
    assert "accuracy 77%" in figure("scores", known)


def test_a_last_look_at_more_text_is_not_learning_by_heart(service: Service) -> None:
    """Before, 2 % between two looks at different texts counted."""
    known = measured(service, service.run(trained(service)))

    def said(*losses: float, last: float) -> str:
        evals = [
            EvalDone(10 * i, 0, loss, math.exp(loss), 1.0, 90) for i, loss in enumerate(losses)
        ]
        end = EvalDone(90, 0, last, math.exp(last), 1.0, 900)
        told = dataclasses.replace(known.told, evals=[*evals, end])
        return figure("perplexity", dataclasses.replace(known, told=told))

    assert said(4.0, 2.0, last=2.1).endswith("on 90 tokens at first and on 900 at the end.")
    risen = said(4.0, 2.0, 2.5, last=2.0)
    assert "rose from 7.4 at step 10 to 12.2 at step 20: in between the model learned" in risen


def test_the_labels_saved_come_from_the_experiment(open_page: Open, service: Service) -> None:
    base = trained(service)
    click(open_page("transfer", run=base), "Run the experiment")
    known = measured(service, service.run(base))
    assert "The base with 128 labels reaches 70%" in figure("fine-tuning", known)


def test_figures_of_changed_code_are_left_out(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = trained(service)
    service.ask(Score(base, service.checkpoints(base)[-1], "facts", 0))
    assert measured(service, service.run(base)).scores
    monkeypatch.setattr("tinylm.questions.base.code_version", lambda: "another")
    assert not measured(service, service.run(base)).scores


def test_the_run_at_first_is_the_learners_best_on_the_made_world(
    open_page: Open, service: Service
) -> None:
    best = trained(service)
    trained(service, corpus="names")
    service.store.create_run(preset_config("tiny"))
    at = write(open_page("explain"), ANSWER)
    assert at.selectbox[0].value == best


# Statements -----------------------------------------------------------------------------------


def test_a_statement_is_judged_at_once_and_comes_back_when_it_was_missed(
    open_page: Open, service: Service
) -> None:
    first, second = statements()[:2]
    at = view(open_page("explain"), "statements")
    assert first.says in shown(at)
    at = click(at, str(not first.true))
    assert first.because in shown(at)
    assert "comes back in 10 min" in shown(at)
    at = click(at, "Next statement")
    assert second.says in shown(at)
    at = click(at, str(second.true))
    assert "comes back in 1 day" in shown(at)
    kept = service.answers(LEARNER)[keys.STATEMENTS_KEPT]
    assert isinstance(kept, dict)
    assert {name: box for name, (box, _) in kept.items()} == {first.name: 0, second.name: 1}


def test_when_all_are_judged_it_is_said_when_to_come_back(open_page: Open) -> None:
    at = view(open_page("explain"), "statements")
    for one in statements():
        at = click(click(at, str(one.true)), "Next statement")
    assert "comes back in 1 day" in at.success[0].value
    assert "Next statement" not in [button.label for button in at.button]


# The sheet ------------------------------------------------------------------------------------


def test_the_file_is_saved_and_no_page_of_the_server(open_page: Open) -> None:
    (button,) = view(open_page("explain"), "sheet").get("download_button")
    assert button.proto.url.endswith(".bin")  # type: ignore[union-attr]


class Tags(HTMLParser):
    """The tags of a file, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def made(service: Service, answer: str, said: list[Prediction]) -> str:
    runs = service.runs("pretrain")
    known = measured(service, runs[0]) if runs else None
    sheet = Sheet(answer, check(answer), said, {}, known, date(2030, 1, 2))
    return sheet.html().decode("utf-8")


def test_the_sheet_holds_answer_figures_predictions_and_how_to_repeat_them(
    open_page: Open, service: Service
) -> None:
    at = open_page("pretrain")
    at.session_state["drawn_curve"] = [40, 30, 20, 10, 10]  # as if it had been drawn
    at.button_group[0].set_value("tiny").run()
    click(at, "Start training")
    said = predictions(service.answers(LEARNER))
    assert [(one.guess, "512" in one.measured) for one in said] == [("40", True), ("2.5", False)]
    (run,) = service.runs()
    text = made(service, ANSWER, said)
    for wanted in (
        "guess the next word",
        "15 of 15 points",
        "Before its first step: among how many pieces of words does it hesitate?",
        "among 512 pieces",
        "02 January 2030",
        "--preset tiny --seed 1",
        f"Run {shown_id(run.id)}, ",
        "eval RUN --loss",
    ):
        assert wanted in text
    assert run.id not in text


@pytest.mark.parametrize(
    "text", ["", IMAGE, "<script>alert(1)</script><img src=x onerror=y>", "\ud800"]
)
def test_the_sheet_needs_nothing_else_and_runs_nothing(service: Service, text: str) -> None:
    trained(service)
    service.rename(service.runs()[0].id, "<script>alert(2)</script>")
    found = Tags(made(service, text, [Prediction(text or "?", "<i>", f"**{text}**")])).tags
    names = {tag for tag, _ in found}
    assert not names & {"script", "link", "img", "iframe", "object", "a", "i"}
    given = {name for _, attributes in found for name in attributes}
    assert given <= {"lang", "charset", "name", "content", "http-equiv", "class", "style"}


def test_the_sheet_opens_with_nothing_done(service: Service) -> None:
    text = made(service, "", [])
    assert "There is no answer yet" in text
    assert "0 of 15 points" in text


def test_what_differs_from_the_preset_stands_in_the_command() -> None:
    config = preset_config("quick", corpus="my text", n_layer=3, seed=7, steps=50)
    (train, *_) = commands(config)
    assert train == (
        "python -m tinylm train --corpus 'my text' --preset quick --seed 7 --set n_layer=3 "
        "--set steps=50"
    )
    (train, *_) = commands(RunConfig())
    assert "--preset quick" in train and "--set steps=1000" in train


def test_our_own_markdown_becomes_plain_text() -> None:
    assert plain(r"always “a\*b” **77%** of *all* \[x\]") == "always “a*b” 77% of all [x]"


# Predictions ----------------------------------------------------------------------------------


def test_all_predictions_are_summed_up_with_their_verdicts(
    open_page: Open, service: Service
) -> None:
    at = view(open_page("explain"), "predictions")
    assert "predicted nothing yet" in at.info[0].value
    kept = {"options": ("fall", "rise"), "ordered": True, "unit": "", "place": 1}
    kept |= {"question": "Loss?", "guess": "rise", "measured": "7 to 2.", "verdict": "right"}
    service.set_answer(LEARNER, "predicted: loss", kept)
    wrong = kept | {"question": "Words?", "place": 2, "verdict": "not quite", "guess": 40.0}
    service.set_answer(LEARNER, "predicted: words of run-1", wrong)
    service.set_answer(LEARNER, "asked: old", "An old one?")
    service.set_answer(LEARNER, "old", "yes")
    at = at.run()
    assert not at.exception and not at.error
    said = shown(at)
    assert "3 predictions, 2 of them judged: 1 right." in said
    order = [said.index(one) for one in ("An old one?", "Loss?", "Words?")]
    assert order == sorted(order)
    assert "✗ not quite" in said and "You said *40*. 7 to 2." in said
    text = made(service, "", predictions(service.answers(LEARNER)))
    assert "2 of them judged: 1 right." in text and "✗ not quite" in text
