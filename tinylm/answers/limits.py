"""Functions that measure what a model cannot do. All raise NotFound where there is no model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from tinylm.answers.loading import load_model, world_of_run
from tinylm.corpora import world_of
from tinylm.corpora.world.world import Relation, World
from tinylm.errors import BadRequest, NotFound
from tinylm.evaluation.context import Context
from tinylm.evaluation.intervals import wilson
from tinylm.evaluation.made_up import made_up_names
from tinylm.evaluation.measure import measure
from tinylm.evaluation.scoring import Question, greedy, score
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.evaluation.two_steps import Composition, compositions
from tinylm.model.gpt import GPT
from tinylm.questions import limits as asked
from tinylm.questions.models import Item as Said
from tinylm.questions.models import Share
from tinylm.text.tokenizer import Tokenizer

MAX_NAMES = 200
SHOWN = 12  # guesses that come back as examples


def invent(question: asked.Invent, home: Path) -> asked.Invented:
    """Answers about made-up names and about facts that stand in sentences, but in no worksheet."""
    if not 1 <= question.names <= MAX_NAMES:
        raise BadRequest(f"names must be between 1 and {MAX_NAMES}; got {question.names}.")
    model, tokenizer, _ = load_model(home, question.run, question.step)
    world = world_of_run(home, question.run, question.step)
    relation = _relation(world, question.relation)
    task = _worksheet(relation, {s.name: relation.facts[s] for s in relation.held_out})
    made = made_up_names(world, question.names, question.seed)
    unknown = [Item(name, relation.answers, 0, relation.id) for name in made]
    guesses = _guesses(model, tokenizer, task, [*unknown, *task.test], question)
    return asked.Invented(
        relation.id,
        tuple(_wrong(one) for one in guesses[: len(unknown)]),
        tuple(guesses[len(unknown) :]),
    )


def two_steps(question: asked.TwoSteps, home: Path) -> asked.TwoStepAnswers:
    """Accuracy in each step alone and in both at once, on the same items."""
    model, tokenizer, _ = load_model(home, question.run, question.step)
    world = world_of_run(home, question.run, question.step)
    return asked.TwoStepAnswers(
        tuple(_composed(model, tokenizer, one, question) for one in compositions(world))
    )


def lean(question: asked.Lean, home: Path) -> asked.Leaned:
    """How often the model answers with the value, where the tables have another, or none.

    No example in the prompts has the value: they are the same for every model that is compared.
    """
    model, tokenizer, _ = load_model(home, question.run, question.step)
    world = world_of(question.world, home)
    if world is None:
        raise NotFound("The world that is asked about was deleted: make it anew.")
    relation = _relation(world, question.relation)
    other = {s.name: answer for s, answer in relation.facts.items() if answer != question.value}
    if len(other) <= question.num_fewshot:
        raise BadRequest(f"Hardly anything has another answer than {question.value!r:.40}.")
    task = _worksheet(relation, other, examples=other)
    made = [
        Item(name, relation.answers, 0, relation.id)
        for name in made_up_names(world, len(other), question.seed)
    ]
    guesses = _guesses(model, tokenizer, task, [*task.test, *made], question)
    known, unread = guesses[: len(task.test)], guesses[len(task.test) :]
    said = [one for one in known if one.answer == question.value]
    return asked.Leaned(
        _share([one.answer == question.value for one in known]),
        _share([one.answer == question.value for one in unread]),
        tuple((said or known)[:SHOWN]),
    )


def _relation(world: World, name: str) -> Relation:
    for relation in world.relations:
        if relation.id == name:
            return relation
    raise NotFound(f"The world of this run has no relation {name!r:.40}: choose another run.")


def _worksheet(
    relation: Relation, test: dict[str, str], examples: dict[str, str] | None = None
) -> Task:
    """The relation as a worksheet about the subjects of `test`.

    Its examples are those of the text, or `examples` if given.
    """

    def items(facts: dict[str, str]) -> tuple[Item, ...]:
        return tuple(
            Item(name, relation.answers, relation.answers.index(answer), relation.id)
            for name, answer in facts.items()
        )

    shown = dict(relation.sheet) if examples is None else examples
    return Task(relation.id, relation.title, "", train=items(shown), test=items(test))


def _guesses(
    model: GPT,
    tokenizer: Tokenizer,
    task: Task,
    items: Sequence[Item],
    question: asked.Invent | asked.Lean,
) -> list[asked.Guess]:
    """What the model answers to each item, and the probability that it gives to this answer."""
    context = Context(tokenizer, model.config.block_size)
    chosen = question.num_fewshot, question.seed
    prompts = [context.few_shot_prompt(task, item, *chosen) for item in items]
    questions = [Question(prompt.text, prompt.choices, task.after) for prompt in prompts]
    said = greedy(model, tokenizer, questions)
    again = [
        Question(prompt.text, (task.answer_prefix + answer,), task.after)
        for prompt, answer in zip(prompts, said, strict=True)
    ]
    sure = [one.log_probabilities[0] for one in score(model, tokenizer, again)]
    return [
        asked.Guess(
            item.context,
            answer,
            round(math.exp(value), 5),
            answer in item.choices,
            answer == item.answer,
        )
        for item, answer, value in zip(items, said, sure, strict=True)
    ]


def _wrong(guess: asked.Guess) -> asked.Guess:
    """The guess about a made-up name, which cannot be right."""
    return asked.Guess(guess.name, guess.answer, guess.probability, guess.fits, False)


def _composed(
    model: GPT, tokenizer: Tokenizer, pair: Composition, question: asked.TwoSteps
) -> asked.Composed:
    def said(task: Task, control: str = "") -> tuple[Said, ...]:
        return measure(
            model,
            tokenizer,
            task,
            num_fewshot=question.num_fewshot,
            limit=question.limit,
            seed=question.seed,
            control=control,
            ranked=False,
            texts=True,
        ).items

    def of_known(items: Sequence[Said]) -> Share:
        return _share([item.correct for item, known in zip(items, both, strict=True) if known])

    at_once, control = said(pair.whole), said(pair.whole, "shuffled")
    one, two, whole = (
        [item.correct for item in items] for items in (said(pair.one), said(pair.two), at_once)
    )
    own = dict(zip((item.context for item in pair.whole.test), pair.own, strict=True))
    skipped = [item.answer == own[item.context] for item in at_once if own[item.context]]
    both = [a and b for a, b in zip(one, two, strict=True)]
    first, second = pair.one.test[0], pair.two.test[0]
    golds = [item.gold for item in at_once]
    return asked.Composed(
        pair.first,
        pair.second,
        (first.context, second.context, second.answer),
        _share(one),
        _share(two),
        _share(both),
        _share(whole),
        of_known(at_once),
        _share(skipped),
        _share([item.correct for item in control]),
        of_known(control),
        max(map(golds.count, golds)) / len(golds),
    )


def _share(right: Sequence[bool]) -> Share:
    correct, n = sum(right), len(right)
    return Share(n, correct, correct / n if n else 0.0, *wilson(correct, n))
