"""Own tasks: files that become one, typed cells, templates, and kept tasks with damage."""

from __future__ import annotations

from pathlib import Path
from random import Random

from benchmarks.fuzz.damage import Trial, damaged, target
from benchmarks.fuzz.uploads import make
from tinylm.corpora.files.child import extract, kind_of
from tinylm.corpora.files.report import Brought
from tinylm.errors import TinylmError
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import task
from tinylm.evaluation.tasks.own.rows import Pair, check_rows, split, told
from tinylm.evaluation.tasks.own.rows import kind_of as kind_of_task
from tinylm.evaluation.tasks.own.store import Kept, as_csv, kept_tasks, save_task
from tinylm.evaluation.tasks.own.table import ENDINGS, guessed_columns, pairs_of, read_cells
from tinylm.evaluation.tasks.own.template import Template, check_template

_SIGNS = " \t\n\0\\n->:é中\ud800\u2028,\"'`*_[]()<b>"


def begin(folder: Path) -> Trial:
    """A home with one task; each trial makes another one, or damages its file."""
    whole = save_task(check_rows(_good_rows()), "classification", Template(), "Whole", folder)
    file = folder / "tasks" / f"{whole.name}.json"
    content = file.read_bytes()

    def trial(dice: Random) -> None:
        if dice.random() < 0.4:
            file.write_bytes(damaged(content, dice))
            try:
                assert all(one == whole or one.title for one in kept_tasks(folder))
                task("names", whole.name, folder)
            finally:
                file.write_bytes(content)
        else:
            _make(dice, folder)

    return trial


def _good_rows() -> list[Pair]:
    return [(f"word {n}", "even" if n % 2 == 0 else "odd") for n in range(20)]


def _make(dice: Random, folder: Path) -> None:
    rows = _from_file(dice, folder) if dice.random() < 0.6 else _typed(dice)
    checked = check_rows([*rows, *(_good_rows() if dice.random() < 0.8 else [])])
    kind = kind_of_task(checked.labels)
    said = list(told(checked, kind, split(checked, kind)))
    assert all(one.endswith((".", ").")) for one in said), said
    kept = save_task(checked, kind, _template(dice), _text(dice, 100), folder)
    try:
        _use(kept, folder)
    finally:
        (folder / "tasks" / f"{kept.name}.json").unlink()


def _from_file(dice: Random, folder: Path) -> list[Pair]:
    name, data = make(dice)
    while kind_of(name) not in ENDINGS:
        name, data = make(dice)
    path = folder / name
    path.write_bytes(data)
    text, _ = extract(Brought(name, str(path), whole=True), lambda share: None)
    cells = read_cells(text.encode("utf-8"))
    return pairs_of(cells, *guessed_columns(cells.columns))


def _typed(dice: Random) -> list[Pair]:
    labels = [_text(dice, 8) for _ in range(dice.choice((1, 2, 5, 40)))]
    number = dice.randrange(60)
    return [(_text(dice, dice.choice((3, 20, 3_000))), dice.choice(labels)) for _ in range(number)]


def _text(dice: Random, most: int) -> str:
    return "".join(dice.choices(_SIGNS, k=dice.randrange(most)))


def _template(dice: Random) -> Template:
    """One that can be used, most often; the others are refused when the task is kept."""
    for _ in range(20):
        made = Template(_text(dice, 9), _text(dice, 9), dice.choice(("", " ")), "\n")
        try:
            check_template(made)
            return made
        except TinylmError:
            continue
    return made


def _use(kept: Kept, folder: Path) -> None:
    """What pages and measurements do with a task."""
    found = task("names", kept.name, folder)
    assert kept in kept_tasks(folder)
    assert not {one.context for one in found.train} & {one.context for one in found.test}
    for item in found.test[:3]:
        prompt = few_shot_prompt(found, item, found.max_fewshot, 1)
        assert len(prompt.examples) == found.max_fewshot
        prompt.text.encode("utf-8")
    as_csv(kept).encode("utf-8")


TARGET = target("own-tasks", begin)
