"""Tables: no row is lost silently, whatever stands in the cells."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm.corpora.files.child import extract
from tinylm.corpora.files.report import Brought, Report
from tinylm.errors import BadRequest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def read(
    folder: Path, content: str, column: str = "", header: bool | None = None, name: str = "a.csv"
) -> tuple[list[str], Report]:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    text, report = extract(Brought(name, str(path), column, header), lambda share: None)
    return (text.split("\n\n") if text else []), report


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


CELLS = st.text(alphabet="ab ,;\t|\"'\n1é", max_size=12)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=30),
    delimiter=st.sampled_from(",;\t|"),
)
def test_what_a_program_wrote_is_read_whole(
    folder: Path, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    head = ["number", "text", "label"]
    content = written([head, *map(list, rows)], delimiter)
    sep = f"sep={delimiter}\n"  # cells like these can look like rows of another delimiter
    text, report = read(folder, sep + content, "text", header=True)
    wanted = [row[1].strip() for row in rows if row[1].strip()]
    assert "\n\n".join(text) == "\n\n".join(wanted)
    assert report.units == len(rows) and report.units_kept == len(wanted)


def test_texts_with_commas_quotes_and_line_ends_late_in_the_table(folder: Path) -> None:
    generator = random.Random(0)
    rows = [["id", "text"]]
    for number in range(2_000):
        words = [generator.choice(("one", "two", 'a "quoted" word', "a, b", "c\nd")) for _ in "123"]
        rows.append([str(number), f"text {number} " + " ".join(words if number > 900 else [])])
    text, report = read(folder, written(rows), "text")
    assert text == [row[1].strip() for row in rows[1:]]
    assert report.notes == ()


def test_rows_that_differ_are_left_out_and_named(folder: Path) -> None:
    lines = ["id,text", *(f"{n},text {n}" for n in range(30))]
    lines[5], lines[9], lines[20] = "3,two, commas", "only one cell", "18,a,b,c"
    text, report = read(folder, "\n".join(lines))
    assert len(text) == 27 and report.units == 30 and report.units_kept == 27
    assert report.notes == (
        "2 rows with more cells than there are columns were left out: 6, 21.",
        "1 row with fewer cells than there are columns was left out: 10.",
    )


def test_an_empty_cell_too_many_at_the_end_is_no_difference(folder: Path) -> None:
    text, report = read(folder, "id,text\n1,one\n2,two,\n3,three,,\n")
    assert text == ["one", "two", "three"] and report.notes == ()


def test_marks_that_are_no_quotes_take_nothing_with_them(folder: Path) -> None:
    lines = ["id\ttext", *(f"{n}\ttext {n}" for n in range(40))]
    lines[7], lines[22] = '6\t"open and never closed', '21\t"another one'
    text, report = read(folder, "\n".join(lines), "text", name="a.tsv")
    assert len(text) == 40 and text[6] == '"open and never closed'
    assert any("read as letters" in note for note in report.notes)


def test_a_first_row_of_text_is_kept_and_the_person_has_the_last_word(folder: Path) -> None:
    table = "good,The wooden letter carries the old garden of the town.\nbad,A river.\n"
    text, report = read(folder, table)
    assert report.table is not None and report.table.columns == ("column 1", "column 2")
    assert len(text) == 2 and "column 1" in report.notes[0]
    text, report = read(folder, table, header=True)
    assert text == ["A river."] and report.notes == ()
    text, report = read(folder, "animal,sound\ncow,moo\n", header=False)
    assert report.units == 2


@pytest.mark.parametrize(
    ("first", "header"),
    [("id,text", True), ("2019,2020", False), (",text", True), ("cow,moo", False), ("a,a", True)],
)
def test_names_are_short_no_numbers_and_stand_only_once(
    folder: Path, first: str, header: bool
) -> None:
    _, report = read(folder, f"{first}\nhen,cluck\ncow,moo\n")
    assert report.table is not None and report.table.header is header


def test_columns_of_one_name_are_told_apart(folder: Path) -> None:
    _, report = read(folder, "text,text,,text (2)\na,b,c,d\n")
    assert report.table is not None
    assert report.table.columns == ("text", "text (2)", "column 3", "text (2) (2)")


def test_a_column_of_text_with_commas_and_no_quotes(folder: Path) -> None:
    text, report = read(folder, "text\nHello, world\nWith, two, commas\nnone\n")
    assert text == ["Hello, world", "With, two, commas", "none"] and report.notes == ()


def test_the_column_with_most_text_is_read_unless_another_is_named(folder: Path) -> None:
    table = "id,text,label\n1,a longer text,x\n2,and another one,y\n"
    assert read(folder, table)[0] == ["a longer text", "and another one"]
    assert read(folder, table, "label")[0] == ["x", "y"]
    with pytest.raises(BadRequest, match="id, text, label: choose one"):
        read(folder, table, "other")
    with pytest.raises(BadRequest, match="no row"):
        read(folder, "\n\n")


def test_lines_of_json_are_a_table(folder: Path) -> None:
    lines = [
        json.dumps({"id": 1, "text": "One, with\na line end"}),
        "{broken",
        json.dumps("a text alone"),
        "",
        json.dumps({"text": ["no", "text"], "more": None}),
        "[" * 100_000,
    ]
    text, report = read(folder, "\n".join(lines), "text", name="a.jsonl")
    assert text == ["One, with\na line end", "a text alone"]
    assert (report.units, report.units_kept) == (5, 2)
    assert report.table is not None and report.table.columns == ("id", "text", "more")
    assert report.notes == (
        "2 lines that are no JSON gave nothing: 2, 6.",
        "1 row with no text in this column gave nothing.",
    )
    with pytest.raises(BadRequest, match="no line that is JSON"):
        read(folder, "{\n{\n", name="a.jsonl")
