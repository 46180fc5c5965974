"""Metrics against their definitions, F1 against scikit-learn, and BLEU against sacrebleu."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylm.errors import BadRequest
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.metrics import (
    METRICS,
    accuracy,
    bits_per_byte,
    bleu,
    f1,
    macro_f1,
    perplexity,
)
from tinylm.evaluation.tasks import tasks_for
from tinylm.questions.models import Figure

PAIRS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcde")), min_size=1)
LABELS = st.lists(st.sampled_from("abcdef"), min_size=1, unique=True)
WORDS = st.lists(st.sampled_from(["ka", "lo", "mi", "nu", "."]), max_size=9).map(" ".join)
TEXTS = st.lists(st.tuples(WORDS.filter(bool), WORDS), min_size=1, max_size=6)


def test_accuracy() -> None:
    assert accuracy(["a", "b", "a", "b"], ["a", "b", "b", "b"]) == 0.75


def test_macro_f1_counts_a_rare_label_as_much_as_a_common_one() -> None:
    gold = ["a"] * 9 + ["b"]
    assert accuracy(gold, ["a"] * 10) == 0.9
    assert macro_f1(gold, ["a"] * 10) == pytest.approx((18 / 19 + 0) / 2)


@settings(deadline=None)  # the first example pays for the import
@given(PAIRS)
def test_macro_f1_agrees_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    gold, predicted = zip(*pairs, strict=True)
    expected = sklearn.f1_score(gold, predicted, average="macro", zero_division=0)
    assert macro_f1(gold, predicted) == pytest.approx(expected)


@settings(deadline=None)
@given(PAIRS, LABELS)
def test_macro_f1_of_given_labels_agrees_with_scikit_learn(
    pairs: list[tuple[str, str]], labels: list[str]
) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    gold, predicted = zip(*pairs, strict=True)
    options = {"labels": labels, "average": "macro", "zero_division": 0}
    try:
        expected = sklearn.f1_score(gold, predicted, **options)
    except ValueError:  # it wants a label that occurs; every other label scores 0 with it
        assert not set(labels) & {*gold, *predicted}
        expected = 0.0
    assert macro_f1(gold, predicted, labels) == pytest.approx(expected)


@settings(deadline=None)
@given(PAIRS, st.sampled_from("abcde"))
def test_f1_of_one_label_agrees_with_scikit_learn(pairs: list[tuple[str, str]], label: str) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    gold, predicted = ([one == label for one in side] for side in zip(*pairs, strict=True))
    expected = sklearn.f1_score(gold, predicted, pos_label=True, zero_division=0)
    assert f1(*zip(*pairs, strict=True), label) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [  # by hand from the definition; the first is scikit-learn's own example
        ([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 0.26666666666666666),
        (["x", "y", "y"], ["x", "y", "z"], 0.5555555555555556),
        ([1, 1], [0, 0], 0.0),
        ([1], [1], 1.0),
    ],
)
def test_macro_f1_known_values(
    gold: list[object], predicted: list[object], expected: float
) -> None:
    assert macro_f1(gold, predicted) == pytest.approx(expected)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_bleu_is_that_of_sacrebleu(texts: list[tuple[str, str]]) -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    gold, predicted = map(list, zip(*texts, strict=True))
    expected = sacrebleu.corpus_bleu(predicted, [gold], tokenize="none", force=True)
    found = bleu(gold, predicted)
    assert found.value == pytest.approx(expected.score)
    assert found.precisions == pytest.approx(expected.precisions)
    assert found.brevity_penalty == pytest.approx(expected.bp)
    assert found.low is not None and found.high is not None
    assert 0 <= found.low <= found.high <= 100 + 1e-9
    metric = sacrebleu.metrics.BLEU(tokenize="none", effective_order=True, force=True)
    effective = bleu(gold, predicted, effective_order=True).value
    assert effective == pytest.approx(metric.corpus_score(predicted, [gold]).score)


def test_bleu_of_one_sentence_has_no_spread_and_of_many_has_one() -> None:
    one = bleu(["ka lo mi nu pe"], ["ka lo mi nu ra"])
    assert one.low == one.value == one.high
    many = bleu(["ka lo mi nu pe"] * 20, ["ka lo mi nu pe"] * 10 + ["ra"] * 10)
    assert many.low is not None and many.high is not None
    assert many.low < many.value < many.high


def test_perplexity_of_equal_odds_is_their_number() -> None:
    assert perplexity(math.log(1536)) == pytest.approx(1536)
    assert perplexity(0) == 1
    assert perplexity(1e9) == math.inf


def test_bits_per_byte_of_a_uniform_byte_model_is_eight() -> None:
    assert bits_per_byte(100 * math.log(256), 100) == pytest.approx(8)


def test_what_cannot_be_measured_is_refused() -> None:
    for metric in (accuracy, macro_f1, bleu):
        for gold in ([], ["a"]):
            with pytest.raises(BadRequest):
                metric(gold, [])
    with pytest.raises(BadRequest):
        bits_per_byte(1.0, 0)


# The list of metrics ---------------------------------------------------------------------------

GOLD = ["ka lo mi nu pe"] * 3 + ["pe nu mi lo ka"] * 2


def test_every_metric_of_a_task_is_listed() -> None:
    assert {name for task in tasks_for("world") for name in task.metrics} == set(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_perfect_answers_get_the_whole_scale_and_worse_ones_less(name: str) -> None:
    metric = METRICS[name]
    values = [metric.compute(GOLD, GOLD[:right] + ["ra"] * (5 - right)).value for right in range(6)]
    assert values[-1] == pytest.approx(metric.scale)
    assert values[0] == pytest.approx(0, abs=1e-9)
    assert values == sorted(values)


@pytest.mark.parametrize("name", METRICS)
def test_an_interval_holds_its_value(name: str) -> None:
    found = METRICS[name].compute(GOLD * 8, GOLD * 6 + ["ra"] * 10)
    assert (found.low is None) == (found.high is None) == (name == "macro_f1")
    if found.low is not None and found.high is not None:
        assert found.low < found.value < found.high


def test_listed_metrics_are_the_functions_of_the_lessons() -> None:
    answers = ["ka lo mi nu pe", "ra", "pe nu mi lo ka", "pe nu mi lo ka", "ka"]
    found = {name: metric.compute(GOLD, answers) for name, metric in METRICS.items()}
    assert found["accuracy"].value == accuracy(GOLD, answers) == 0.4
    assert (found["accuracy"].low, found["accuracy"].high) == wilson(2, 5)
    assert found["macro_f1"].value == macro_f1(GOLD, answers, sorted(set(GOLD)))
    whole = bleu(GOLD, answers)
    assert found["bleu"] == Figure(whole.value, whole.low, whole.high, 100)
