"""Functions that answer questions about vocabularies."""

from __future__ import annotations

from pathlib import Path

from tinylm.corpora import load as load_corpus
from tinylm.corpora import world_of
from tinylm.corpora.corpus import Corpus
from tinylm.errors import BadRequest
from tinylm.questions import tokens as asked
from tinylm.questions.corpora import CorpusSize, Size
from tinylm.text.gpt2 import gpt2_encoding, gpt2_tokens
from tinylm.text.tokenizer import WIDEST, Tokenizer
from tinylm.training.prepare import learned_tokenizer

SIZES = (256, 512, 1024, 1536, 2048, 3072, 4096)  # vocabularies of the table
CONTEXT = 128  # tokens; the context length of the presets
MAX_CHARACTERS = 5_000  # most characters of the texts to show
VALIDATION_CHARACTERS = 300_000  # of validation text that the table is computed on
CARD_VOCAB = 2048  # the vocabulary size of the short presets
BATCH = 2_000  # documents that are encoded at once
DOCUMENTS = 20_000  # of a generated world; merges are learned on fewer


def merges(question: asked.Merges, home: Path) -> asked.MergeList:
    """All merges that are learned on the corpus, in order."""
    tokenizer = _widest(question.corpus, question.made, home)[1]
    return asked.MergeList(
        tuple(
            (tokenizer.token_bytes(left).hex(), tokenizer.token_bytes(right).hex())
            for left, right in tokenizer.merges
        )
    )


def compression(question: asked.Compression, home: Path) -> asked.CompressionTable:
    """Bytes per token of validation text, by size of the vocabulary, and with GPT-2's."""
    corpus, tokenizer = _widest(question.corpus, question.made, home)
    texts, room = [], VALIDATION_CHARACTERS
    for document in corpus.val:
        texts.append(document.text[:room])
        room -= len(texts[-1])
        if room <= 0:
            break
    size = sum(len(text.encode("utf-8")) for text in texts)
    words = sum(len(text.split()) for text in texts)

    def row(tokens: int, vocab_size: int) -> asked.Coded:
        some = max(1, tokens)
        return asked.Coded(vocab_size, tokens, size / some, CONTEXT * words / some)

    rows = []
    for wanted in (s for s in SIZES if s <= tokenizer.vocab_size):
        coder = tokenizer.truncated(wanted)
        rows.append(row(sum(map(len, coder.encode_batch(texts))), wanted))
    gpt2 = gpt2_encoding()
    theirs = row(sum(map(len, gpt2.encode_ordinary_batch(texts))), gpt2.n_vocab)
    return asked.CompressionTable(tuple(rows), theirs, size, words)


def tokens_of(question: asked.Tokenize, home: Path) -> asked.TokenizedTexts:
    """Each text in tokens of the corpus's vocabulary, cut to the given size, and of GPT-2's.

    Raises BadRequest for more than MAX_CHARACTERS.
    """
    texts = question.texts
    if sum(map(len, texts)) > MAX_CHARACTERS:
        raise BadRequest(f"At most {MAX_CHARACTERS:,} characters can be shown: take a part.")
    tokenizer = _widest(question.corpus, question.made, home)[1]
    coder = tokenizer.truncated(min(question.vocab_size, tokenizer.vocab_size))
    return asked.TokenizedTexts(
        tuple(tuple((i, coder.token_bytes(i).hex()) for i in coder.encode(t)) for t in texts),
        tuple(tuple((i, spelled.hex()) for i, spelled in gpt2_tokens(text)) for text in texts),
    )


def size(question: Size, home: Path) -> CorpusSize:
    """Documents, characters, bytes and tokens of both splits of a corpus, and facts of a world.

    Tokens are those of a vocabulary of CARD_VOCAB tokens that is learned on the corpus, or of a
    smaller one where the corpus does not give so many.
    """
    name = question.corpus
    corpus = load_corpus(name, 0, home)
    widest = learned_tokenizer(corpus, WIDEST, home)
    tokenizer = widest.truncated(min(CARD_VOCAB, widest.vocab_size))
    texts = [document.text for document in (*corpus.train, *corpus.val)]
    tokens = 0
    for start in range(0, len(texts), BATCH):
        tokens += sum(map(len, tokenizer.encode_batch(texts[start : start + BATCH])))
    world = world_of(name, home)
    return CorpusSize(
        documents=len(texts),
        characters=sum(map(len, texts)),
        bytes=sum(len(text.encode("utf-8")) for text in texts),
        tokens=tokens,
        vocab_size=tokenizer.vocab_size,
        facts=world.num_facts if world is not None else None,
    )


def _widest(name: str, made: bool, home: Path) -> tuple[Corpus, Tokenizer]:
    corpus = load_corpus(name, DOCUMENTS if made else 0, home)
    return corpus, learned_tokenizer(corpus, WIDEST, home)
