"""The pages, driven without a browser; a fake engine does all work at once, in this process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fake_engine import ANSWERS, FakeEngine
from tests.ladders import LADDER
from tinylm.errors import CheckpointError
from tinylm.finetuning import finetune_config
from tinylm.memory import Memory
from tinylm.presets import preset_config
from tinylm.questions import Answer, Question
from tinylm.questions.models import LadderOf
from tinylm.questions.words import NextWhole
from tinylm.runs.service import Service
from tinylm.runs.store.rows import RunRow
from ui.frame import duration, file_size, literal
from ui.state import PLACE

ROOT = Path(__file__).parents[2]
PAGES = (
    "start",
    "bet",
    "corpus",
    "tokens",
    "pretrain",
    "inside",
    "why",
    "prompts",
    "finetune",
    "transfer",
    "metrics",
    "limits",
    "real",
    "explain",
    "own_task",
    "runs",
)
IMAGE = "![x](http://example.invalid/x.png)"

Open = Callable[..., AppTest]


@pytest.fixture
def open_page(service: Service) -> Open:
    def opened(page: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
        for name, value in query.items():
            at.query_params[name] = value
        return at.switch_page(f"../pages/{page}/page.py").run()

    return opened


def trained(service: Service, **changes: object) -> str:
    """A finished tiny run; with the fake engine this takes a moment."""
    return service.start(preset_config("tiny", **changes))


def tuned(service: Service, base: str, init: str) -> str:
    return service.start(finetune_config(preset_config("tiny"), base, "questions", 8, init))


def shown(at: AppTest) -> str:
    """All text of a page that is Markdown or plain."""
    parts = [*at.markdown, *at.text, *at.error, *at.info, *at.success, *at.title, *at.subheader]
    return "\n".join(str(part.value) for part in parts)


def click(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def pick(at: AppTest, label: str, value: object) -> AppTest:
    box = next(box for box in [*at.selectbox, *at.radio] if label in box.label)
    return box.set_value(value).run()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_an_empty_home(open_page: Open, page: str) -> None:
    at = open_page(page)
    assert not at.exception
    assert not at.error
    assert at.title[0].value


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_runs(open_page: Open, service: Service, page: str) -> None:
    base = trained(service)
    tuned(service, base, "base")
    at = open_page(page, run=base)
    assert not at.exception
    assert not at.error


@pytest.mark.parametrize("page", ["pretrain", "inside", "prompts", "finetune"])
@pytest.mark.parametrize("run_id", ["no-such-run", "../../etc", IMAGE])
def test_an_unknown_run_gets_one_sentence_and_the_page_goes_on(
    open_page: Open, service: Service, page: str, run_id: str
) -> None:
    trained(service)
    at = open_page(page, run=run_id)
    assert len(at.error) == 1
    assert not at.exception
    assert at.selectbox or at.button_group  # the rest of the page is there
    assert "![" not in at.error[0].value


def test_a_deleted_run_gets_one_sentence(open_page: Open, service: Service) -> None:
    run_id = trained(service)
    service.delete(run_id)
    at = open_page("pretrain", run=run_id)
    assert len(at.error) == 1
    assert click(at, "Start training").query_params["run"] != run_id


@pytest.mark.parametrize("page", PAGES)
def test_a_home_that_cannot_be_used_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINYLM_HOME", str(tmp_path / "file"))
    at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=20).run()
    at.switch_page(f"../pages/{page}/page.py").run()
    assert not at.exception
    assert "TINYLM" in at.error[0].value


def test_a_short_job_that_fails_says_why_and_can_be_asked_again(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = trained(service)
    answer = FakeEngine.answer
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise CheckpointError("The checkpoint is damaged.")

        broken.setattr(FakeEngine, "answer", fail)
        at = open_page("prompts", run=run_id)
        assert [literal("The checkpoint is damaged.")] == [one.value for one in at.error]
    assert FakeEngine.answer is answer
    at = click(at, "Ask again")
    assert not at.error
    assert len(at.table[0].value) == 2


def test_training_starts_and_ends_with_what_comes_next(open_page: Open, service: Service) -> None:
    at = open_page("pretrain")
    at.button_group[0].set_value("tiny").run()
    at = click(at, "Start training")
    assert not at.exception
    (run,) = service.runs()
    assert (run.status, run.config.preset) == ("done", "tiny")
    assert run.id in at.query_params["run"]
    assert "Trained" in at.success[0].value
    assert "It hesitates as among" in shown(at) and not at.metric  # figures for experts are folded
    at.session_state["fold-all"] = True  # as a click on the expander
    assert "Validation loss" in [metric.label for metric in at.run().metric]


def test_the_curve_stands_between_the_models_before_and_the_true_entropy(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(_: FakeEngine, question: Question[Answer], home: Path) -> Answer:
        if isinstance(question, NextWhole):  # of the start page, which is opened first
            return ANSWERS[NextWhole](question)
        asked.append(question)
        return LADDER

    monkeypatch.setattr(FakeEngine, "answer", answer)
    waiting = service.store.create_run(preset_config("tiny"))
    assert "passed" not in shown(open_page("pretrain", run=waiting))
    assert not asked
    run_id = trained(service)
    at = open_page("pretrain", run=run_id)
    at.session_state["fold-all"] = True
    at.run()
    assert not at.exception
    assert "passed the **unigram, bigram and trigram** models" in shown(at)
    assert "nats per token above the best possible" in shown(at)
    assert "The lines as a table" in [one.label for one in at.expander]
    assert open_page("pretrain", run=run_id).expander
    assert asked == [LadderOf(run_id, "world", 400)]
    child = tuned(service, run_id, "base")
    assert "passed" not in shown(open_page("pretrain", run=child))
    assert len(asked) == 1


def test_a_ladder_that_fails_or_waits_leaves_the_page_as_it_is(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CheckpointError("The tokenizer's file is damaged.")

    run_id = trained(service)
    with monkeypatch.context() as broken:
        broken.setattr(FakeEngine, "answer", fail)
        at = open_page("pretrain", run=run_id)
    assert not at.error
    assert "Trained" in at.success[0].value
    other = trained(service)
    with monkeypatch.context() as idle:
        idle.setattr(service, "hand_over", lambda *_: None)
        at = open_page("pretrain", run=other)
    assert not at.error
    assert "Trained" in at.success[0].value


def test_a_setting_out_of_range_is_refused_with_its_limits(
    open_page: Open, service: Service
) -> None:
    at = open_page("pretrain")
    layers = next(n for n in at.number_input if "n_layer" in n.label)
    at = layers.set_value(99).run()
    assert ["between 1 and 12" in error.value for error in at.error] == [True]
    assert next(b for b in at.button if b.label == "Start training").disabled
    assert not at.exception


def test_a_run_that_needs_more_memory_than_there_is_is_refused_before_the_button(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinylm.memory.memory_here", lambda: Memory(8e9, 0.1e9))
    at = open_page("pretrain")
    (said,) = (error.value.replace("\\", "") for error in at.error)
    assert "0.1 GB free of 8.0 GB" in said
    assert next(b for b in at.button if b.label == "Start training").disabled
    at = click(at, "Train on too little text")
    assert "1 GB free" in at.error[-1].value
    assert not service.runs()


def test_an_unknown_corpus_falls_back_with_a_sentence(open_page: Open) -> None:
    at = open_page("pretrain", corpus=IMAGE)
    assert "![" not in at.error[0].value
    assert "A made world" in shown(at)


@pytest.mark.parametrize(
    ("status", "wish", "words", "button"),
    [
        ("queued", "", "waiting for its turn", "Pause"),
        ("paused", "pause", "paused", "Resume"),
        ("stopped", "stop", "stopped", "Resume"),
    ],
)
def test_a_run_at_rest_says_what_it_is_and_what_can_be_done(
    open_page: Open, service: Service, status: str, wish: str, words: str, button: str
) -> None:
    run_id = service.store.create_run(preset_config("tiny"))
    if wish:
        service.store.wish(run_id, wish)
    assert service.run(run_id).status == status
    at = open_page("pretrain", run=run_id)
    assert words in at.get("progress")[0].text
    assert button in [one.label for one in at.button]


def test_pause_and_resume_reach_the_run(open_page: Open, service: Service) -> None:
    run_id = service.store.create_run(preset_config("tiny"))
    at = click(open_page("pretrain", run=run_id), "Pause")
    assert service.run(run_id).status == "paused"
    click(at, "Resume")
    assert service.run(run_id).status == "done"


def test_a_page_is_left_as_soon_as_another_begins(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click may end the drawing of the other page before its last line."""
    at = open_page("pretrain")
    read, places = service.runs, []

    def runs() -> list[RunRow]:
        places.append(st.session_state[PLACE])
        return read()

    monkeypatch.setattr(service, "runs", runs)
    at.switch_page("../pages/runs/page.py").run()
    assert places[-1] != "pretrain"


