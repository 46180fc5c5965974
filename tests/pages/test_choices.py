"""What a person chose wins over an address; what an address no longer names is said."""

from __future__ import annotations

import pytest

from pages.finetune.tuning import tuning_title
from pages.inside.charts import logit_lens
from pages.pretrain.energy import energy_in_words
from tests.ladders import LADDER
from tests.pages.test_pages import Open, click, open_page, shown, trained
from tinylm.config import SETTINGS
from tinylm.evaluation.tasks import task
from tinylm.events import EvalDone
from tinylm.finetuning import finetune_config
from tinylm.predictions import WORD_JOINER
from tinylm.presets import preset_config
from tinylm.questions.models import Likely
from tinylm.runs.service import Service
from ui.charts.ladder import standing
from ui.frame import literal

__all__ = ["open_page"]  # the fixture


@pytest.mark.parametrize("address", ["names", "no-such-corpus"])
def test_a_card_wins_over_the_corpus_of_the_address(open_page: Open, address: str) -> None:
    at = open_page("corpus", corpus=address)
    at.button(key="choose-python").click().run()
    assert at.button(key="choose-python").disabled
    assert at.button(key="choose-python").label == "✓ Chosen"
    assert not at.error
    assert at.query_params["corpus"] == "python"


@pytest.mark.parametrize("page", ["tokens", "pretrain"])
def test_a_corpus_that_is_gone_is_said_once_and_the_page_goes_on(
    open_page: Open, page: str
) -> None:
    at = open_page(page, corpus="no-such-corpus")
    assert len(at.error) == 1
    assert "choose another" in [link.proto.label for link in at.get("page_link")]
    assert not at.run().error


def test_a_corpus_that_is_gone_does_not_stop_training_again(
    open_page: Open, service: Service
) -> None:
    run = trained(service)
    at = open_page("pretrain", run=run)
    at.session_state["current_corpus"] = "text-no-such"
    at.run()
    assert not at.error
    assert "Train with this change" in [button.label for button in at.button]


def test_limits_are_written_for_people() -> None:
    assert SETTINGS["seed"].limits == "0 to 2,147,483,648"
    assert SETTINGS["learning_rate"].limits == "1e-06 to 0.1"


def test_one_core_is_one_core() -> None:
    assert "× 1 core ×" in energy_in_words(60.0, 1, 10.0, 0.3)
    assert "× 2 cores ×" in energy_in_words(60.0, 2, 10.0, 0.3)


def test_an_address_in_a_text_of_somebody_is_no_link() -> None:
    for text in ("http://a.invalid/x", "www.a.invalid", "HTTPS://a.invalid", "a@b.invalid"):
        assert WORD_JOINER in literal(text)
        assert WORD_JOINER not in literal(text, links=True)
    assert WORD_JOINER not in literal("The capital of France")


@pytest.mark.parametrize("sign", ["->", "<-", "<->", "--", ">=", "<=", "~="])
def test_no_sign_of_a_text_is_drawn_as_another_one(sign: str) -> None:
    shown = literal(f"Germany {sign}").replace("\\", "")
    assert shown.replace(WORD_JOINER, "") == f"Germany {sign}"
    assert sign not in shown


def test_a_corpus_stays_in_the_address_for_a_reload(open_page: Open) -> None:
    at = open_page("corpus")
    assert "corpus" not in at.query_params
    at.button(key="choose-names").click().run()
    at.query_params.clear()
    at.switch_page("../pages/pretrain/page.py").run()
    assert at.query_params["corpus"] == "names"
    at.switch_page("../pages/corpus/page.py").run()
    at.button(key="choose-world").click().run()
    assert "corpus" not in at.query_params


def test_a_run_with_another_setting_says_so_in_its_title(open_page: Open, service: Service) -> None:
    at = open_page("pretrain")
    click(at, "Train on too little text")
    (run,) = service.runs()
    assert run.title == "world, over-fitting: only 200 documents"


def test_over_fitting_is_told_as_passed_and_lost_again() -> None:
    losses = (7.0, 3.0, 6.0)  # the unigram's is 5.00
    said = standing(
        LADDER, [EvalDone(n, 64 * n, loss, 2.0, 1.0, 900) for n, loss in enumerate(losses)]
    )
    assert "still has to pass the unigram" in said
    assert "It had passed the **unigram** model, with a loss of 3.00 at its best" in said
    assert "It had passed" not in standing(LADDER, [EvalDone(0, 0, 7.0, 2.0, 1.0, 900)])


def test_fine_tunings_of_two_methods_have_two_titles() -> None:
    base = preset_config("tiny")
    full = finetune_config(base, "base-1", "questions", 8)
    lora = finetune_config(base, "base-1", "questions", 8, method="lora", replay=0.1)
    assert tuning_title(full, task("world", "questions")) == ""
    assert (
        tuning_title(lora, task("world", "questions"))
        == "questions, 8 examples, from base: LoRA, rank 8, replay 10%"
    )


def test_words_of_the_logit_lens_take_the_colour_of_the_page() -> None:
    cell = Likely(" Paris", 0.5)
    shades, words = logit_lens(["", "The", " capital"], [[cell] * 3] * 4)["data"]
    assert len(shades["z"]) == 3 and len(shades["z"][0]) == 4  # a row a position
    assert len(words["text"]) == 12
    assert "color" not in words["textfont"] and "texttemplate" not in shades


def test_a_second_click_on_delete_is_no_error(open_page: Open, service: Service) -> None:
    run_id = trained(service)
    trained(service)
    at = click(open_page("runs", run=run_id), "Delete")
    service.delete(run_id)  # the first click, as the server saw it
    at = click(at, "Delete for good")
    assert not at.error and not at.exception
    assert "Its model, checkpoints and curve" not in shown(at)
