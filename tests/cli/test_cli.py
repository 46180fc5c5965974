"""The terminal: JSON lines, exit status, and one line of advice for every mistake."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tinylm.answers import models
from tinylm.cli.main import main
from tinylm.evaluation.tasks import tasks_for
from tinylm.runs.service import Service

TRAIN = ("train", "--preset", "tiny", "--steps", "4", "--set", "threads=1")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a tiny run, which tests copy."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYLM_HOME", str(home))
        assert main(list(TRAIN)) == 0
    return home


@pytest.fixture
def trained(trained_once: Path, home: Path) -> str:
    """The id of a tiny run in the home."""
    shutil.copytree(trained_once, home, dirs_exist_ok=True)
    service = Service(home)
    (run,) = service.runs()
    service.close()
    return run.id


def test_train_prints_events_and_last_the_result(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TRAIN, "--seed", "3", "--json"]) == 0
    printed = lines(capsys)
    assert [p["type"] for p in printed].count("step") == 4
    result = printed[-1]
    assert (result["type"], result["status"], result["steps"]) == ("result", "done", 4)
    assert result["config"]["train"]["seed"] == 3
    evals = [p for p in printed if p["type"] == "eval"]
    assert result["val/loss"] == evals[-1]["loss"]


def test_people_read_of_the_progress_on_standard_error(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(TRAIN)) == 0
    output = capsys.readouterr()
    assert "bits per byte" in output.err
    assert "python -m tinylm generate world-tiny-" in output.out


def test_eval_gives_the_loss_on_the_text_of_pre_training(
    trained: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "FINAL_VALIDATION_TOKENS", 4_000)
    assert main(["eval", trained, "--loss", "--json"]) == 0
    (result,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert result["scores"] == []
    assert result["val/perplexity"] == pytest.approx(math.exp(result["val/loss"]))
    assert result["val/bits_per_byte"] > 0 and result["val/tokens"] > 1000
    assert main(["eval", trained, "--loss"]) == 0
    said = capsys.readouterr().out
    assert f"val/loss {result['val/loss']:.4f}" in said
    assert f"val/tokens {result['val/tokens']:,}" in said


def test_eval_scores_every_task_and_number_of_examples(
    trained: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", trained, "--num-fewshot", "0,2", "--limit", "2", "--json"]) == 0
    printed = lines(capsys)
    measured = [(p["task"], p["num_fewshot"]) for p in printed[:-1]]
    assert measured[:4] == [("facts", 0), ("facts", 2), ("questions", 0), ("questions", 2)]
    assert measured[-1] == ("grammar", 0)  # which has no examples
    assert len(measured) == sum(2 if one.max_fewshot >= 2 else 1 for one in tasks_for("world"))
    assert printed[-1]["type"] == "result"
    assert all(s["n"] == 2 for s in printed[-1]["scores"])


def test_few_items_are_said_to_be_few(trained: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", trained, "--task", "facts", "--num-fewshot", "1", "--limit", "10"]) == 0
    assert "the interval is wide" in capsys.readouterr().out


def test_finetune_from_a_run_and_from_scratch(
    trained: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for start in (trained, "scratch"):
        command = ["finetune", start, "--task", "questions", "--examples", "8", "--steps", "2"]
        assert main([*command, "--set", "threads=1", "--json"]) == 0
        result = lines(capsys)[-1]
        assert result["config"]["parent"] == trained
        assert result["config"]["init"] == ("random" if start == "scratch" else "base")


def test_finetune_with_adapters_and_replay(
    trained: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["finetune", trained, "--task", "questions", "--examples", "8", "--steps", "2"]
    command += ["--method", "lora", "--lora-rank", "2", "--lora-matrices", "mlp"]
    assert main([*command, "--replay", "0.5", "--set", "threads=1"]) == 0
    told = capsys.readouterr().err
    learning = next(line for line in told.splitlines() if "of them learn" in line)
    every, some = (int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", learning)[:2])
    assert 0 < some < every / 10
    assert "Reading the pre-training text again" in told


def test_finetune_by_rewards_tells_rewards_and_no_loss_of_updates(
    trained: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["finetune", trained, "--task", "questions", "--examples", "20", "--steps", "10"]
    command += ["--method", "reward", "--set", "num_generations=2", "--set", "batch_size=2"]
    assert main([*command, "--set", "threads=1"]) == 0
    told = capsys.readouterr().err
    assert "train/reward 0.000, mean of 10 updates" in told and "train/loss" not in told
    assert main([*command, "--replay", "0.5"]) != 0
    assert "Replay stands between updates" in capsys.readouterr().err
    assert main([*command[:-6], "--set", "temperature=0.5"]) != 0
    assert "temperature would change nothing here" in capsys.readouterr().err


def test_generate_repeats_with_its_seed(trained: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["generate", trained, "--prompt", "The", "--num-tokens", "5", "--json"]
    assert main(command) == main(command) == 0
    first, second = lines(capsys)
    assert first == second


def test_runs_and_corpora_are_listed(trained: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--json"]) == 0
    assert [row["run"] for row in lines(capsys)] == [trained]
    assert main(["corpora", "--json"]) == 0
    assert [row["name"] for row in lines(capsys)] == ["world", "python", "names"]


def test_a_file_can_be_trained_on(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("\n\n".join(f"Line {i} of many lines." for i in range(300)), encoding="utf-8")
    assert main([*TRAIN, "--corpus", str(path), "--json"]) == 0
    assert lines(capsys)[-1]["config"]["corpus"].startswith("upload-")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["train", "--preset", "slow"], "choose one of"),
        (["train", "--corpus", "nowhere.txt"], "neither a corpus"),
        (["train", "--set", "n_layer=99"], "between 1 and 48"),
        (["train", "--set", "n_layer"], "key=value"),
        (["eval", "nobody"], "There is no run"),
        (["generate", "nobody", "--prompt", "x"], "There is no run"),
        (["finetune", "scratch", "--task", "questions", "--examples", "8"], "train one first"),
    ],
)
def test_a_request_that_makes_no_sense_ends_with_2_and_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    assert main(command) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert words in output.err
    assert len(output.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"too short", "at least"),
        (b"\x00\x01" * 4000, "binary"),
        (b"caf\xe9 " * 1000, "WINDOWS-1252 was assumed"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, words: str
) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    assert main(["train", "--corpus", str(path)]) == 2
    assert words in capsys.readouterr().err


def test_numbers_that_are_none_are_refused(
    trained: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", trained, "--num-fewshot", "many"]) == 2
    assert "0,1,4" in capsys.readouterr().err


def test_a_run_that_fails_ends_with_1(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "runs").mkdir()
    (home / "cache").write_text("a file is in the way")
    assert main(list(TRAIN)) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_run_that_was_interrupted_goes_on_and_ends_as_if_it_had_not_been(
    trained: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Service(home)
    looks = iter([False] * 3)
    row = service.run_here(service.run(trained).config, interrupted=lambda: next(looks, True))
    assert row.status == "interrupted" and row.step < 4
    assert main(["resume", row.id, "--json"]) == 0
    result = lines(capsys)[-1]
    assert (result["run"], result["status"], result["steps"]) == (row.id, "done", 4)
    whole, again = service.evals(trained)[-1], service.evals(row.id)[-1]
    assert again.loss == whole.loss
    service.close()


def test_a_waiting_run_is_carried_out_and_a_done_one_is_not(
    trained: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = Service(home)
    waiting = service.start(service.run(trained).config)
    service.close()
    assert main(["resume", waiting]) == 0
    assert "is done. Try" in capsys.readouterr().out
    for run in (waiting, trained):
        assert main(["resume", run]) == 2
        assert "is done: there is nothing to resume" in capsys.readouterr().err


def test_the_end_of_a_run_that_failed_says_how_to_go_on(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "cache").write_text("a file is in the way")
    assert main(list(TRAIN)) == 1
    assert "To go on: python -m tinylm resume world-tiny-" in capsys.readouterr().err


def test_an_error_that_nobody_expected_is_one_line_and_a_log(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Service, **_: object) -> None:
        raise ZeroDivisionError("a mistake")

    monkeypatch.setattr(Service, "runs", fail)
    assert main(["runs"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError: a mistake" in line and "logs/cli.log" in line
    assert "ZeroDivisionError" in (home / "logs" / "cli.log").read_text(encoding="utf-8")


def test_a_recipe_fits_the_settings_to_a_file_and_says_why(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "birds.txt"
    path.write_text("\n\n".join(f"Bird {n} sang {n * n} songs on day {n}." for n in range(80)))
    own = ("train", "--corpus", str(path), "--preset", "tiny", "--recipe", "--steps", "2")
    assert main([*own, "--json"]) == 0
    output = capsys.readouterr()
    assert "characters are about" in output.err and "by heart" in output.err
    config = json.loads(output.out.splitlines()[-1])["config"]
    assert config["train"]["steps"] == 2 and config["train"]["patience"] > 0
    assert config["model"]["vocab_size"] == 256
