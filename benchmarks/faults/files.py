"""Files that a person brings: each is read as the page and the terminal read it."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.faults.row import Row, Seen
from tinylm.cli.corpora import corpus_name
from tinylm.corpora.files.reading import LIMITS, read_files
from tinylm.corpora.files.report import Brought, Report
from tinylm.corpora.sources.uploads import check_text
from tinylm.errors import BadRequest

Check = Callable[[str, Report, Path], bool]  # is told the text, the report and the file
SHOWN = 110  # characters of what came out
STARTS = 0.5  # seconds of processor that a process may need to begin and to read a small table


def read(path: Path, column: str = "") -> tuple[str, Report]:
    """The text of a file, and the report on it."""
    with tempfile.TemporaryDirectory() as folder:
        report = read_files({0: Brought(path.name, str(path), column)}, Path(folder))[0]
        if report.problem:
            return "", report
        return (Path(folder) / "0.txt").read_text("utf-8"), report


def _seen(path: Path, check: Check, column: str = "") -> Seen:
    text, report = read(path, column)
    within = report.seconds <= LIMITS.seconds and report.megabytes * 1e6 <= LIMITS.memory
    said = " ".join([report.problem or report.summary, *report.notes])
    shown = f"{said} {text[:60]!r}" if text else said
    ok = within and check(text, report, path)
    return Seen(ok, shown[: 3 * SHOWN], report.seconds, report.megabytes)


def _row(name: str, wanted: str, check: Check, column: str = "") -> Row:
    return Row(name, wanted, lambda folder: _seen(folder / name, check, column))


def _says(*words: str) -> Check:
    """That the file is refused, or read with a note, in a sentence with one of these in it."""
    return lambda text, report, path: any(
        word in " ".join([report.problem, *report.notes]) for word in words
    )


def _has(*parts: str, without: Sequence[str] = ()) -> Check:
    """That these stand in the text, in this order, and the others nowhere."""

    def check(text: str, report: Report, path: Path) -> bool:
        places = [text.find(part) for part in parts]
        ordered = -1 not in places and places == sorted(places)
        return ordered and not any(part in text for part in without)

    return check


def _answers(text: str, report: Report, path: Path) -> bool:
    return bool(report.problem or report.units)


def _quickly(text: str, report: Report, path: Path) -> bool:
    return _answers(text, report, path) and report.seconds < STARTS


def _all_rows(column: str, delimiter: str = ",", skip: int = 0, header: bool = True) -> Check:
    """That the text is this column of every row, as Python's csv reads it with this delimiter."""

    def check(text: str, report: Report, path: Path) -> bool:
        lines = path.read_text("utf-8").splitlines(keepends=True)[skip:]
        rows = list(csv.reader(lines, delimiter=delimiter))
        names = rows[0] if header else [f"column {place}" for place in range(1, 4)]
        place = [*names[:-1], column].index(column)
        wanted = [row[place].strip() for row in rows[header:]]
        return text == "\n\n".join(wanted) and report.units == report.units_kept == len(wanted)

    return check


def _each_once(text: str, report: Report, path: Path) -> bool:
    return all(text.count(f"MERGED{n} ") == 1 for n in range(4))


def _refused(name: str) -> Row:
    def run(folder: Path) -> Seen:
        text, report = read(folder / name)
        try:
            check_text(text.encode("utf-8"))
        except BadRequest as error:
            ok = str(error).startswith("There is nothing to learn here, because")
            return Seen(ok, str(error), report.seconds, report.megabytes)
        return Seen(False, "accepted", report.seconds, report.megabytes)

    return Row(name, "there is nothing to learn here, because …", run)


_SENTENCES = [f"Sentence {n}, which says that {n} times {n} is {n * n}." for n in range(200)]


def _made(name: str, wanted: str, content: str, check: Check) -> Row:
    def run(folder: Path) -> Seen:
        with tempfile.TemporaryDirectory() as made:
            path = Path(made) / name
            path.write_text(content, encoding="utf-8")
            return _seen(path, check)

    return Row(name, wanted, run)


def _whole(text: str, report: Report, path: Path) -> bool:
    return text == "\n\n".join(_SENTENCES) and report.units_kept == len(_SENTENCES)


