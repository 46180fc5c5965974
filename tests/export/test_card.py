"""The model card says what was read, learned and measured, and nothing that was not."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from tinylm.config import ModelConfig, RunConfig, TrainConfig
from tinylm.events import EvalDone
from tinylm.export.base import ExportedRun
from tinylm.export.card import card
from tinylm.questions.exports import Result

CONFIG = RunConfig(corpus="a *text*", train=TrainConfig(steps=40, batch_size=16))
EVALS = [EvalDone(step, 100 * step, 9 - step / 10, 1.0, 3.5, 90) for step in range(0, 41, 2)]


def measured(task: str, k: int, share: float) -> Result:
    return Result(task, k, 50, share, share - 0.1, share + 0.1, 0.25)


def test_the_card_has_settings_curve_results_and_limits() -> None:
    results = [measured("facts", 0, 0.2), measured("facts", 4, 0.8)]
    results.append(structs.replace(results[0], control="shuffled", accuracy=0.7))
    run = ExportedRun(Path("one-run"), 40, [], EVALS, None, "My <b>run</b>\n# second line", results)
    text = card(run, CONFIG, ModelConfig(block_size=96), 1_234, "Load it so.").decode()
    assert "# My \\<b\\>run\\</b\\> \\# second line\n" in text  # a title is no Markdown
    assert (
        "1,234 parameters" in text and "the text *a \\*text\\**" in text and "Load it so." in text
    )
    assert "| Batch size (`batch_size`) | 16 |" in text and "(`block_size`) | 96 |" in text
    assert "(`seed`)" not in text  # as it is by default
    assert "| 0 | 0 | 9.0000 | 3.5000 |" in text and "| 40 | 4,000 | 5.0000 | 3.5000 |" in text
    assert text.count("| 3.5000 |") == 12  # not one line for every validation
    assert "| facts | 0 | 0.200 | 0.100 to 0.300 | 50 | 0.250 |" in text
    assert "| facts | 4 | 0.800 | 0.700 to 0.900 | 50 | 0.250 |" in text
    assert text.count("| facts |") == 2  # without that one, whose examples were spoiled
    assert "It sees 96 tokens at once" in text


def test_what_was_not_measured_is_said_to_be_so() -> None:
    text = card(ExportedRun(Path("one-run"), 0, [], []), CONFIG, CONFIG.model, 9, "").decode()
    assert "Nothing was measured" in text and "## Curve" not in text


def test_a_format_may_add_limits_of_its_own() -> None:
    run, further = ExportedRun(Path("one-run"), 0, [], []), ["It has no eyes.", "It has no ears."]
    plain = card(run, CONFIG, CONFIG.model, 9, "").decode()
    told = card(run, CONFIG, CONFIG.model, 9, "", further_limits=further).decode()
    assert told == f"{plain.rstrip()}\n- It has no eyes.\n- It has no ears.\n"
    assert "\n- It knows its small training text" in told.partition("## Limits")[2]


def test_a_fine_tuning_says_from_what_and_how() -> None:
    tuned = RunConfig(
        corpus="world",
        kind="finetune",
        parent="the-base",
        init="base",
        task="questions",
        num_examples=128,
        method="lora",
    )
    text = card(ExportedRun(Path("one-run"), 9, [], []), tuned, tuned.model, 9, "").decode()
    assert "began as the run `the-base`" in text and "low-rank adapters" in text
    assert "128 examples of the task *questions*" in text
