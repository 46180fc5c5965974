"""What a run writes, with what the tables say about each sentence and line of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from tinylm.corpora import check_for, world_of
from tinylm.corpora.world.truth import Statement, Verdict, tally
from tinylm.events import NextWordOdds, Sampled
from tinylm.questions.corpora import Copies
from tinylm.runs.store.rows import RunRow
from ui.copies import highlighted
from ui.frame import literal, literal_lines

UNKNOWN = "○"  # stands behind what the tables cannot decide


def sample_text(run: RunRow, sample: Sampled, copies: Copies | None = None) -> str:
    """Markdown of what was written, each sentence and line with its mark, or with its copies."""
    if copies is not None:
        return literal_lines(sample.prompt) + highlighted(sample.text, copies.copies)
    text = sample.prompt + sample.text
    return marked(text, statements_of(run, sample))


def statements_of(run: RunRow, sample: Sampled) -> Sequence[Statement]:
    """What the tables of the run's world say about a sample; nothing for other texts."""
    if run.kind != "pretrain" or world_of(run.corpus) is None:
        return ()
    return _checked(run.corpus, sample.prompt + sample.text)


@lru_cache(maxsize=256)
def _checked(corpus: str, text: str) -> tuple[Statement, ...]:
    return tuple(check_for(corpus, text))


def counted(run: RunRow, sample: Sampled) -> str:
    """Markdown: how much of a sample is right, wrong and not checkable; "" without any tables."""
    statements = statements_of(run, sample)
    if not statements:
        return ""
    counts = tally(statements)
    return (
        f"By the tables of the made world, **{counts.right}** of its sentences and lines "
        f"{'is' if counts.right == 1 else 'are'} right ✓ and **{counts.wrong}** wrong ✗. The "
        f"tables cannot check **{counts.not_checkable}** {UNKNOWN}."
    )


def right_word(run: RunRow, picture: NextWordOdds) -> str:
    """The expected word that makes the sentence true, without its space; "" if none is known."""
    if run.kind != "pretrain" or world_of(run.corpus) is None:
        return ""
    for word in picture.words:
        found = _checked(run.corpus, f"{picture.prompt}{word}.")
        if found and found[-1].verdict is Verdict.RIGHT:
            return word.strip()
    return ""


def all_samples(run: RunRow, found: Sequence[Sampled]) -> None:
    """Show all texts that the run wrote, newest first."""
    # All texts are one element, because each further element adds 150 bytes to every update.
    st.markdown(
        "\n\n".join(
            f"**Step {sample.step:,}**{_counts(statements_of(run, sample))}\n\n"
            f"{sample_text(run, sample)}"
            for sample in reversed(found)
        )
    )


def _counts(statements: Sequence[Statement]) -> str:
    if not statements:
        return ""
    counts = tally(statements)
    return f" · {counts.right} right · {counts.wrong} wrong · {counts.not_checkable} not checkable"


def marked(text: str, statements: Sequence[Statement]) -> str:
    """Markdown of `text` with its statements marked; nothing in the text acts as Markdown."""
    parts, done = [], 0
    for statement in statements:
        parts.append(literal_lines(text[done : statement.mark_start]))
        shown = text[statement.mark_start : statement.mark_end]
        if statement.verdict is Verdict.NOT_CHECKABLE:
            parts.append(f"{literal_lines(shown)} {UNKNOWN}")
        elif statement.verdict is Verdict.RIGHT:
            parts.append(f":green-background[{literal(shown)} ✓]")
        else:
            right = f" ({literal(statement.truth)})" if statement.truth else ""
            parts.append(f":red-background[{literal(shown)} ✗{right}]")
        done = statement.mark_end
    return "".join([*parts, literal_lines(text[done:])])
