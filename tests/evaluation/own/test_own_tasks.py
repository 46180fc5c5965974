"""Own tasks: rows are checked in sentences, split without leaks, and kept whole."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import tiny
from tests.own_rows import review_rows
from tinylm.errors import BadRequest, NotFound, StorageError
from tinylm.evaluation.baselines import majority
from tinylm.evaluation.context import Context, how_it_fits
from tinylm.evaluation.measure import measure
from tinylm.evaluation.prompts import few_shot_prompt, solved
from tinylm.evaluation.tasks import Item, Task, task, tasks_for
from tinylm.evaluation.tasks.base import TEST_ITEMS
from tinylm.evaluation.tasks.own.rows import (
    MAX_ANSWER,
    MAX_INPUT,
    MAX_ROWS,
    Kind,
    Parts,
    check_rows,
    kind_of,
    margin,
    split,
    told,
)
from tinylm.evaluation.tasks.own.store import (
    Kept,
    as_csv,
    as_json,
    delete_task,
    is_own,
    kept_task,
    kept_tasks,
    save_task,
    sketch,
    task_of,
)
from tinylm.evaluation.tasks.own.table import guessed_columns
from tinylm.evaluation.tasks.own.template import (
    TEMPLATES,
    Template,
    check_template,
    escaped,
    unescaped,
    visible,
)
from tinylm.experiments import fewshot
from tinylm.text.tokenizer import PATTERN
from ui.own_tasks import common_answer


def saved(home: Path, number: int = 60, title: str = "Reviews") -> Kept:
    checked = check_rows(review_rows(number))
    return save_task(checked, "classification", Template(), title, home)


# Checking ------------------------------------------------------------------------------------


def test_what_was_left_out_is_told_with_figures() -> None:
    rows = [
        *review_rows(40),
        ("", "good"),
        ("no answer", " "),
        ("x" * (MAX_INPUT + 1), "good"),
        ("y", "z" * (MAX_ANSWER + 1)),
        ("The Soup here was  LOVELY", "Good"),
        ("the soup here was lovely", "bad"),
    ]
    checked = check_rows(rows)
    said = " ".join(checked.notes)
    assert "2 rows have no input or no answer. They are left out: 41, 42." in said
    assert "2 rows are left out because" in said
    assert "43, 44" in said
    assert "1 row repeats an earlier row" in said
    assert "1 input has different answers, such as “the soup here was lovely”" in said
    assert len(checked.rows) == 41


def test_answers_that_differ_in_capitals_only_are_told() -> None:
    rows = [*review_rows(20), ("one more", "Good"), ("and one", "BAD")]
    assert "“good” is written in 2 ways" in " ".join(check_rows(rows).notes)


def test_a_label_seen_once_is_learned_and_not_asked() -> None:
    checked = check_rows([*review_rows(40), ("so so", "middling")])
    parts = split(checked, "classification")
    assert ("so so", "middling") in parts.train
    said = " ".join(told(checked, "classification", parts))
    assert "1 label occurs only once, such as “middling”" in said
    assert "Only 41 items" in said


def test_the_figures_of_the_interval_are_those_of_wilson() -> None:
    assert round(margin(20)) == 20
    checked = check_rows(review_rows(200))
    parts = split(checked, "classification")
    assert len(parts.test) == 80
    assert "can be off by 11 points" in " ".join(told(checked, "classification", parts))
    assert "Only" not in " ".join(told(checked, "classification", parts))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "0 rows can be used; at least 10 are needed"),
        (review_rows(9), "9 rows can be used"),
        ([(f"word {n}", "yes") for n in range(30)], "All 30 answers are “yes”"),
        ([("same", "yes")] * 30, "29 rows repeat an earlier row"),
    ],
)
def test_rows_that_make_no_task_are_refused_in_a_sentence(
    rows: list[tuple[str, str]], sentence: str
) -> None:
    with pytest.raises(BadRequest, match=sentence):
        check_rows(rows)


def test_too_many_rows_are_cut_and_that_is_told() -> None:
    rows = [(f"word {n}", "even" if n % 2 == 0 else "odd") for n in range(MAX_ROWS + 7)]
    checked = check_rows(rows)
    assert len(checked.rows) == MAX_ROWS
    assert "5,007 rows" in checked.notes[0]


def test_few_labels_are_classes_and_many_answers_free_text() -> None:
    assert kind_of(Counter({"good": 20, "bad": 3})) == "classification"
    assert kind_of(Counter({f"word {n}": 1 for n in range(30)})) == "free"
    assert kind_of(Counter({f"word {n}": 3 for n in range(30)})) == "free"


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ("id,sentence,sentiment", ("sentence", "sentiment")),
        ("id,text,label", ("text", "label")),
        ("Label,Text", ("Text", "Label")),
        ("number,text,mood", ("text", "mood")),
        ("text,date,score", ("text", "score")),
        ("place,mood", ("place", "mood")),
        ("mood,text", ("text", "mood")),
        ("word,date,mood", ("word", "mood")),
        (",b", ("", "b")),
        ("a,a", ("a", "a")),
    ],
)
def test_columns_are_guessed(columns: str, found: tuple[str, str]) -> None:
    assert guessed_columns(columns.split(",")) == found


# Splitting -----------------------------------------------------------------------------------


def test_the_split_keeps_the_share_of_each_label_and_not_the_order() -> None:
    rows = [*review_rows(100), *((f"fine {n}", "fine") for n in range(10))]
    parts = split(check_rows(rows), "classification")
    assert Counter(label for _, label in parts.test) == {"good": 20, "bad": 20, "fine": 4}
    assert split(check_rows(rows[::-1]), "classification") == parts


def test_a_letter_that_is_written_in_two_forms_is_one_letter() -> None:
    rows = [(f"café {n}", "très bon" if n % 2 else "mauvais") for n in range(20)]
    apart = [tuple(unicodedata.normalize("NFD", cell) for cell in row) for row in rows]
    assert apart != rows
    checked = check_rows([*rows, *apart])
    assert "20 rows repeat an earlier row" in " ".join(checked.notes)
    assert checked.rows == tuple(rows)
    assert check_rows(apart) == check_rows(rows)


@pytest.mark.parametrize("kind", ["classification", "free"])
def test_inputs_that_all_have_two_answers_are_refused_for_that(kind: Kind) -> None:
    both = [(f"word {n}", label) for n in range(10) for label in ("good", "bad")]
    with pytest.raises(
        BadRequest, match=r"0 inputs have just one answer.*10 inputs have different"
    ):
        split(check_rows(both), kind)
    with pytest.raises(BadRequest, match=r"1 input has just one answer.*10 inputs have different"):
        split(check_rows([*both, ("clear", "good")]), kind)


def test_labels_seen_once_each_are_refused_as_classes() -> None:
    checked = check_rows([(f"word {n}", f"label {n}") for n in range(10)])
    with pytest.raises(
        BadRequest, match=r"10 inputs have just one answer, and no two .* free text"
    ):
        split(checked, "classification")
    assert len(split(checked, "free").test) == 4


def test_a_test_has_at_most_250_items_and_labels() -> None:
    rows = [(f"word {n}", f"label {n % 200}") for n in range(1_300)]
    rows += [(f"other {n}", f"label {n % 7}") for n in range(1_300)]
    checked = check_rows(rows)
    parts = split(checked, "classification")
    assert len(parts.test) == TEST_ITEMS == 250
    assert sorted((*parts.train, *parts.test)) == sorted(checked.rows)
    many = check_rows([(f"word {n}", f"label {n // 2}") for n in range(5_000)])
    with pytest.raises(BadRequest, match=r"2,500 different answers.*can have 250.*free text"):
        split(many, "classification")
    assert len(split(many, "free").test) == 250


cells = st.text(max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cells, st.sampled_from(["a", "b", "A", "", "ü\n", "\ud800"]))))
def test_any_rows_are_split_without_leaks_or_refused(rows: list[tuple[str, str]]) -> None:
    try:
        checked = check_rows([*rows, *review_rows(12)])
    except BadRequest:
        return
    for kind in ("classification", "free"):
        parts = split(checked, kind)
        learned = {asked.casefold() for asked, _ in parts.train}
        assert not learned & {asked.casefold() for asked, _ in parts.test}
        assert sorted((*parts.train, *parts.test)) == sorted(checked.rows)
        for pair in checked.rows:
            assert all(text and text == " ".join(text.split()) for text in pair)
            "".join(pair).encode("utf-8")


# Keeping -------------------------------------------------------------------------------------


def test_a_kept_task_is_offered_for_every_text(home: Path) -> None:
    kept = saved(home)
    assert [one.name for one in tasks_for("names", home)] == [kept.name]
    assert [one.name for one in tasks_for("world", home)][-1] == kept.name
    found = task("names", kept.name, home)
    assert found == task_of(kept)
    assert found.labels == ("bad", "good")
    assert found.metrics == ("accuracy", "macro_f1")
    assert not {item.context for item in found.train} & {item.context for item in found.test}


def test_free_text_is_measured_by_bleu(home: Path) -> None:
    long = check_rows([(f"say {n}", f"the long answer {n}") for n in range(40)])
    found = task_of(save_task(long, "free", Template(), "Answers", home))
    assert found.metrics == ("bleu", "accuracy")
    assert all(len(item.choices) == 1 for item in found.test)
    short = check_rows([(f"say {n}", f"answer {n}") for n in range(40)])
    found = task_of(save_task(short, "free", Template(), "Short", home))
    assert found.metrics == ("accuracy",)
    said = " ".join(told(short, "free", split(short, "free")))
    assert "Most answers have fewer than 4 words" in said


def test_a_name_follows_from_the_content_and_a_title_stands_once(home: Path) -> None:
    first = saved(home)
    again = saved(home, title="The same")
    other = saved(home, 50, "REVIEWS")
    assert again == first  # nobody renames a task that somebody else may have made
    assert [one.title for one in kept_tasks(home)] == ["Reviews", "REVIEWS (2)"]
    assert other.name != first.name
    asked = save_task(
        check_rows(review_rows(60)), "classification", TEMPLATES["Input and Label"], "x", home
    )
    assert asked.name not in (first.name, other.name)
    assert all(is_own(one.name) for one in kept_tasks(home))


@pytest.mark.parametrize("damage", ["{", "[]", "null", '{"version": 2}', "\xff", "template", "row"])
def test_a_damaged_file_is_left_out_and_told_in_a_sentence(home: Path, damage: str) -> None:
    whole, kept = saved(home, 30, "Whole"), saved(home)
    path = home / "tasks" / f"{kept.name}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    if damage == "template":
        content["template"]["between"] = " =>"
    if damage == "row":
        content["test"][0][1] = "another answer"
    changed = json.dumps(content) if damage in ("template", "row") else damage
    path.write_bytes(changed.encode("latin-1"))
    assert [one.name for one in kept_tasks(home)] == [whole.name]
    with pytest.raises(StorageError, match="damaged"):
        task("names", kept.name, home)


def test_what_was_deleted_is_told_in_a_sentence(home: Path) -> None:
    kept = saved(home)
    delete_task(kept.name, home)
    assert tasks_for("names", home) == ()
    with pytest.raises(NotFound, match="is not here any more"):
        task("world", kept.name, home)
    with pytest.raises(NotFound, match="deleted already"):
        delete_task(kept.name, home)
    with pytest.raises(NotFound):
        kept_task("../uploads/upload-0123456789ab", home)


def test_what_is_handed_out_holds_every_row(home: Path) -> None:
    kept = saved(home)
    rows = list(csv.DictReader(io.StringIO(as_csv(kept))))
    assert Counter(row["part"] for row in rows) == {"train": 36, "test": 24}
    assert sorted((row["input"], row["label"]) for row in rows) == sorted(review_rows(60))
    again = check_rows([(row["input"], row["label"]) for row in rows])
    assert save_task(again, kept.kind, kept.template, kept.title, home) == kept
    assert json.loads(as_json(kept))["title"] == "Reviews"


# Writing down ----------------------------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_every_ready_template_can_be_used(home: Path, template: Template) -> None:
    check_template(template)
    kept = save_task(check_rows(review_rows(40)), "classification", template, "t", home)
    found = task_of(kept)
    prompt = few_shot_prompt(found, found.test[0], found.max_fewshot, 1)
    assert len(prompt.examples) == found.max_fewshot == 8
    assert prompt.text.startswith(solved(found, prompt.examples[0]))


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (Template("", "", "", "\n"), "Nothing stands between"),
        (Template("", " ->", " ", "."), "must begin with a new line"),
        (Template("", "-> ", "", "\n"), "move this space"),
        (Template("", "->", " [", "\n"), "only one space can stand"),
        (Template("", "->", "\n", "\n"), "no new line, at which the model would stop"),
        (Template("", "->", "  ", "\n"), "only one space can stand"),
        (Template("", "\n\n", "", "\n"), "leave one new line"),
        (Template("", " \n", "", "\n"), "leave one new line"),
        (Template("x" * 201), "has 201 characters"),
        (Template("\0"), "NUL"),
        (Template("\ud800"), "half of a character"),
    ],
)
def test_a_template_that_cannot_work_is_refused(template: Template, sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence):
        check_template(template)


@given(st.text(" \n\t>:", max_size=4), st.sampled_from(["", " ", "  ", "\t"]))
def test_a_prompt_is_read_alike_with_and_without_its_answer(between: str, prefix: str) -> None:
    template = Template("Input: ", between, prefix, "\n")
    try:
        check_template(template)
    except BadRequest:
        return
    prompt, answer = f"Input: soup{between}", f"{prefix}good\n"
    pieces = partial(regex.findall, PATTERN)
    assert [*pieces(prompt), *pieces(answer)] == pieces(prompt + answer)


def test_an_answer_may_stand_on_a_line_of_its_own() -> None:
    check_template(Template("", "\n", "", "\n\n"))


@given(st.text())
def test_a_text_that_was_typed_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_spaces_and_ends_of_lines_can_be_seen() -> None:
    assert visible("a ->\tb\n") == "a·->⇥b↵\n"


def test_of_labels_that_tie_the_page_and_the_measurement_take_the_same() -> None:
    labels = ("a", "b")
    train = tuple(Item(f"x{n}", labels, n % 2) for n in (1, 2, 3, 4))  # "b" stands first
    asked = tuple(Item(f"y{n}", labels, n // 3) for n in range(4))
    tied = Task("task-000000000000", "Tie", "", train, asked)
    found = measure(tiny.model(), tiny.tokenizer(), tied, num_fewshot=0)
    assert (common_answer(tied), majority(tied, tied.test)) == ("a", 0.75)
    assert found.majority == 0.75


def test_an_own_task_has_no_other_task_to_spoil_its_examples(home: Path) -> None:
    found = task_of(saved(home, 20))
    asked = fewshot.questions({"base": ("run", 1)}, found)
    assert {cell.control for cell in asked} == {"", "shuffled"}
    assert fewshot.most_shots(found) == max(cell.num_fewshot for cell in asked) == 8
    assert fewshot.most_shots(task_of(saved(home, 10))) == 4


def test_of_two_answers_to_an_input_the_longer_one_has_to_fit() -> None:
    rows = [(f"q{n}", f"a{n}") for n in range(12)]
    rows += [("both", "this answer is far too long for so small a model"), ("both", "short")]
    parts = split(check_rows(rows), "free")
    tried = sorted(parts.train, key=lambda pair: pair[1] == "short")  # the short one comes last
    asked = sketch("free", Template(), Parts(tuple(tried), parts.test))
    found = how_it_fits(asked, Context(tiny.tokenizer(), tiny.MODEL.block_size))
    assert found.too_long == ("both",)
    assert found.longest > tiny.MODEL.block_size
