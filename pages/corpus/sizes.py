"""How large each corpus is. A worker measures it once; after that it is known."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from tinylm.corpora.corpus import CorpusInfo
from tinylm.corpora.sources.mixtures import is_mixture
from tinylm.errors import TinylmError
from tinylm.questions.corpora import CorpusSize, Size
from ui.asking import ask_all, look_up
from ui.frame import file_size

LOOK_EVERY = 2.0  # seconds between two looks while some sizes are still being measured


def sizes(corpora: Mapping[str, CorpusInfo]) -> dict[str, str]:
    """The size that the card of each corpus shows, as text, by the name of the corpus.

    Sizes that nobody has measured yet are requested from a worker, and the page runs again when
    more of them are measured.
    """
    said = dict.fromkeys(corpora, "being measured …")
    questions = {name: Size(name) for name in corpora}
    with suppress(TinylmError):  # the rest of the page says what is wrong
        found = ask_all(questions, every=LOOK_EVERY, patience=0.0)
        said |= {name: in_words(corpora[name], size) for name, size in found.items()}
        missing = {name: questions[name] for name in corpora if name not in found}
        said |= dict.fromkeys(look_up(missing).failed, "could not be measured.")
    return said


def any_number(corpus: CorpusInfo) -> bool:
    """Whether a corpus has no size of its own: it gives as many documents as are asked for."""
    return corpus.made or is_mixture(corpus.name)


def in_words(corpus: CorpusInfo, size: CorpusSize) -> str:
    """How large a corpus is, in a sentence."""
    if corpus.made:
        return f"{size.facts:,} facts, told in as many documents as are asked for."
    if any_number(corpus):
        return "as many documents as are asked for."
    amount = f"{size.tokens / 1e6:.1f} million" if size.tokens >= 1e6 else f"{size.tokens:,}"
    return (
        f"{size.documents:,} documents, {file_size(size.bytes)}, {amount} tokens of a "
        f"vocabulary of {size.vocab_size:,}."
    )