def test_a_failed_run_shows_its_sentence(open_page: Open, service: Service) -> None:
    run_id = service.store.create_run(preset_config("tiny"))
    claim = service.store.claim_run(run_id, "worker")
    assert claim is not None
    service.store.finish_run(claim, "failed", f"The disk is full {IMAGE}")
    at = open_page("pretrain", run=run_id)
    assert "The disk is full" in at.error[0].value
    assert "![" not in at.error[0].value


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "empty"), ("too short", "2,000"), ("a" * 3000 + "\0", "binary")],
)
def test_a_text_that_cannot_be_used_is_refused_and_nothing_is_lost(
    open_page: Open, service: Service, text: str, words: str
) -> None:
    at = open_page("corpus")
    at = click(at.text_area[0].set_value(text).run(), "Add this text")
    assert words in at.error[0].value.replace("\\", "")
    assert at.text_area[0].value == text
    assert not list(service.home.glob("uploads/*.json"))


def chosen_corpus(at: AppTest) -> str:
    """The key of the one card that is chosen."""
    (key,) = [str(b.key) for b in at.button if str(b.key).startswith("choose-") and b.disabled]
    return key


def test_a_text_of_ones_own_becomes_the_chosen_corpus(open_page: Open, service: Service) -> None:
    at = open_page("corpus")
    name = next(box for box in at.text_input if box.label == "What to call it")
    name.set_value(IMAGE).run()
    text = "\n\n".join(f"Line {n} says something of its own." for n in range(200))
    at = click(at.text_area[0].set_value(text).run(), "Add this text")
    assert not at.exception
    assert not at.error
    assert chosen_corpus(at).startswith("choose-upload-")
    assert "![" not in "".join(str(one.value) for one in at.markdown)
    at = click(at, "Delete the chosen text of mine")
    assert chosen_corpus(at) == "choose-world"


