"""Where BLEU misleads: outputs that it judges wrongly, and what it counts in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tinylm.errors import BadRequest
from tinylm.evaluation.metrics import bleu
from tinylm.questions.models import BleuCase, BleuCases

MAX_ORDER = 4  # BLEU counts runs of one to four words
MAX_SENTENCE = 1_000  # characters that BLEU is asked for at once
MAX_CASES = 20


def ngram_matches(reference: str, output: str) -> list[tuple[int, int]]:
    """(matches, total) for n-grams of 1 to 4 words: how many of the output's are in the reference.

    An n-gram counts at most as often as the reference has it (Papineni et al. 2002).
    """
    found = []
    for order in range(1, MAX_ORDER + 1):
        wanted, said = Counter(_runs(reference, order)), Counter(_runs(output, order))
        found.append(((wanted & said).total(), said.total()))
    return found


def _runs(text: str, order: int) -> Iterator[tuple[str, ...]]:
    words = text.split()
    return (tuple(words[i : i + order]) for i in range(len(words) - order + 1))


def wrong_order(reference: str) -> str:
    """The same words in another order that keeps as many n-grams as possible.

    The sentence is cut in two and the parts are swapped. If no word occurs twice, any other order
    breaks more n-grams. Returns "" if no cut gives a different text.
    """
    words = reference.split()
    swapped = (" ".join(words[cut:] + words[:cut]) for cut in range(1, len(words)))
    others = [text for text in swapped if text != " ".join(words)]
    return max(others, key=lambda text: [n for n, _ in ngram_matches(reference, text)], default="")


def changed_word(
    source: str, reference: str, pairs: Sequence[tuple[str, str]]
) -> tuple[str, str] | None:
    """Replace one word of `reference` by a word with another meaning: (new source, new text).

    The meanings of words come from `pairs` of (source, translation): two pairs that differ in one
    word on both sides show which word translates which. In the new source, all neighbouring words
    are neighbours somewhere in `pairs`, so that it is a sentence. Of all such replacements, the
    one that keeps most n-grams is taken. Returns None if `pairs` give no fitting word.
    """
    said, meant = reference.split(), source.split()
    known = {run for text, _ in pairs for run in _runs(text, 2)}
    best: tuple[list[int], str, str] | None = None
    for (old_meaning, old), (new_meaning, new) in sorted(_exchanges(source, reference, pairs)):
        if meant.count(old_meaning) != 1 or said.count(old) != 1:
            continue
        text = " ".join(new if word == old else word for word in said)
        meaning = " ".join(new_meaning if word == old_meaning else word for word in meant)
        kept = [n for n, _ in ngram_matches(reference, text)]
        if known.issuperset(_runs(meaning, 2)) and (best is None or kept > best[0]):
            best = kept, meaning, text
    return best[1:] if best else None


def _exchanges(
    source: str, text: str, pairs: Sequence[tuple[str, str]]
) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    """((a, x), (b, y)): x translates a where y translates b, for a in `source` and x in `text`."""
    alike: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for one in pairs:
        for a, meant in _with_a_gap(one[0]):
            for x, said in _with_a_gap(one[1]):
                alike.setdefault((meant, said), set()).add((a, x))
    mine = {(a, x) for a in source.split() for x in text.split()}
    return {
        (one, other)
        for group in alike.values()
        if len(group) > 1
        for one in group & mine
        for other in group
        if one[0] != other[0] and one[1] != other[1]
    }


def _with_a_gap(text: str) -> list[tuple[str, str]]:
    """Each word, with the text in which a gap replaces it."""
    words = text.split()
    return [
        (word, " ".join((*words[:place], "", *words[place + 1 :])))
        for place, word in enumerate(words)
    ]


def bleu_cases(gold: Sequence[str], predicted: Sequence[str]) -> BleuCases:
    """For each output alone: BLEU as defined, BLEU with effective order, and exact match.

    Raises BadRequest for more than MAX_CASES sentences or more than MAX_SENTENCE characters.
    """
    if len(gold) > MAX_CASES or any(len(text) > MAX_SENTENCE for text in (*gold, *predicted)):
        raise BadRequest(
            f"BLEU is shown for up to {MAX_CASES} sentences of {MAX_SENTENCE:,} characters: "
            "shorten the text."
        )
    return BleuCases(tuple(_bleu_case(g, p) for g, p in zip(gold, predicted, strict=True)))


def _bleu_case(gold: str, predicted: str) -> BleuCase:
    # A bootstrap over one sentence always draws that sentence, so its interval means nothing.
    plain, effective = (
        bleu([gold], [predicted], effective_order=one, resamples=1) for one in (False, True)
    )
    return BleuCase(
        bleu=plain.value,
        bleu_effective=effective.value,
        precisions=plain.precisions,
        brevity_penalty=plain.brevity_penalty,
        matches=tuple(ngram_matches(gold, predicted)),
        exact=gold == predicted,
        words=len(predicted.split()),
        reference_words=len(gold.split()),
    )
