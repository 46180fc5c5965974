"""The traps of the four metrics: each misleads in the way its page says, and only so."""

from __future__ import annotations

import math
from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiny import documents
from tinylm.answers import engine
from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.corpora.world.grammar import English, Phrase, Sentence, translate
from tinylm.corpora.world.world import default_world
from tinylm.errors import BadRequest, StorageError
from tinylm.evaluation import bleu_traps, traps
from tinylm.evaluation.metrics import f1
from tinylm.evaluation.tasks import task
from tinylm.evaluation.vocabularies import count_in_vocabularies
from tinylm.presets import preset_config
from tinylm.questions.models import Bleu, InVocabulary, Loss, Vocabularies
from tinylm.text.tokenizer import WIDEST, train_tokenizer
from tinylm.training.prepare import learned_tokenizer

ANSWERS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abcx")), min_size=1, max_size=40
)
SENTENCES = st.lists(st.sampled_from(["ka", "lo", "mi", "nu"]), min_size=1, max_size=6)
UNEQUAL = ["common"] * 60 + ["rare"] * 30 + ["rarest"] * 10
GUESSES = [
    *(["common"] * 50 + ["rare"] * 8 + ["rarest"] * 2),
    *(["rare"] * 24 + ["common"] * 6),
    *(["rarest"] * 6 + ["rare"] * 4),
]


# Perplexity


@given(st.floats(0.1, 1e5), st.integers(1, 5_000), st.integers(1, 10), st.integers(1, 50_000))
def test_perplexity_moves_with_the_unit_and_bits_per_byte_does_not(
    nats: float, few: int, times: int, num_bytes: int
) -> None:
    large, small = (traps.in_units(nats, n, num_bytes) for n in (few, few * times))
    assert large.bits_per_byte == small.bits_per_byte
    if large.perplexity < math.inf:
        assert large.perplexity == pytest.approx(small.perplexity**times, rel=1e-6)


def test_per_byte_perplexity_and_bits_per_byte_are_one_thing() -> None:
    found = traps.in_units(1234.5, 700, 700)
    assert found.perplexity == pytest.approx(2**found.bits_per_byte)


def test_no_units_no_perplexity() -> None:
    with pytest.raises(BadRequest, match="at least one unit"):
        traps.in_units(1.0, 0, 10)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    train, val = (tuple(map(Document, documents(*one))) for one in ((300, 0), (40, 1)))
    return Corpus(CorpusInfo("little", "", "", "", ""), train, val)


def test_a_text_has_fewer_tokens_in_a_larger_vocabulary(corpus: Corpus, tmp_path: Path) -> None:
    widest = learned_tokenizer(corpus, WIDEST, tmp_path)
    own = train_tokenizer((d.text for d in corpus.train), 270)
    found = count_in_vocabularies(corpus, own, widest, 10_000)
    counts = {one.vocab_size: one.tokens for one in found.sizes}
    assert list(counts) == sorted(counts)
    assert found.documents == len(corpus.val)
    assert counts[256] == found.bytes + found.documents  # a separator ends each document
    assert counts[270] == found.tokens
    falling = list(counts.values())
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] < falling[0] / 2
    assert found.words == sum(len(d.text.split()) for d in corpus.val)


def test_the_documents_are_those_that_the_loss_is_measured_on(
    corpus: Corpus, tmp_path: Path
) -> None:
    own = train_tokenizer((d.text for d in corpus.train), 256)
    sizes = [len(d.text) + 1 for d in corpus.val]
    found = count_in_vocabularies(corpus, own, own, sum(sizes[:7]))
    assert (found.documents, found.tokens) == (7, sum(sizes[:7]))


