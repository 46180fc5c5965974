"""Rows that a person brings: checked, with what was found in sentences, and split in two parts."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tinylm.corpora.files.report import counted, listed
from tinylm.errors import BadRequest
from tinylm.evaluation.bleu_traps import MAX_ORDER
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.tasks.base import TEST_ITEMS

Pair = tuple[str, str]  # an input and its answer
Kind = Literal["classification", "free"]

MAX_ROWS = 5_000
MAX_INPUT = 2_000  # characters
MAX_ANSWER = 300
FEWEST = 10  # rows that are left after checking
FEW = 50  # with fewer, it is said how little a score tells
MAX_LABELS = 20  # different answers that a classification is taken for; a person may say otherwise
ROWS_A_LABEL = 3  # so many rows a label has on average in what is taken for a classification
TEST_SHARE = 0.4  # of the rows, up to TEST_ITEMS
SEED = 1  # of the split


@dataclass(frozen=True)
class Checked:
    """Rows that can be used, and what is to be told of them."""

    rows: tuple[Pair, ...]
    contradictory: frozenset[str]  # inputs, as `alike` writes them, that have different answers
    notes: tuple[str, ...]  # sentences with figures

    @property
    def labels(self) -> Counter[str]:
        """How often each answer occurs."""
        return Counter(answer for _, answer in self.rows)


@dataclass(frozen=True)
class Parts:
    """What a model may learn from, and what it is asked."""

    train: tuple[Pair, ...]
    test: tuple[Pair, ...]


def check_rows(rows: Sequence[Sequence[str]]) -> Checked:
    """Clean rows of an input and an answer. Raises BadRequest where too little is left.

    White space of any kind becomes one space, so that an item is one line. Left out are rows with
    an empty field, rows that say the same as an earlier one, and what is above the limits.
    """
    notes: list[str] = []
    if len(rows) > MAX_ROWS:
        notes.append(
            f"There are {len(rows):,} rows. Only the first {MAX_ROWS:,} are used, the most there "
            "can be."
        )
    clean = [(_line(row[0]), _line(row[1])) for row in rows[:MAX_ROWS]]
    whole = {number: pair for number, pair in enumerate(clean, 1) if all(pair)}
    if empty := [number for number in range(1, len(clean) + 1) if number not in whole]:
        said = counted(len(empty), "row has", "rows have")
        notes.append(f"{said} no input or no answer. They are left out: {listed(empty)}.")
    if long := [number for number, pair in whole.items() if _is_long(pair)]:
        said = counted(len(long), "row is", "rows are")
        notes.append(
            f"{said} left out because an input may have {MAX_INPUT:,} characters and an answer "
            f"{MAX_ANSWER}: {listed(long)}."
        )
    different: dict[Pair, Pair] = {}
    for pair in whole.values():
        if not _is_long(pair):
            different.setdefault((alike(pair[0]), alike(pair[1])), pair)
    found = tuple(different.values())
    if repeated := len(whole) - len(long) - len(found):
        said = counted(repeated, "row repeats", "rows repeat")
        notes.append(
            f"{said} an earlier row. Each such item is kept once, so that no question of the test "
            "stands among the examples."
        )
    inputs = Counter(asked for asked, _ in different)
    contradictory = frozenset(asked for asked, number in inputs.items() if number > 1)
    if contradictory:
        first = next(asked for asked, _ in found if alike(asked) in contradictory)
        said = counted(len(contradictory), "input has", "inputs have")
        notes.append(
            f"{said} different answers, such as “{first:.60}”. No model can get all of these "
            "right, so they are for training only."
        )
    spelled = Counter(map(alike, dict.fromkeys(answer for _, answer in found)))
    if several := next((one for one, number in spelled.items() if number > 1), ""):
        notes.append(
            f"The answer “{several:.60}” is written in {spelled[several]} ways, with other "
            "capitals. They count as different answers: write them alike if they mean the same."
        )
    checked = Checked(found, contradictory, tuple(notes))
    _refuse(checked)
    return checked


def _refuse(checked: Checked) -> None:
    """Raise BadRequest for rows that are too few, or that all have one answer."""
    left = len(checked.rows)
    told = " ".join(checked.notes)
    if left < FEWEST:
        raise BadRequest(
            f"{counted(left, 'row')} can be used; at least {FEWEST} are needed. {told}".strip()
        )
    if len(checked.labels) < 2:
        (only,) = checked.labels
        raise BadRequest(
            f"All {left} answers are “{only:.60}”, so there is nothing to tell apart: bring rows "
            "with another answer as well."
        )


def kind_of(labels: Counter[str]) -> Kind:
    """Classification where a few answers come again and again, else free text."""
    few = len(labels) <= MAX_LABELS and labels.total() >= ROWS_A_LABEL * len(labels)
    return "classification" if few else "free"


def split(checked: Checked, kind: Kind) -> Parts:
    """A training and a test part; in a classification each label has about its share in both.

    Which rows are tested follows from a hash of each row, so it does not depend on their order.
    Contradictory inputs are in training alone, and so is a label that occurs once. At most
    TEST_ITEMS rows are tested. Raises BadRequest where no row can be, or for more labels than that.
    """
    if kind == "classification" and len(checked.labels) > TEST_ITEMS:
        raise BadRequest(
            f"These rows have {len(checked.labels):,} different answers, and a classification can "
            f"have {TEST_ITEMS}, as many as a test can ask for: choose free text."
        )
    share = min(TEST_SHARE, TEST_ITEMS / len(checked.rows))
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in sorted(checked.rows, key=_digest):
        if alike(pair[0]) not in checked.contradictory:
            groups[pair[1] if kind == "classification" else ""].append(pair)
    held_out = {
        pair
        for group in groups.values()
        if len(group) > 1
        for pair in group[: min(len(group) - 1, max(1, round(share * len(group))))]
    }
    ordered = sorted(checked.rows, key=_digest)
    test = tuple(pair for pair in ordered if pair in held_out)[:TEST_ITEMS]
    if not test:
        raise BadRequest(_why_no_test(checked))
    asked = set(test)
    return Parts(tuple(pair for pair in ordered if pair not in asked), test)


def _why_no_test(checked: Checked) -> str:
    inputs = {alike(asked) for asked, _ in checked.rows}
    clear = len(inputs - checked.contradictory)
    if clear < 2:
        return (
            f"{counted(clear, 'input has', 'inputs have')} just one answer, and a test needs 2. "
            f"{counted(len(inputs) - clear, 'input has', 'inputs have')} different answers, and no "
            "model can get all of them right: keep one row for each input."
        )
    return (
        f"{counted(clear, 'input has', 'inputs have')} just one answer, and no two of them share "
        "it, so no label can be both learned and asked: choose free text, or bring more rows."
    )


def told(checked: Checked, kind: Kind, parts: Parts) -> Iterator[str]:
    """Sentences about a task: what was left out, what is thin, and how much a score will tell."""
    yield from checked.notes
    once = sorted(label for label, number in checked.labels.items() if number == 1)
    if kind == "classification" and once:
        said = counted(len(once), "label occurs", "labels occur")
        yield (
            f"{said} only once, such as “{once[0]:.60}”: a model can learn it, but no question of "
            "the test asks for it."
        )
    if kind == "free" and not has_runs(parts.test):
        yield (
            f"Most answers have fewer than {MAX_ORDER} words. BLEU counts runs of up to "
            f"{MAX_ORDER} words, so here only answers that are right letter by letter count."
        )
    if len(checked.rows) < FEW:
        yield (
            f"Only {len(checked.rows)} items: with fewer than {FEW}, a score is little more than "
            "a guess."
        )
    yield (
        f"{len(parts.train):,} items are for training and {len(parts.test):,} are held out for "
        f"the test. {how_sure(len(parts.test))}"
    )


def has_runs(pairs: Sequence[Pair]) -> bool:
    """Whether at least half of the answers have as many words as the longest runs of BLEU."""
    return 2 * sum(len(answer.split()) >= MAX_ORDER for _, answer in pairs) >= len(pairs)


def how_sure(n: int) -> str:
    """What a score on n held-out items tells, in a sentence."""
    return (
        f"With {n:,} held-out items, a score of 50 % can be off by {margin(n):.0f} points either "
        "way (95 % interval)."
    )


def margin(n: int) -> float:
    """Half of the 95 % interval of a share of one half, in points."""
    low, high = wilson(n // 2, n)
    return 50 * (high - low)


def alike(text: str) -> str:
    """What two texts have in common that differ in capitals only."""
    return unicodedata.normalize("NFC", text.casefold())


def as_rows(table: Iterable[Sequence[object]]) -> list[Pair]:
    """The first two cells of each row as text; a cell without a value is empty."""
    return [(_text(row[0]), _text(row[1])) for row in table]


def _text(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell)  # what is not itself is no number


def _line(text: str) -> str:
    """The text on one line, without what no model can read, each letter in its one common form.

    Programs write é as one character or as e and an accent (Unicode's NFC and NFD); both look the
    same, so they are the same here.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", " ".join(whole.replace("\0", " ").split()))


def _is_long(pair: Pair) -> bool:
    return len(pair[0]) > MAX_INPUT or len(pair[1]) > MAX_ANSWER


def _digest(pair: Pair) -> bytes:
    return hashlib.sha256(f"{SEED}\x1f{pair[0]}\x1f{pair[1]}".encode()).digest()
