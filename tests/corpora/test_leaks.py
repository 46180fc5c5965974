"""Validation text that stands in training is counted by lines and by pieces, not only whole."""

from __future__ import annotations

from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.leaks import repeated_lines, repeated_pieces
from tinylm.questions.corpora import Repeated

INFO = CorpusInfo("little", "Little", "", "", "")


def corpus(train: list[str], val: list[str]) -> Corpus:
    return Corpus(INFO, *(tuple(Document(text) for text in texts) for texts in (train, val)))


def test_every_line_in_another_order_is_seen_although_no_document_is() -> None:
    lines = [f"line {i} says that the number {i} comes after {i - 1}" for i in range(40)]
    split = corpus(["\n".join(lines[:20]), "\n".join(lines[20:])], ["\n".join(lines[::-1])])
    assert repeated_lines(split) == Repeated("lines", 40, 40)
    assert repeated_lines(split).share == 1


def test_case_and_white_space_make_no_line_new_and_empty_ones_do_not_count() -> None:
    split = corpus(["The Cat  sat\n\nx"], ["the cat sat\n \nA new one"])
    assert repeated_lines(split) == Repeated("lines", 2, 1)
    assert repeated_lines(corpus(["a"], ["\n"])) == Repeated("lines", 0, 0)
    assert repeated_lines(corpus(["a"], ["\n"])).share == 0


def test_pieces_are_found_wherever_they_stand_in_training() -> None:
    known = [f"w{i}" for i in range(24)]
    train = " ".join(["before", *known, "after"])
    val = " ".join([*known[:8], *known[9:17], *known[1:4]])  # two pieces, and a rest of three words
    assert repeated_pieces(corpus([train], [val])) == Repeated("8 words", 2, 2)
    new = " ".join([*known[:7], "other", *known[8:16]])
    assert repeated_pieces(corpus([train], [new])) == Repeated("8 words", 2, 1)


def test_the_same_piece_counts_as_often_as_it_stands_in_validation() -> None:
    piece = "one two three four five six seven eight"
    split = corpus([piece], [f"{piece} {piece}", "eight seven six five four three two one"])
    assert repeated_pieces(split) == Repeated("8 words", 3, 2)


def test_a_text_without_spaces_is_cut_by_characters() -> None:
    letters = "".join("ACGT"[(i * i + i // 7) % 4] for i in range(400))
    found = repeated_pieces(corpus([letters[:333]], [letters[103:253], "T" * 100]))
    assert found == Repeated("50 characters", 5, 3)
