"""`python -m tinylm tasks`: a table becomes a task that the other commands know."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.own_rows import review_rows
from tinylm.cli.main import main
from tinylm.evaluation.tasks import tasks_for
from tinylm.evaluation.tasks.own.store import kept_tasks
from tinylm.evaluation.tasks.own.template import Template

TRAIN = ("train", "--corpus", "names", "--preset", "tiny", "--steps", "4", "--set", "threads=1")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    rows = "".join(f"{n},{asked},{label}\n" for n, (asked, label) in enumerate(review_rows()))
    path.write_text("id,text,label\n" + rows, encoding="utf-8")
    return path


def test_a_table_is_added_listed_shown_and_deleted(
    home: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", "add", str(table), "--json"]) == 0
    out, err = capsys.readouterr()
    added = json.loads(out)
    assert (added["title"], added["kind"], added["train"], added["test"]) == (
        *("rows", "classification"),
        *(120, 80),
    )
    assert "can be off by 11 points" in err
    assert "The inputs are the column 'text', and the answers 'label'." in err
    assert main(["tasks"]) == 0
    assert added["name"] in capsys.readouterr().out
    assert main(["tasks", "show", added["name"], "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sorted((row["input"], row["label"]) for row in rows) == sorted(review_rows())
    assert main(["tasks", "show", added["name"]]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == added["name"]
    assert main(["tasks", "delete", added["name"]]) == 0
    assert tasks_for("names", home) == ()


def test_texts_and_columns_are_chosen(home: Path, table: Path) -> None:
    chosen = ["--input", "id", "--answer", "text", "--template", "Question and Answer"]
    assert main(["tasks", "add", str(table), *chosen, "--between", r"\nA:", "--title", "T"]) == 0
    (kept,) = kept_tasks(home)
    assert (kept.title, kept.kind) == ("T", "free")
    assert kept.template == Template("Question: ", "\nA:", " ", "\n\n")


@pytest.mark.parametrize("part", ["--before", "--between", "--after"])
def test_bytes_that_are_no_text_are_refused_in_a_template(
    home: Path, table: Path, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", "add", str(table), part, "\udcff->\n"]) == 2
    assert "half of a character" in capsys.readouterr().err
    assert kept_tasks(home) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["add"], "Say which"),
        (["add", "no-such-file.csv"], "cannot be read"),
        (["show", "task-000000000000"], "not here any more"),
        (["delete", "../x"], "There is no own task"),
        (["list", "x"], "Say which"),
        (["delete", "task-000000000000", "--title", "x"], "belongs to tasks add"),
        (["list", "--csv"], "belongs to tasks show"),
    ],
)
def test_a_mistake_gets_one_line(
    home: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", *arguments]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02", ""),
        (b"a,b\n", "at least 10 are needed"),
        (b"only one column\n" * 3, "no other"),
        (b'{"input": 1}\n[1, 2]\n"x"\n', ""),
        ("\ufeff".encode("utf-16"), ""),
        (b'input,label\n"' + b"x" * 9_000, ""),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_bad_file_gets_one_line(
    home: Path,
    tmp_path: Path,
    content: bytes,
    says: str,
    ending: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / f"bad.{ending}"
    path.write_bytes(content)
    assert main(["tasks", "add", str(path)]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("tinylm: ")
    assert "nobody foresaw" not in error and "may be damaged" not in error
    if ending == "csv":
        assert says in error
    assert kept_tasks(home) == []


def test_an_own_task_is_measured_and_learned_by_any_base(
    home: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tasks", "add", str(table), "--json"]) == 0
    name = json.loads(capsys.readouterr().out)["name"]
    assert main([*TRAIN, "--json"]) == 0
    run = json.loads(capsys.readouterr().out.splitlines()[-1])["run"]
    for measure in (["eval", run], ["experiment", "fewshot", run]):
        assert main(measure) == 2  # what one person brought, nobody else measures without asking
        assert "name it with --task" in capsys.readouterr().err
    few = ["--num-fewshot", "0,1", "--limit", "8"]
    assert main(["eval", run, "--task", name, *few, "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [(one["task"], one["n"], one["chance"]) for one in result["scores"]] == [
        (name, 8, 0.5),
        (name, 8, 0.5),
    ]
    spoiled = ["eval", run, "--task", name, "--num-fewshot", "1", "--control", "other"]
    assert main(spoiled) == 2
    assert "stands alone" in capsys.readouterr().err
    tuning = ["finetune", run, "--task", name, "--examples", "8", "--steps", "2"]
    assert main([*tuning, "--set", "threads=1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["status"] == "done"
    assert main(["runs", "--json"]) == 0
    titles = [json.loads(line)["title"] for line in capsys.readouterr().out.splitlines()]
    assert "rows, 8 examples, from base" in titles
