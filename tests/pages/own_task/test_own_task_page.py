"""The page of own tasks: a table is brought, checked, kept, looked at and taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.own_task import bring, keys
from pages.own_task.charts import describe_labels, labels_figure
from pages.own_task.kept import fit_in_words
from tests.fake_engine import ANSWERS
from tests.own_rows import review_rows
from tests.pages.test_pages import Open, click, open_page, pick, shown, trained
from tinylm.evaluation.tasks.own.rows import check_rows, split
from tinylm.evaluation.tasks.own.store import Kept, kept_tasks, save_task
from tinylm.evaluation.tasks.own.template import TEMPLATES, Template
from tinylm.questions.corpora import Search, SearchResult
from tinylm.questions.models import Fits, TaskFits
from tinylm.runs.service import Service
from ui.frame import literal

__all__ = ["open_page"]  # a fixture

CSV = "input,label\n" + "".join(f"{asked},{label}\n" for asked, label in review_rows())


def saved(service: Service, number: int = 60, title: str = "Reviews") -> Kept:
    rows = check_rows(review_rows()[:number])
    return save_task(rows, "classification", Template(), title, service.home)


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    return at.file_uploader[0].set_value((name, data, "")).run()


def test_a_file_becomes_a_task(open_page: Open, service: Service) -> None:
    at = upload(open_page("own_task"), "mine.csv", CSV.encode())
    assert not at.exception and not at.error
    said = shown(at)
    assert "**mine\\.csv**, 200 rows" in said
    assert "200 rows have 2 different answers" in said
    assert "120 items are for training and 80 are held out" in said
    assert "off by 11 points" in said
    assert "was·" in at.code[0].value and "→" not in at.code[0].value
    assert at.code[0].value.endswith("·->")
    at = click(at, "Keep this task")
    assert not at.exception and not at.error
    (kept,) = kept_tasks(service.home)
    assert (kept.title, kept.kind, len(kept.test)) == ("mine", "classification", 80)
    assert keys.CELLS not in at.session_state
    assert "no trained model yet" in shown(at)
    assert list(service.home.glob("reading/*/*/*")) == []


def test_the_task_of_somebody_else_keeps_its_name(open_page: Open, service: Service) -> None:
    kept = saved(service, 200, "Moods")
    at = click(upload(open_page("own_task"), "mine.csv", CSV.encode()), "Keep this task")
    assert kept_tasks(service.home) == [kept]
    assert "was here already" in str([one.value for one in (*at.toast, *at.success)])
    assert "Tasks on this machine (1)" in at.button_group[0].format_func(keys.KEPT)


def test_of_several_columns_two_are_chosen(open_page: Open, service: Service) -> None:
    rows = "".join(f"{n},word {n},{'odd' if n % 2 else 'even'},x{n}\n" for n in range(40))
    at = upload(open_page("own_task"), "n.csv", ("id,text,label,note\n" + rows).encode())
    boxes = {box.label: box.value for box in at.selectbox}
    assert boxes["Column of the inputs"] == "text"
    assert boxes["Column of the answers"] == "label"
    at = pick(at, "Column of the answers", "note")
    assert "40 different answers" in shown(at) and "free text" in shown(at)
    at = pick(at, "Column of the answers", "text")
    assert "stand in two columns" in at.error[0].value


def test_what_cannot_be_a_task_is_told_in_a_sentence(open_page: Open) -> None:
    at = upload(open_page("own_task"), "a.csv", b"text\n" + b"word\n" * 3)
    assert "a task needs one with the inputs" in at.error[0].value
    at = upload(at, "a.jsonl", b"\x00\x01")
    assert len(at.error) == 1 and not at.exception
    at = upload(at, "a.csv", b"input,label\n" + b"word,yes\n" * 30)
    assert "at least 10 are needed" in at.error[0].value
    assert click(at, "Bring other rows").file_uploader


def test_lines_of_json_are_taken(open_page: Open) -> None:
    lines = [json.dumps({"prompt": a, "response": b}) for a, b in review_rows()[:40]]
    at = upload(open_page("own_task"), "a.jsonl", "\n".join(lines).encode())
    assert "24 items are for training and 16 are held out" in shown(at)
    assert "Only 40 items" in shown(at)


def test_the_texts_around_a_row_are_changed_and_shown(open_page: Open, service: Service) -> None:
    at = upload(open_page("own_task"), "mine.csv", CSV.encode())
    at = pick(at, "How a row is written down", "Question and Answer")
    assert at.code[0].value.startswith("Question:·") and at.code[0].value.endswith("↵\nAnswer:")
    box = next(box for box in at.text_input if box.label == "Between input and answer")
    assert box.value == "\\nAnswer:"
    at = box.set_value("\\nIt was:").run()
    assert at.code[0].value.endswith("↵\nIt·was:")
    after = next(box for box in at.text_input if box.label == "After the answer")
    at = after.set_value(".").run()
    assert "must begin with a new line" in at.error[0].value
    after = next(box for box in at.text_input if box.label == "After the answer")
    click(after.set_value("\\n").run(), "Keep this task")
    assert kept_tasks(service.home)[0].template == Template("Question: ", "\nIt was:", " ", "\n")


def test_the_example_is_one_click_away(open_page: Open) -> None:
    page = open_page("own_task")
    at = click(page.button_group[0].set_value("example").run(), "Use the example")
    assert "99 items are for training and 66 are held out" in shown(at)
    assert "4 different answers" in shown(at)


def test_what_was_typed_is_there_again(open_page: Open) -> None:
    page = open_page("own_task")
    typed = [dict(zip(bring.COLUMNS, row, strict=True)) for row in review_rows()[:30]]
    page.session_state[keys.TYPED_ROWS] = typed
    at = click(page.button_group[0].set_value("typed").run(), "Use these rows")
    assert "18 items are for training" in shown(at)
    at = click(at, "Bring other rows")
    assert at.session_state[keys.TYPED_FIRST] == typed
    empty = open_page("own_task").button_group[0].set_value("typed").run()
    assert "The table is empty" in click(empty, "Use these rows").error[0].value


def test_a_typed_table_leaves_out_its_empty_rows() -> None:
    nothing = float("nan")
    typed = [
        {"input": "a", "label": "b"},
        {"input": "", "label": None},
        {"input": nothing, "label": 3},
        {},
    ]
    assert bring.typed_rows(typed) == [("a", "b"), ("", "3")]


def test_a_kept_task_says_how_it_fits_and_what_to_expect(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(asked: Search) -> SearchResult:
        return SearchResult(0, 0, asked.documents, ())

    monkeypatch.setitem(ANSWERS, Search, search)
    kept = saved(service)
    base = trained(service)
    read = service.run(base).config.documents  # by this run: not all that its corpus may have
    at = open_page("own_task", run=base)
    at = at.button_group[0].set_value(keys.KEPT).run()
    assert not at.exception and not at.error
    said = shown(at)
    assert "reads 128 tokens at once" in said and "Of 8 examples, 7.5 fit" in said
    assert f"“{literal('-> bad')}” stands in none of {read:,} documents" in said
    assert "Picking a label at random gives 50% right" in said
    assert "your 36 training items" in said
    links = [link for link in at.get("page_link") if f"task={kept.name}" in str(link.proto)]
    assert len(links) == 3


def test_rows_that_do_not_fit_are_left_out_in_one_click(
    open_page: Open, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = saved(service)
    long = tuple(asked for asked, _ in kept.train[:3])
    monkeypatch.setitem(ANSWERS, Fits, lambda _: TaskFits(20, 31, long, 8, 0.4, ("a",)))
    at = open_page("own_task", run=trained(service))
    at = at.button_group[0].set_value(keys.KEPT).run()
    assert "3 rows do not fit" in at.warning[0].value
    click(at, "Make a task without these rows")
    shorter = next(one for one in kept_tasks(service.home) if one.name != kept.name)
    assert (len(shorter.train) + len(shorter.test), shorter.title) == (57, "Reviews (2)")
    assert "0.4 fit" in fit_in_words(TaskFits(20, 31, long, 8, 0.4, ("a",)))


def test_a_task_is_deleted_after_a_question(open_page: Open, service: Service) -> None:
    kept = saved(service)
    at = open_page("own_task")
    at = click(at.button_group[0].set_value(keys.KEPT).run(), "Delete")
    assert "go for good" in shown(at) and "it goes for all of them" in shown(at)
    assert kept_tasks(service.home)
    at = click(at, "Delete for good")
    assert not kept_tasks(service.home) and not at.exception
    assert kept.title not in shown(at)


def test_a_title_with_markdown_is_shown_as_it_is(open_page: Open, service: Service) -> None:
    saved(service, title="![x](http://example.invalid/x.png)")
    at = open_page("own_task").button_group[0].set_value(keys.KEPT).run()
    assert not at.exception
    assert "![" not in shown(click(at, "Make another one of its rows"))


def test_the_chart_has_both_parts_of_every_label() -> None:
    parts = split(check_rows([*review_rows()[:40], ("x", "<b>rare</b>")]), "classification")
    figure = labels_figure(parts, 2)
    assert [trace["x"] for trace in figure["data"]] == [[12, 12], [8, 8]]
    assert "<b>rare</b>: 1 for training, 0 held out" in describe_labels(parts)
    names: Any = labels_figure(parts, 3)["layout"]["yaxis"]["ticktext"]
    assert names[2] == "‹b›rare‹/b›"
    assert TEMPLATES["input -> label"] == Template()