def _in_the_terminal(folder: Path) -> Seen:
    """`--corpus comma.csv` asks for the column, and with it reads that column and no other."""
    with tempfile.TemporaryDirectory() as home:
        table = Path(home) / "comma.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id", "text"), *enumerate(_SENTENCES)])
        try:
            corpus_name(str(table), Path(home))
        except BadRequest as error:
            said = str(error)
        else:
            return Seen(False, "read without a column", 0.0)
        name = corpus_name(str(table), Path(home), "text")
        kept = (Path(home) / "uploads" / f"{name}.txt").read_text("utf-8")
        return Seen("--column" in said and kept == "\n\n".join(_SENTENCES), said, 0.0)


_WITHIN = "text, or a sentence, within the limits"
_ROWS_WHOLE = "every row whole"
ROWS = (
    _row("csv_redos_308b.csv", "read or refused in 0.1 s and no guessing", _quickly),
    _row("csv_redos_1kb.csv", "read or refused in 0.1 s and no guessing", _quickly),
    *(
        _row(name, _WITHIN, _answers)
        for name in (
            "docx_gridspan.docx",
            "docx_vmerge.docx",
            "docx_table_100000x3.docx",
            "docx_20mb_paragraphs.docx",
            "pdf_flate_5mb_1page.pdf",
        )
    ),
    _row("aes128_owner_only.pdf", "its text", _has("The heavy lantern follows")),
    _row("aes256_user.pdf", "locked with a password", _says("locked with a password")),
    *(
        _row(name, "damaged: open it and save it again", _says("open it and save it again"))
        for name in ("damaged_NotImplementedError.pdf", "damaged_AssertionError.pdf")
    ),
    _row(
        "hyphens.pdf",
        "words joined at line ends",
        _has("extraordinary\ncharacterisation\nof\ninternational", without="-‐\u00ad\x02\ufffe"),
    ),
    _row(
        "ligatures_hyphens.pdf",
        "words joined at line ends, ligatures as letters",
        _has("efficient\noffice finds\nextraordinary\ncommunication", without="ﬁﬀﬃ‐\x02\ufffe"),
    ),
    _row("chinese.pdf", "its text, or a word on its glyphs", _says("which letters its glyphs are")),
    _row(
        "arabic.pdf",
        "normalised letters in reading order",
        _has("هذا نص عربي قصير للاختبار فقط.\nهذا نص عربي قصير للاختبار فقط."),
    ),
    _row(
        "tables_between.docx",
        "the body in its order",
        _has("BEFORE0", "question 0.0", "answer 0.2", "AFTER0", "BEFORE1", "question 1.0"),
    ),
    _row("merged_cells.docx", "each cell once", _each_once),
    _row(
        "hidden_places.docx",
        "all that a reader sees",
        lambda text, report, path: (
            _has("NESTEDTABLE", "TRACKEDINSERT", "INLINECONTROL", "BLOCKCONTROL", "TEXTBOX")(
                text, report, path
            )
            and _says("page header was left out")(text, report, path)
        ),
    ),
    _row("late_quotes_min.csv", _ROWS_WHOLE, _all_rows("text")),
    _row("late_quotes_first.csv", _ROWS_WHOLE, _all_rows("text")),
    _row("sep_line.csv", "the header is the second line", _all_rows("text", ";", skip=1)),
    _row("no_header.csv", "the first row is kept", _all_rows("column 3", header=False), "column 3"),
    _row("list_in_cell.csv", "four columns", _all_rows("text", ";")),
    _row(
        "dup_columns.csv",
        "two columns of one name are told apart",
        _all_rows("text (2)"),
        "text (2)",
    ),
    _row("tab_quote.csv", "trimmed", _has("n0\n\nn1\n\nn2", without="\t"), "name"),
    _row("utf16.txt", "read", _has("The heavy lantern follows", without="\0\ufffd\ufeff")),
    _row(
        "latin1.txt",
        "read, with a word on what was assumed",
        lambda text, report, path: "größe" in text and "assumed" in report.notes[0],
    ),
    *(_refused(name) for name in ("spaces.txt", "one_char.txt", "dup_lines.txt")),
    _made(
        "made.tsv",
        "read",
        "id\ttext\n" + "".join(f"{n}\t{text}\n" for n, text in enumerate(_SENTENCES)),
        _whole,
    ),
    _made(
        "made.jsonl",
        "read",
        "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(_SENTENCES)),
        _whole,
    ),
    Row("train --corpus comma.csv", "reads the right column, or asks", _in_the_terminal),
)