def test_the_documents_of_each_corpus_can_be_read(open_page: Open) -> None:
    at = open_page("corpus")
    for name in ("world", "python", "names"):
        card = at.button(key=f"choose-{name}")
        at = at if card.disabled else card.click().run()
        assert chosen_corpus(at) == f"choose-{name}"
        assert not at.exception
        assert len(at.code) == 3
    assert {metric.label for metric in at.metric} >= {"Training documents", "Different words"}


def test_the_prompt_is_shown_letter_by_letter(open_page: Open, service: Service) -> None:
    at = open_page("prompts", run=trained(service))
    zero = at.code[0].value
    four = at.slider[0].set_value(4).run().code[0].value
    assert zero.count("\n") == 0
    assert four.count("\n") == 4
    assert four.endswith(zero)
    at = click(at, "Another question")
    assert at.code[0].value != four


def test_four_models_answer_side_by_side(open_page: Open, service: Service) -> None:
    base = trained(service)
    tuned(service, base, "base")
    tuned(service, base, "scratch")
    at = open_page("prompts", run=base)
    answers = at.table[0].value
    assert list(answers["model"]) == ["untrained", "base", "fine-tuned", "scratch"]
    at = click(at, "rise")
    at = click(at, "Run the experiment")
    assert not at.exception
    assert "You said *rise*" in shown(at)
    assert "8% without examples, 77% with 8" in shown(at)


def test_a_text_without_tasks_still_has_the_playground(open_page: Open, service: Service) -> None:
    at = open_page("prompts", run=trained(service, corpus="names"))
    assert "no tasks" in at.info[0].value
    at.text_area[0].set_value(IMAGE)
    at = click(at, "Continue it")
    assert at.code[0].value == IMAGE + " and so on."


def test_fine_tuning_compares_base_and_scratch(open_page: Open, service: Service) -> None:
    at = open_page("finetune", run=trained(service))
    at = click(click(at, "the one from the base"), "Fine-tune")
    assert not at.exception
    assert {run.config.init for run in service.runs("finetune")} == {"base", "random"}
    assert "from the base answers 55% right, and the one from scratch 10%" in shown(at)


