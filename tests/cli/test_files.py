"""Files in the terminal: the same entry as the page's, with the column of a table named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinylm.cli.corpora import corpus_name
from tinylm.corpora.registry import load
from tinylm.errors import BadRequest

SENTENCES = [f"Sentence {n}, which says that {n} times {n} is {n * n}." for n in range(200)]


def test_a_table_is_read_by_its_column_and_never_by_all_of_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "comma.csv"
    rows = "".join(f'{n},"{text}"\n' for n, text in enumerate(SENTENCES))
    path.write_text(f"id,text\n{rows}17,a,b\n", encoding="utf-8")
    with pytest.raises(BadRequest, match="columns id, text: say with --column NAME"):
        corpus_name(str(path), home)
    with pytest.raises(BadRequest, match="no column 'words', but id, text"):
        corpus_name(str(path), home, "words")
    for no_table in ("world", "nowhere.csv"):
        with pytest.raises(BadRequest, match="--column is for files"):
            corpus_name(no_table, home, "text")
    corpus = load(corpus_name(str(path), home, "text"), home=home)
    read = [line for one in [*corpus.train, *corpus.val] for line in one.text.split("\n\n")]
    assert sorted(read) == sorted(SENTENCES)
    said = capsys.readouterr().err
    assert "200 of 201 rows" in said and "left out: 202" in said


def test_a_name_that_is_no_text_and_a_file_that_is_too_large(home: Path, tmp_path: Path) -> None:
    odd = tmp_path / "caf\udce9.txt"
    odd.write_text("\n\n".join(SENTENCES), encoding="utf-8")
    assert load(corpus_name(str(odd), home), home=home).train
    for name, said in (
        ("large.pdf", "only plain text can be read"),
        ("large.txt", "looks like a binary file"),
    ):
        with (tmp_path / name).open("wb") as file:
            file.truncate(20_000_001)
        with pytest.raises(BadRequest, match=said):
            corpus_name(str(tmp_path / name), home)
