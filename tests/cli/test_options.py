"""Options: what is out of range, given in vain or twice is one line and status 2."""

from __future__ import annotations

import json

import pytest

from tinylm.cli.main import main
from tinylm.config import SETTINGS

EVAL, FEWSHOT = ["eval", "a-b"], ["experiment", "fewshot", "a-b"]
TRANSFER = ["experiment", "transfer", "a-b"]
FINETUNE = ["finetune", "a-b", "--task", "questions"]
GENERATE = ["generate", "a-b", "--prompt", "x"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["train", "--set", "corpus=names"], "choose it with --corpus"),
        (["train", "--set", "task=facts"], "choose it with --task"),
        (["train", "--set", "kind=finetune"], "commands train and finetune"),
        (["train", "--set", "lora_rank=4"], "a setting of LoRA"),
        (["train", "--set", "parent_step=4"], "fine-tuning from a base"),
        (["train", "--set", "worksheet=0"], "others are worksheets"),
        (["train", "--set", "experiment=a/b"], "only an experiment"),
        (["train", "--set", "seed=2", "--seed", "3"], "given twice"),
        (["train", "--set", "steps=4", "--set", "steps=5"], "given twice"),
        (["train", "--set", "learning_rate=nan"], "between 1e-06 and 0.1"),
        (["train", "--set", "muon_lr=inf"], "between 0 and 0.2"),
        (["train", "--set", "steps="], "a whole number"),
        (["train", "--set", "steps=١٢"], "a whole number"),
        (["train", "--set", "precision=fp8"], "auto, fp32, bf16"),
        (["train", "--seed", str(2**63)], "between 0 and"),
        (["train", "--seed", "-1"], "between 0 and"),
        (["train", "--steps", "many"], "a whole number"),
        (["train", "--corpus", "a" * 4000], "neither a corpus"),
        (
            ["train", "--nonsense"],
            "No such option '--nonsense'.",
        ),
        (["train", "--corpsu", "world"], "'--corpus'?"),
        (["train", "--corpus"], "requires an argument"),
        (["train", "world"], "unexpected extra argument (world)"),
        (["nonsense"], "No such command 'nonsense'"),
        (["settings", "nonsense"], "not one of 'run', 'model', 'train', 'text'"),
        (["eval"], "Missing argument 'RUN'"),
        (["finetune", "a-b", "--examples", "8"], "Missing option '--task'"),
        ([], "Missing command. (See python -m tinylm --help.)"),
        ([*EVAL, "--num-fewshot", "-1"], "between 0 and 100"),
        ([*EVAL, "--num-fewshot", "0,0,0"], "a number twice"),
        ([*EVAL, "--num-fewshot", "0,,1"], "numbers like 0,1,4"),
        ([*EVAL, "--limit", "-5"], "between 0 and"),
        ([*EVAL, "--seed", str(2**63)], "between 0 and"),
        ([*EVAL, "--loss", "--limit", "5"], "would change nothing"),
        ([*FEWSHOT, "--processes", "-3"], "between 0 and 64"),
        ([*FEWSHOT, "--sizes", "8"], "belongs to the experiment transfer"),
        ([*TRANSFER, "--all-steps"], "belongs to the experiment fewshot"),
        ([*TRANSFER, "--seeds", "1,1"], "a number twice"),
        ([*FINETUNE, "--examples", "0"], "between 1 and"),
        ([*FINETUNE, "--examples", "8", "--method", "half"], "one of full, lora"),
        ([*FINETUNE, "--examples", "8", "--replay", "nan"], "between 0 and 0.9"),
        ([*FINETUNE, "--examples", "8", "--like", "c-d"], "would change nothing"),
        ([*GENERATE, "--top-p", "2"], "between 0 and 1"),
        ([*GENERATE, "--temperature", "nan"], "between 0 and 100"),
        ([*GENERATE, "--num-tokens", "0"], "between 1 and"),
        (["bench", "--threads", "-1"], "between 0 and 64"),
        (["bench", "--rounds", "0"], "between 1 and"),
        (["bench", "--quick", "--rounds", "3"], "--quick measures once"),
        (["resume", "nobody"], "There is no run"),
        (["export", "a-b", "--format", "csv", "--out", "x", "--step", "-2"], "between -1 and"),
    ],
)
def test_an_option_that_makes_no_sense_is_one_line(
    home: object, capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    assert main(command) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert words in output.err
    assert len(output.err) < 600 and len(output.err.strip().splitlines()) == 1


def test_the_settings_are_listed_with_their_limits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "--json"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["name"] for one in listed} == {n for n, row in SETTINGS.items() if not row.instead}
    assert all(one["limits"] and one["help"].endswith(".") for one in listed)
    assert main(["settings", "text"]) == 0
    assert capsys.readouterr().out.startswith("prose = 0.28   (0 to 1)\n    Prose. ")