def test_a_run_is_renamed_and_its_title_stays_plain(open_page: Open, service: Service) -> None:
    run_id = trained(service)
    service.rename(run_id, IMAGE)
    for page in ("runs", "pretrain", "start"):
        at = open_page(page, run=run_id)
        assert "![" not in "".join(str(one.value) for one in at.markdown)
    assert list(open_page("runs").dataframe[0].value["title"]) == [IMAGE]


def test_a_run_is_deleted_after_a_question(open_page: Open, service: Service) -> None:
    run_id = trained(service)
    at = click(open_page("runs", run=run_id), "Delete")
    assert service.runs()
    at = click(at, "Delete for good")
    assert not service.runs()
    assert not at.exception and not at.error


def test_the_start_page_knows_how_far_this_learner_is(open_page: Open, service: Service) -> None:
    assert open_page("start").button[0].label.startswith("Make this yourself")
    base = trained(service)
    open_page("pretrain", run=base)
    assert open_page("start").button[0].label.startswith("Look inside it")
    at = open_page("inside", run=base)
    for view in ("attention", "map", "write"):
        at = at.button_group[0].set_value(view).run()
    click(at, "Next token")
    assert open_page("start").button[0].label.startswith("See why it works")
    tuned(service, base, "base")
    assert "world, a few seconds" in shown(open_page("start"))


def test_text_in_a_sentence_is_shown_as_it_is() -> None:
    assert literal("a*b [c](d)\n<e>") == r"a\*b \[c\]\(d\) \<e\>"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (75, "1 min 15 s"), (120, "2 min"), (3700, "1 h 1 min")]
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("size", "words"), [(12, "12 bytes"), (1.5e6, "1.5 MB"), (2e9, "2.0 GB")])
def test_sizes_in_words(size: float, words: str) -> None:
    assert file_size(int(size)) == words


def test_the_server_never_imports_torch(home: Path) -> None:
    """Every page, run with and without runs in the store, leaves torch out of the process."""
    code = """
import sys
from streamlit.testing.v1 import AppTest
import app
from tinylm.presets import preset_config
from ui.asking import service
for round in range(2):
    at = AppTest.from_file(app.ROOT / "pages" / "main.py", default_timeout=20).run()
    for page in sys.argv[1:]:
        at.switch_page(f"../pages/{page}/page.py").run()
        assert not at.exception, at.exception
    service().store.create_run(preset_config("tiny"))
assert "torch" not in sys.modules, "torch"
"""
    subprocess.run([sys.executable, "-c", code, *PAGES], cwd=ROOT, check=True, timeout=120)


def test_drawing_a_page_anew_loses_no_click_that_waits() -> None:
    def page() -> None:
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx
        from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

        from ui.frame import draw_anew

        if "clicked" not in st.session_state:
            st.session_state.clicked = True
            context = get_script_run_ctx()
            assert context is not None and context.script_requests is not None
            # What a click on a link sends, here told apart by the address it leads to.
            context.script_requests.request_rerun(RerunData(query_string="to=elsewhere"))
            draw_anew()
        context = get_script_run_ctx()
        st.text(context.query_string if context else "")

    assert AppTest.from_function(page).run().text[0].value == "to=elsewhere"


def test_an_action_in_a_part_of_a_page_has_all_of_it_drawn_and_its_error_said(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = trained(service)

    def broken(*_: object, **__: object) -> None:
        raise CheckpointError("The disk is full.")

    at = open_page("prompts", run=base)
    click(at, "rise")
    monkeypatch.setattr("ui.asking.ask_missing", broken)
    click(at, "Run the experiment")
    assert "The disk is full" in shown(at)
    at.run()
    assert "The disk is full" not in shown(at)


def test_what_follows_a_run_is_of_the_same_reading_as_the_run(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = trained(service)
    read, reads = service.run, []

    def still_stopping_at_first(asked: str) -> RunRow:
        reads.append(asked)
        status = "stopping" if len(reads) == 1 else "stopped"
        return replace(read(asked), status=status)

    monkeypatch.setattr(service, "run", still_stopping_at_first)
    assert "Trained. Now find out" in shown(open_page("pretrain", run=run_id))
