"""Questions and answers: the same through JSON, and the same forms from both engines."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from pathlib import Path

import msgspec
import pytest

from tests.fake_engine import ANSWERS, FakeEngine
from tests.questions.examples import CONFIG, EXAMPLES, RUN
from tinylm.codec import decode, encode
from tinylm.errors import BadRequest
from tinylm.questions import Answer, Question
from tinylm.questions.corpora import CorpusStatistics, Download
from tinylm.questions.models import CorpusLoss
from tinylm.questions.registry import QUESTIONS, read_question

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden.json")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one tiny pre-trained run."""
    from tinylm.answers import engine

    home = tmp_path_factory.mktemp("home")
    deque(engine.run(CONFIG, home / "runs" / RUN, home, threads=lambda: 1), maxlen=0)
    return home


def test_every_kind_has_an_example_and_a_fake_answer() -> None:
    asked = set(QUESTIONS) - {Download}
    assert {type(question) for question in EXAMPLES.values()} == asked == set(ANSWERS)


@pytest.mark.parametrize("question", EXAMPLES.values(), ids=EXAMPLES)
def test_both_engines_answer_in_the_same_form(shared: Path, question: Question[Answer]) -> None:
    from tinylm.answers import engine

    real = engine.answer(question, shared)
    fake = FakeEngine().answer(question, shared)
    assert type(real) is type(fake)
    for answer in (real, fake):
        # Structs do not check types when they are made, but do when they are read back.
        assert question.read_answer(encode(answer)) == answer
        assert _filled(answer), "an answer without content proves nothing"
    assert _lists(real) == _lists(fake)


def _filled(answer: Answer) -> bool:
    return any(value not in ((), {}, "", None) for value in msgspec.structs.asdict(answer).values())


def _lists(answer: Answer) -> dict[str, bool]:
    """Which fields hold something where they can hold many things."""
    fields = msgspec.structs.asdict(answer)
    return {name: bool(v) for name, v in fields.items() if isinstance(v, tuple | dict)}


def test_questions_and_answers_are_written_as_they_always_were() -> None:
    """What is in stores today must be read tomorrow: a change here needs a migration."""
    written = {
        kind: {
            "question": json.loads(encode(question)),
            "answer": json.loads(encode(FakeEngine().answer(question, Path()))),
        }
        for kind, question in sorted(EXAMPLES.items())
    }
    for kind, one in written.items():
        one["answer"] = _shortened(one["answer"])
        written[kind] = one
    assert written == json.loads(GOLDEN.read_text(encoding="utf-8"))


def _shortened(value: object) -> object:
    """The form of an answer: of every list its first two items."""
    if isinstance(value, list):
        return [_shortened(item) for item in value[:2]]
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("question", EXAMPLES.values(), ids=EXAMPLES)
def test_a_question_survives_the_store_and_keeps_its_key(question: Question[Answer]) -> None:
    again = read_question(encode(question))
    assert (again, again.key(), again.about) == (question, question.key(), question.about)


def test_different_questions_have_different_keys() -> None:
    assert len({question.key() for question in EXAMPLES.values()}) == len(EXAMPLES)


def test_a_key_is_the_same_in_another_process() -> None:
    code = "from tests.questions.examples import EXAMPLES; print(EXAMPLES['score'].key())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == EXAMPLES["score"].key()


@pytest.mark.parametrize("text", ["{", "{}", '{"kind":"sing"}', '{"kind":"score","run":3}', "[]"])
def test_what_is_no_question_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadRequest, match="that tinylm wrote"):
        read_question(text)


def test_numbers_that_are_not_finite_come_back_as_they_were() -> None:
    answer = CorpusLoss(float("nan"), float("inf"), float("-inf"), 1, 1)
    again = decode(encode(answer), CorpusLoss)
    assert again.loss != again.loss
    assert (again.perplexity, again.bits_per_byte) == (float("inf"), float("-inf"))


def test_an_answer_of_another_form_is_refused_in_words() -> None:
    with pytest.raises(BadRequest, match="CorpusStatistics"):
        decode('{"train_documents": "many"}', CorpusStatistics)


def test_a_question_that_cannot_be_read_is_refused_in_a_short_sentence() -> None:
    for text in ('{"kind": "' + 5000 * "a" + '"}', '{"kind": "sample", '):
        with pytest.raises(BadRequest, match="This is not a question that") as refused:
            read_question(text)
        assert len(str(refused.value)) < 300
