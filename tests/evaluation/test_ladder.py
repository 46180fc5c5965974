"""The rungs beside a model's loss are measured on exactly what the loss is measured on."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny
from tinylm.answers import engine, loading
from tinylm.corpora.corpus import Corpus, CorpusInfo, Document
from tinylm.errors import TinylmError
from tinylm.evaluation.ladder import ladder
from tinylm.evaluation.ngram import NGram
from tinylm.events import EvalDone
from tinylm.presets import preset_config
from tinylm.questions.models import Ladder, LadderOf
from tinylm.text.tokenizer import Tokenizer

RUN = "world-tiny-base"
ASKED = LadderOf(RUN, "world", 400)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[EvalDone]]]:
    """A home with one tiny run, and its validations."""
    home = tmp_path_factory.mktemp("home")
    events = engine.run(preset_config("tiny"), home / "runs" / RUN, home, threads=lambda: 1)
    evals = [event for event in events if isinstance(event, EvalDone)]
    yield home, evals
    loading._warm.clear()


@pytest.fixture(scope="module")
def found(trained: tuple[Path, list[EvalDone]]) -> Ladder:
    return engine.answer(ASKED, trained[0])


def corpus(train: list[str], val: list[Document]) -> Corpus:
    info = CorpusInfo("little", "Little", "", "", "")
    return Corpus(info, tuple(Document(text) for text in train), tuple(val))


def test_the_same_targets_are_counted_as_in_the_final_validation(
    trained: tuple[Path, list[EvalDone]], found: Ladder
) -> None:
    final = trained[1][-1]
    assert found.tokens == final.num_tokens
    nats = final.bits_per_byte * math.log(2) * found.bytes
    assert nats / found.tokens == pytest.approx(final.loss)


def test_every_rung_is_below_the_one_before_and_the_entropy_below_all(
    trained: tuple[Path, list[EvalDone]], found: Ladder
) -> None:
    losses = [rung.loss for rung in found.models.values()]
    assert list(found.models) == ["uniform", "unigram", "bigram", "trigram"]
    assert losses[0] == pytest.approx(math.log(512))
    assert losses == sorted(losses, reverse=True)
    assert 0 < found.entropy.loss < losses[-1]
    assert found.entropy.loss < trained[1][-1].loss


def test_perplexity_and_bits_per_byte_belong_to_the_loss(found: Ladder) -> None:
    for rung in [*found.models.values(), found.entropy]:
        nats = rung.loss * found.tokens
        assert rung.perplexity == pytest.approx(math.exp(rung.loss))
        assert rung.bits_per_byte == pytest.approx(nats / math.log(2) / found.bytes)
    whole = sum(kind.tokens * kind.entropy.loss for kind in found.kinds.values())
    assert found.entropy.bits_per_byte == pytest.approx(whole / math.log(2) / found.bytes)


def test_the_kinds_make_up_the_whole(found: Ladder) -> None:
    kinds = found.kinds.values()
    assert len(kinds) > 2
    assert sum(kind.documents for kind in kinds) == found.documents
    assert sum(kind.tokens for kind in kinds) == found.tokens
    nats = sum(kind.tokens * kind.entropy.loss for kind in kinds)
    assert nats / found.tokens == pytest.approx(found.entropy.loss)


def test_a_run_without_a_vocabulary_is_refused_in_words(home: Path) -> None:
    with pytest.raises(TinylmError, match="train it first"):
        engine.answer(ASKED, home)


def test_the_entropy_of_a_known_choice_is_its_logarithm() -> None:
    texts = ["a", "b", "c", "d"]  # each one token, and the separator that is sure to follow
    documents = [Document(text, log_probability=-math.log(4)) for text in texts * 25]
    found = ladder(corpus(texts * 1000, documents), Tokenizer([]), 10_000)
    assert found.tokens == 200
    assert found.entropy.loss == pytest.approx(math.log(4) / 2)
    assert found.models["bigram"].loss == pytest.approx(math.log(4) / 2, abs=0.01)
    # The unigram model cannot know where a document ends: half the tokens are separators.
    assert found.models["unigram"].loss == pytest.approx(math.log(4), abs=0.01)


def test_one_unknown_probability_leaves_the_entropy_unknown() -> None:
    documents = [Document("ab", "prose", -1.0), Document("cd", "names")]
    found = ladder(corpus(["ab", "cd"], documents), Tokenizer([]), 0)
    assert found.entropy is None
    assert found.kinds["prose"].entropy.loss == pytest.approx(1 / 3)
    assert found.kinds["names"].entropy is None


def test_only_the_first_documents_up_to_the_limit_are_measured() -> None:
    texts = tiny.documents(40)
    documents = [Document(text, log_probability=-float(i)) for i, text in enumerate(texts)]
    found = ladder(corpus(texts, documents), Tokenizer([]), 200)
    assert 0 < found.documents < 40
    part = dataclasses.replace(corpus(texts, documents), val=tuple(documents[: found.documents]))
    assert ladder(part, Tokenizer([]), 0) == found
    ids = Tokenizer([]).encode_batch(texts)
    losses = NGram.fit(ids, 3, 256).losses(ids[: found.documents])
    assert found.models["trigram"].loss == pytest.approx(losses.mean())
