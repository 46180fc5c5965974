"""Functions that answer questions about a run's model: its scores, odds and texts.

All that load a model raise NotFound where there is none.
"""

from __future__ import annotations

import math
from pathlib import Path

from tinylm.answers.loading import load_model, load_tokenizer
from tinylm.answers.prompts import checked
from tinylm.corpora import load as load_corpus
from tinylm.errors import BadRequest
from tinylm.evaluation.bleu_traps import bleu_cases
from tinylm.evaluation.context import Context, how_it_fits, prompt_ids
from tinylm.evaluation.ladder import ladder
from tinylm.evaluation.loss import corpus_loss
from tinylm.evaluation.measure import measure
from tinylm.evaluation.scoring import Question
from tinylm.evaluation.scoring import score as score_all
from tinylm.evaluation.tasks import task as find_task
from tinylm.evaluation.vocabularies import count_in_vocabularies
from tinylm.model.generate import generate, next_token_odds
from tinylm.questions import models as asked
from tinylm.text.tokenizer import WIDEST
from tinylm.training.prepare import FINAL_VALIDATION_TOKENS, learned_tokenizer

MAX_SAMPLE = 500  # most tokens of a sample


def score(question: asked.Score, home: Path) -> asked.Measurement:
    """Measure the accuracy on the task's held-out items."""
    model, tokenizer, config = load_model(home, question.run, question.step, elsewhere=True)
    return measure(
        model,
        tokenizer,
        find_task(config.corpus, question.task, home),
        num_fewshot=question.num_fewshot,
        group=question.group,
        limit=question.limit,
        seed=question.seed,
        control=question.control,
        texts=question.texts,
    )


def fitting(question: asked.Fitting, home: Path) -> asked.FittingExamples:
    """The largest number of the examples, up to those asked for, that fit into the context."""
    model, tokenizer, config = load_model(home, question.run, question.step, elsewhere=True)
    task = find_task(config.corpus, question.task, home)
    if not 0 <= question.item < len(task.test):
        raise BadRequest(f"Task {task.name!r} has no item {question.item}: choose another.")
    context = Context(tokenizer, model.config.block_size)
    item = task.test[question.item]
    chosen = question.num_fewshot, question.seed, question.control
    prompt = context.few_shot_prompt(task, item, *chosen)
    tokens = len(prompt_ids(tokenizer, prompt.text))
    return asked.FittingExamples(len(prompt.examples), tokens, context.size)


def fits(question: asked.Fits, home: Path) -> asked.TaskFits:
    """Which items fit without an example, and how many examples fit beside those held out."""
    model, tokenizer, config = load_model(home, question.run, question.step, elsewhere=True)
    return how_it_fits(
        find_task(config.corpus, question.task, home),
        Context(tokenizer, model.config.block_size),
    )


def loss(question: asked.Loss, home: Path) -> asked.CorpusLoss:
    """Measure the loss on validation documents of the run's corpus."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    # The validation split is the same for any number of training documents, so one is enough.
    corpus = load_corpus(config.corpus, 1, home)
    return corpus_loss(model, tokenizer, corpus, FINAL_VALIDATION_TOKENS, question.documents)


def odds(question: asked.NextToken, home: Path) -> asked.Odds:
    """The odds of the next token, and of the choices if the question has any."""
    model, tokenizer, _ = load_model(home, question.run, question.step, elsewhere=True)
    prompt, choices = checked(question.prompt, asked.MAX_PROMPT), question.choices
    ids = prompt_ids(tokenizer, prompt)
    sizes = len(ids), min(len(ids), model.config.block_size)
    tokens = tuple(
        asked.Likely(tokenizer.token_text(token), probability)
        for token, probability in next_token_odds(model, ids, question.top)
    )
    if not choices:
        return asked.Odds(tokens, *sizes)
    (scores,) = score_all(model, tokenizer, [Question(prompt, choices, question.end)])
    found = zip(choices, map(math.exp, scores.log_probabilities), strict=True)
    return asked.Odds(tokens, *sizes, scores.greedy, tuple(asked.Likely(*one) for one in found))


def sample(question: asked.Sample, home: Path) -> asked.Continuation:
    """Let the model continue the prompt. Raises BadRequest for a bad number of tokens."""
    model, tokenizer, _ = load_model(home, question.run, question.step, elsewhere=True)
    if not 1 <= question.num_tokens <= MAX_SAMPLE:
        raise BadRequest(
            f"num_tokens must be between 1 and {MAX_SAMPLE}; got {question.num_tokens}."
        )
    ids = generate(
        model,
        prompt_ids(tokenizer, checked(question.prompt, asked.MAX_PROMPT)),
        question.num_tokens,
        temperature=question.temperature,
        top_k=question.top_k,
        top_p=question.top_p,
        stop={tokenizer.separator},
        seed=question.seed,
    )
    return asked.Continuation(tokenizer.decode(ids), len(ids))


def ladder_of(question: asked.LadderOf, home: Path) -> asked.Ladder:
    """The losses of n-gram models and the true entropy, on the run's validation documents."""
    corpus = load_corpus(question.corpus, question.documents, home)
    return ladder(corpus, load_tokenizer(home, question.run), FINAL_VALIDATION_TOKENS)


def vocabularies(question: asked.Vocabularies, home: Path) -> asked.VocabularyCounts:
    """Count the run's validation documents in tokens of many vocabularies."""
    corpus = load_corpus(question.corpus, question.documents, home)
    widest = learned_tokenizer(corpus, WIDEST, home)
    own = load_tokenizer(home, question.run)
    return count_in_vocabularies(corpus, own, widest, FINAL_VALIDATION_TOKENS)


def bleu_of(question: asked.Bleu, home: Path) -> asked.BleuCases:
    """BLEU of each predicted sentence against its reference."""
    return bleu_cases(question.gold, question.predicted)