def test_the_widest_vocabulary_is_learned_once(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = learned_tokenizer(corpus, WIDEST, tmp_path)
    assert train_tokenizer((d.text for d in corpus.train), 270).merges == first.merges[:14]
    monkeypatch.setattr("tinylm.training.prepare.train_tokenizer", None)
    assert learned_tokenizer(corpus, WIDEST, tmp_path).merges == first.merges


def test_the_job_counts_the_text_that_the_loss_job_measures(home: Path) -> None:
    config = preset_config("tiny", corpus="names", steps=2, vocab_size=300, documents=300)
    list(engine.run(config, home / "runs" / "a-run", home, threads=lambda: 1))
    measured = engine.answer(Loss("a-run", 2), home)
    found = engine.answer(Vocabularies("a-run", "names", 300), home)
    assert found.vocab_size == 300
    assert InVocabulary(300, measured.tokens) in found.sizes
    units = traps.in_units(measured.loss * measured.tokens, found.tokens, found.bytes)
    assert units.perplexity == pytest.approx(measured.perplexity)
    assert units.bits_per_byte == pytest.approx(measured.bits_per_byte)


def test_a_vocabulary_that_cannot_be_kept_says_so(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file is in the way")
    with pytest.raises(StorageError, match="free some space"):
        learned_tokenizer(corpus, WIDEST, tmp_path)


# Accuracy


def test_the_commonest_of_equals_is_the_first() -> None:
    assert traps.commonest(["b", "a", "b", "a", "c"]) == "a"


def test_with_fewer_rare_items_the_majority_gains_accuracy_but_no_macro_f1() -> None:
    rows = [traps.against_majority(UNEQUAL, GUESSES, share, 1) for share in (1.0, 0.3, 0.0)]
    accuracies = [row.majority.accuracy for row in rows]
    assert accuracies == sorted(accuracies)
    assert accuracies[0] == 0.6
    assert accuracies[-1] == 60 / 62
    assert rows[0].model.accuracy > accuracies[0]
    assert rows[-1].model.accuracy < accuracies[-1]
    for row in rows:  # one class of three is all that it can ever get
        assert row.majority.macro_f1 <= 1 / 3
        assert row.model.macro_f1 > row.majority.macro_f1


@given(ANSWERS, st.integers(0, 20), st.integers(0, 20))
def test_thinning_keeps_every_class_and_nests(
    answers: list[tuple[str, str]], one: int, other: int
) -> None:
    gold = [g for g, _ in answers]
    common = traps.commonest(gold)
    small, large = (traps.thinned(gold, common, n / 20, 1) for n in sorted((one, other)))
    assert set(small) <= set(large)
    assert {gold[i] for i in small} == set(gold)
    assert sum(gold[i] == common for i in small) == gold.count(common)
    assert traps.thinned(gold, common, 1.0, 1) == list(range(len(gold)))


def test_a_row_carries_its_number_and_interval() -> None:
    found = traps.classified(UNEQUAL, GUESSES)
    assert found.n == 100
    assert found.low < found.accuracy < found.high


@settings(deadline=None, max_examples=30)
@given(ANSWERS)
def test_the_difference_in_macro_f1_is_that_of_the_metric(answers: list[tuple[str, str]]) -> None:
    gold, predicted = zip(*answers, strict=True)
    always = [traps.commonest(gold)] * len(gold)
    scores = [traps.classified(gold, side).macro_f1 for side in (predicted, always)]
    found, low, high = traps.macro_f1_difference(gold, predicted, always, 1)
    assert found == pytest.approx(scores[0] - scores[1])
    assert low <= high


def test_a_clear_difference_in_macro_f1_has_an_interval_without_zero() -> None:
    always = ["common"] * len(UNEQUAL)
    assert traps.macro_f1_difference(UNEQUAL, GUESSES, always, 1)[1] > 0
    assert traps.macro_f1_difference(UNEQUAL, always, always, 1) == (0, 0, 0)
    one_better = ["common"] * 99 + ["rarest"]
    assert traps.macro_f1_difference(UNEQUAL, one_better, always, 1)[1] <= 0


def test_classes_that_are_seldom_drawn_do_not_push_the_interval_below_the_difference() -> None:
    sizes = [90, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5]
    gold = [f"kind {kind}" for kind, size in enumerate(sizes) for _ in range(size)]
    right = [said if place % 5 else "kind 1" for place, said in enumerate(gold)]
    found, low, high = traps.macro_f1_difference(gold, right, ["kind 0"] * len(gold), 1)
    assert low < found < high - 0.05  # with absent classes as zeros it was at the upper end


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(BadRequest):
        traps.thinned(UNEQUAL, "common", share, 1)


# F1


@given(ANSWERS, st.sampled_from("abcx"))
def test_f1_of_the_counts_is_f1_of_the_answers(answers: list[tuple[str, str]], label: str) -> None:
    gold, predicted = zip(*answers, strict=True)
    found = traps.one_against_rest(gold, predicted, label)
    assert found.n == len(answers)
    assert found.share == gold.count(label) / len(gold)
    assert found.f1 == f1(gold, predicted, label)
    if found.precision + found.recall:
        mean = 2 * found.precision * found.recall / (found.precision + found.recall)
        assert found.f1 == pytest.approx(mean)


def test_in_a_rarer_class_recall_stays_while_precision_and_f1_fall() -> None:
    shares = (0.5, 0.3, 0.1, 0.03, 0.01)
    found = [traps.at_share(UNEQUAL, GUESSES, "rare", share, 1) for share in shares]
    plain = traps.one_against_rest(UNEQUAL, GUESSES, "rare")
    assert 0 < plain.precision < 1
    assert {one.recall for one in found} == {plain.recall}
    for values in ([one.precision for one in found], [one.f1 for one in found]):
        assert values == sorted(values, reverse=True)
        assert values[-1] < values[0] / 3
    for one, share in zip(found, shares, strict=True):
        assert one.share == pytest.approx(share, rel=0.01)


def test_at_its_own_share_a_class_scores_as_measured() -> None:
    plain = traps.one_against_rest(UNEQUAL, GUESSES, "rare")
    assert traps.at_share(UNEQUAL, GUESSES, "rare", plain.share, 1) == plain


def test_the_class_to_begin_with_has_hits_and_false_alarms() -> None:
    assert traps.most_confused(UNEQUAL, GUESSES) == "rare"
    assert traps.most_confused(["a", "a", "b"], ["a", "a", "b"]) == "a"


@pytest.mark.parametrize(
    ("label", "share"), [("rare", 0.0), ("rare", 1.0), ("nobody", 0.5), ("all", 0.5)]
)
def test_a_class_without_items_or_others_is_refused(label: str, share: float) -> None:
    gold = ["all"] * 100 if label == "all" else UNEQUAL
    with pytest.raises(BadRequest):
        traps.at_share(gold, GUESSES, label, share, 1)


# BLEU


def test_a_right_answer_of_three_words_scores_nothing() -> None:
    (case,) = bleu_traps.bleu_cases(["ka lo mi"], ["ka lo mi"]).cases
    assert case.exact
    assert (case.bleu, case.bleu_effective) == (0, pytest.approx(100))
    assert case.matches == ((3, 3), (2, 2), (1, 1), (0, 0))


def test_a_wrong_order_and_a_wrong_word_score_far_above_nothing() -> None:
    reference = "ka lo mi nu pe ra so"
    order = bleu_traps.wrong_order(reference)
    word = "ka lo mi nu pe ra xx"
    found = bleu_traps.bleu_cases([reference] * 3, [order, word, ""]).cases
    assert not any(case.exact for case in found)
    assert Counter(order.split()) == Counter(reference.split())
    assert found[0].bleu > 80
    assert found[1].bleu > 80
    assert found[2].bleu == 0


@settings(deadline=None)  # the first example pays for the import
@given(SENTENCES, SENTENCES)
def test_matches_are_those_that_bleu_counts(reference: list[str], output: list[str]) -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    gold, said = " ".join(reference), " ".join(output)
    found = sacrebleu.corpus_bleu([said], [[gold]], tokenize="none", force=True)
    matches = bleu_traps.ngram_matches(gold, said)
    assert matches == list(zip(found.counts, found.totals, strict=True))


@settings(max_examples=40, deadline=None)
@given(st.permutations(["ka", "lo", "mi", "nu", "pe", "ra"]), st.integers(2, 6))
def test_no_other_order_keeps_more_runs_of_words(words: list[str], number: int) -> None:
    reference = " ".join(words[:number])
    others = {" ".join(order) for order in permutations(words[:number])} - {reference}
    found = bleu_traps.wrong_order(reference)
    assert found in others

    def kept(text: str) -> list[int]:
        return [n for n, _ in bleu_traps.ngram_matches(reference, text)]

    assert kept(found) == max(map(kept, others))


@given(SENTENCES)
def test_a_wrong_order_is_never_the_reference(words: list[str]) -> None:
    found = bleu_traps.wrong_order(" ".join(words))
    assert (found == "") == (len(set(words)) == 1)
    assert found == "" or Counter(found.split()) == Counter(words)
    assert found.split() != words


def test_a_changed_word_means_what_the_translations_say() -> None:
    pairs = [("the cat sleeps", "ka mi"), ("the dog sleeps", "lo mi"), ("a cat sings", "na ka su")]
    assert bleu_traps.changed_word("a cat sings", "na ka su", pairs) is None  # nobody says "a dog"
    pairs.append(("a dog sings", "na lo su"))
    assert bleu_traps.changed_word("a cat sings", "na ka su", pairs) == ("a dog sings", "na lo su")
    assert bleu_traps.changed_word("the cow sings", "pu su", pairs) is None


@pytest.mark.parametrize("name", ["to_nuveli", "to_drazgok"])
def test_changed_words_of_the_world_are_right_translations_of_another_sentence(name: str) -> None:
    languages = default_world().languages
    assert languages is not None
    language = languages.language(name[3:].capitalize())
    found = task("world", name)
    pairs = [(item.context, item.answer) for item in (*found.train, *found.test)]
    for item in found.test[::40]:
        changed = bleu_traps.changed_word(item.context, item.answer, pairs)
        assert changed
        meaning, text = changed
        assert meaning != item.context
        assert translate(language, parsed(languages.english, meaning)) == text


def parsed(english: English, text: str) -> Sentence:
    """The sentence of these words."""
    subjects, objects = phrases(english, english.subjects), phrases(english, english.objects)
    words = text.split()
    for place, word in enumerate(words):
        subject = subjects.get(" ".join(words[:place]))
        for verb in english.verbs if subject else ():
            present = verb.plural if subject.several else verb.singular
            if word in (present, verb.past):
                return Sentence(
                    subject, verb, word == verb.past, objects[" ".join(words[place + 1 :])]
                )
    raise AssertionError(f"{text!r} is no sentence")


def phrases(english: English, nouns: dict[str, str]) -> dict[str, Phrase]:
    made = (
        Phrase(noun, plural, several, determiner, adjective)
        for noun, plural in nouns.items()
        for several, determiners in english.determiners.items()
        for determiner in determiners
        for adjective in ("", *english.adjectives)
    )
    return {phrase.text: phrase for phrase in made}


def test_the_job_scores_every_sentence_by_itself(home: Path) -> None:
    asked = Bleu(("ka lo mi nu", "ka lo"), ("ka lo mi nu", "ka"))
    cases = engine.answer(asked, home).cases
    assert [case.exact for case in cases] == [True, False]
    assert [case.words for case in cases] == [4, 1]


def test_too_much_text_is_refused() -> None:
    for gold in (["a"] * 21, ["a" * 1001]):
        with pytest.raises(BadRequest, match="shorten"):
            bleu_traps.bleu_cases(gold, gold)
