"""Every term has one plain meaning, stands in a lesson, and is found there by the browser."""

from __future__ import annotations

import re

import pytest

from tests.lesson_text import ROOT, literals
from tests.reading import GRADE, grade
from ui.glossary import QUOTED, Term, glossary
from ui.plot import ASSETS

# What an explanation of pre-training needs, and what was once used without being explained.
NEEDED = (
    "self-supervision, objective, loss, nat, bit, weight, validation loss, seed, label, interval, "
    "perplexity, token, logit, few-shot, zero-shot, checkpoint, base, scratch, LoRA, distribution, "
    "corpus, vocabulary, context, prompt, held out, over-fitting, hallucination, BLEU, macro-F1"
)
LONGEST = 32  # words of a meaning


def forms(one: Term) -> tuple[str, ...]:
    return (one.term, *one.forms)


def lesson_text() -> str:
    """All that lessons say, in code and in data."""
    files = [*(ROOT / "pages").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    said = [one.text for path in files for one in literals(path)]
    data = [*(ROOT / "pages").rglob("*.toml"), ROOT / "data" / "real" / "models.json"]
    data += [ROOT / "data" / "world" / "languages.json"]  # the pages show their names
    data += [ROOT / "tinylm" / "corpora" / "sources" / "downloads.py"]  # and what is in a corpus
    return "\n".join(said + [path.read_text(encoding="utf-8") for path in data])


def test_no_two_terms_share_a_form() -> None:
    every = [form.lower() for one in glossary() for form in forms(one)]
    assert len(every) == len(set(every))


def explained(text: str) -> set[str]:
    """The terms that the browser explains in `text`: glossary.js finds them by the same pattern."""
    terms = {form.lower(): one.term for one in glossary() for form in forms(one)}
    terms |= {phrase.lower(): "" for one in glossary() for phrase in one.everyday}
    longest_first = "|".join(map(re.escape, sorted(terms, key=len, reverse=True)))
    found = re.findall(rf"(?<![\w-])({longest_first})(?![\w-])", text, re.IGNORECASE)
    return {terms[one.lower()] for one in found} - {""}


@pytest.mark.parametrize(
    "text",
    [
        "Words by rank",
        "For you that is two steps.",
        "Asking each step alone, then both at once",
        "It skips a step; its own step in between is right, with the step written out.",
        "Each of these steps is short beside pre-training.",
    ],
)
def test_everyday_words_are_not_explained_as_terms(text: str) -> None:
    assert explained(text) <= {"pre-training"}


def test_the_same_words_are_explained_where_they_are_terms() -> None:
    assert explained("At each of these steps, and at step 20") == {"step"}
    assert explained("Rank of LoRA") == {"rank of LoRA"}


def test_no_term_is_explained_in_a_text_that_a_lesson_quotes() -> None:
    script = (ASSETS / "glossary.js").read_text(encoding="utf-8")
    assert f"[class*=st-key-{QUOTED}]" in script and "blockquote" in script
    for name in ("bet/game", "explain/own_answer", "limits/memorised", "pretrain/scene"):
        code = (ROOT / "pages" / f"{name}.py").read_text(encoding="utf-8")
        assert 'key=f"{QUOTED}-' in code, name


def test_what_a_newcomer_needs_is_there() -> None:
    assert set(NEEDED.split(", ")) <= {one.term for one in glossary()}


@pytest.mark.parametrize("one", glossary(), ids=lambda one: one.term)
def test_a_meaning_is_one_or_two_plain_sentences(one: Term) -> None:
    assert one.says.endswith((".", "%."))
    assert len(one.says.split()) <= LONGEST
    assert len(re.findall(r"[.:!?](?= |$)", one.says)) <= 3


def test_the_meanings_can_be_read_once() -> None:
    assert grade("\n".join(one.says for one in glossary())) <= GRADE


def test_every_term_stands_in_a_lesson() -> None:
    text = lesson_text()
    for one in glossary():
        shapes = "|".join(re.escape(form) for form in forms(one))
        case = re.NOFLAG if one.exact else re.IGNORECASE
        assert re.search(rf"(?<![\w-])(?:{shapes})(?![\w-])", text, case), one.term


def test_a_term_that_a_lesson_puts_in_bold_is_explained() -> None:
    """Bold is also for emphasis, but never for one of these words without its meaning."""
    known = {form.lower() for one in glossary() for form in forms(one)}
    bold = {one.lower().strip(" .:") for one in re.findall(r"\*\*([^*{}␣]+)\*\*", lesson_text())}
    bold = {re.sub(r"^(?:a|one|the) ", "", one) for one in bold}
    terms = {one for one in bold if re.search(TECHNICAL, one) and len(one.split()) <= 2}
    assert terms <= known, terms - known


# How words of the field end or begin that everyday English hardly has.
TECHNICAL = (
    r"(?:shot|gram|plexity|supervision|token|encoding|tuning|fitting|logit|loss|entropy|gradient|"
    r"embedding|validation|recall|precision|accuracy|f1|bleu|vocabulary|corpus|checkpoint)s?$"
)
