"""The checklist: ten written answers, what is left out and why, and texts of any kind."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.explain.checking import ENOUGH, check, rule_in_words, sentences
from pages.explain.content import points, questions
from tests.pages.explain.answers import ALL, GOOD, HOLES, PLAIN, Answer


def test_the_ten_answers_are_about_the_points_there_are() -> None:
    assert {point.name for point in points()} == ALL
    assert len(GOOD) == len(HOLES) == 5


@pytest.mark.parametrize("answer", (GOOD | HOLES).values(), ids=GOOD | HOLES)
def test_ten_written_answers_are_marked_as_intended(answer: Answer) -> None:
    found = check(answer.text).found
    said = {name: answer.text[match.span.start : match.span.end] for name, match in found.items()}
    assert set(found) == answer.points, said


def test_the_good_ones_are_enough_and_the_others_are_not() -> None:
    assert all(len(check(answer.text).found) >= ENOUGH for answer in GOOD.values())
    few = [len(check(answer.text).found) for answer in HOLES.values()]
    assert max(few) == ENOUGH


@pytest.mark.parametrize(
    ("text", "point", "counts"),
    [
        ("It predicts the next word.", "next-token", True),
        ("It does not predict the next word.", "next-token", False),
        ("It does not only predict the next word.", "next-token", True),
        ("It does not memorise but predicts the next word.", "next-token", True),
        ("The next word is predicted.", "next-token", True),
        ("It predicts the weather. The next word is long.", "next-token", False),
        ("Prediction of the following token", "next-token", True),
        ("Loss: 3.5 nats", "loss", True),
        ("No labels: predict the next word.", "next-token", True),
        ("It predicts\nthe next word.", "next-token", True),
        ("We predict\n- the next word", "next-token", False),
        ("The examples don't change the weights.", "same-weights", True),
        ("The examples don’t change the weights.", "same-weights", True),
        ("The examples change the weights.", "same-weights", False),
        ("Fine-tuning does not need many labels.", "self-supervision", False),
        ("Nobody writes labels for it.", "self-supervision", True),
        ("FEW-SHOT", "few-shot", True),
        ("It got 52% right against 7% from random weights.", "scale", False),
        ("It has 175 billion weights.", "scale", True),
        ("It has 664,000 parameters.", "scale", True),
        ("It read 300 billion tokens of text.", "scale", True),
        ("The weights are never changed in a step.", "same-weights", False),
        ("The weights are never changed by the examples.", "same-weights", True),
        ("I do not know what perplexity, BLEU or a prompt is.", "scores", False),
        ("I have no idea what few-shot is.", "few-shot", False),
        ("I do not know much, but accuracy is the share of right answers.", "scores", True),
        ("A base that does not know the task can be asked few-shot.", "few-shot", True),
    ],
)
def test_single_sentences(text: str, point: str, counts: bool) -> None:
    assert (point in check(text).found) == counts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "First a huge pile of writing is chopped into small chunks (whole words or bits of "
            "words).",
            {"data", "tokens"},
        ),
        ("After each look all its numbers are nudged a tiny bit.", {"gradient"}),
        (
            "It starts with random numbers inside the model, and each step nudges all its numbers "
            "a bit.",
            {"gradient"},
        ),
        (
            "Real models have billions of numbers, read hundreds of billions of chunks and need "
            "enormous computing power.",
            {"scale", "data"},
        ),
        ("It takes enormous computing power.", {"scale"}),
        ("So does GPT-3, which also has 175 billion numbers instead of 664 thousand.", {"scale"}),
        ("Put a few solved cases before your question.", {"few-shot"}),
        ("While it reads them none of its numbers is altered.", {"same-weights"}),
        ("It got better, but nothing inside it was changed for that.", {"same-weights"}),
        ("Unlike in training, no weight changes.", {"same-weights"}),
        (
            "You can also train it a bit more on a small set of questions with answers: mine got "
            "52%, and one that started from random numbers got 7%.",
            {"fine-tuning"},
        ),
        (
            "Train it a little more on a few answered examples; after 128 of them it got 52 "
            "percent while one from random numbers got 7.",
            {"fine-tuning"},
        ),
        (
            "One looks at perplexity, i.e. among how many equally likely pieces it hesitates, "
            "measured on text that it has not read.",
            {"perplexity"},
        ),
        ("You look how surprised it was by the real piece.", {"loss"}),
        ("It must pick up how sentences are built and what words mean.", {"knowledge"}),
        ("You can also count how many questions it gets right.", {"scores"}),
        ("To chat with it, people train it afterwards to follow orders.", {"afterwards"}),
        ("Its task is to say how likely each possible next piece of a word is.", {"next-token"}),
    ],
)
def test_plain_words_count_as_much_as_the_fields(text: str, said: set[str]) -> None:
    assert said <= set(check(text).found)


def test_a_whole_answer_in_plain_words_has_every_point() -> None:
    assert set(check(PLAIN).found) == ALL


def test_nonsense_in_the_right_words_gains_nothing() -> None:
    text = (
        "Pre-training never teaches a model to predict the next token. It is bad that perplexity "
        "is not read. No weights change in training."
    )
    assert not check(text).found
    assert check(text).left_out["next-token"].reason == "denied"
    assert "next-token" in check("It has no other task than to predict the next token.").found
    assert "next-token" in check("No labels are needed to predict the next token.").found


@pytest.mark.parametrize(
    "text",
    [
        "He cut the cake into pieces.",
        "Before the exam I answered two problem questions.",
        "The chance of rain in the next bit of the day is high.",
        "The weather gets better with a little more sun in a few cases.",
        "A bigger school has more numbers.",
    ],
)
def test_plain_words_about_another_thing_gain_nothing(text: str) -> None:
    assert not check(text).found


def test_a_short_form_ends_no_sentence() -> None:
    text = "It reads much, e.g. books. It learns, i.e. it gets better vs. the first. The end"
    assert len(list(sentences(text))) == 3


def test_the_place_that_is_shown_is_the_one_that_says_most() -> None:
    text = "Its accuracy counts. One also reports accuracy, F1 and BLEU. A benchmark is a test."
    span = check(text).found["scores"].span
    assert text[span.start : span.end] == "accuracy, F1 and BLEU"


def test_what_is_left_out_says_why() -> None:
    denied = check("It does not predict the next word.")
    assert denied.left_out["next-token"].reason == "denied"
    unknown = check("I do not know what perplexity, BLEU or a prompt is.")
    assert unknown.left_out["scores"].reason == "unknown"
    listed = check(HOLES["a row of words"].text)
    assert {match.reason for match in listed.left_out.values()} == {"listed"}
    assert len(listed.left_out) > ENOUGH
    both = check("It does not predict the next word. It predicts the next word.")
    assert "next-token" in both.found and not both.left_out


def test_our_own_answers_are_no_answers_of_the_learner() -> None:
    ours = " ".join(question.answer for question in questions())
    assert len(check(ours).found) < ENOUGH / 2  # what is found are short sentences, like anybody's
    assert {match.reason for match in check(ours).left_out.values()} >= {"copied"}


def test_rules_are_shown_as_they_are() -> None:
    (first, *_) = next(point for point in points() if point.name == "next-token").rules
    said = rule_in_words(first)
    assert "*predict…*" in said
    assert "within 10 words" in said
    rules = [rule for point in points() for rule in point.rules]
    assert all(rule_in_words(rule) for rule in rules)


LONG = 20_000  # characters, of which the page takes fewer


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n ",
        "<script>alert(1)</script> :green-background[x] ![](http://example.invalid/x.png)",
        "." * LONG,
        "a" * LONG,
        "predict next word " * (LONG // 18),
        "not " * (LONG // 4),
        "’" * LONG,
        "下一个词是什么？模型预测下一个词。" * (LONG // 17),
        "الكلمة التالية " * (LONG // 15),
        "\u202e\u0000\ud800 \U0001f600",
    ],
    ids=range(11),
)
def test_hostile_texts_do_no_harm(text: str) -> None:
    began = time.process_time()
    checked = check.__wrapped__(text)
    assert time.process_time() - began < 4
    assert set(checked.found) <= ALL


WORDS = st.sampled_from(
    [
        "predict",
        "next",
        "word",
        "not",
        "no",
        "loss",
        "3.5",
        ".",
        ";",
        "'tis",
        "don’t",
        "the\n",
        "example",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=80).map(" ".join)))
def test_every_place_that_is_found_stands_in_the_text(text: str) -> None:
    checked = check(text)
    for match in [*checked.found.values(), *checked.left_out.values()]:
        assert 0 <= match.span.start < match.span.end <= len(text)
    assert not set(checked.found) & set(checked.left_out)
    for words in sentences(text):
        for word in words:
            assert text[word.start : word.end].strip() == text[word.start : word.end]
