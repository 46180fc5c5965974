"""A figure for each point of the checklist, from a run and its measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tinylm.evaluation.phases import turn
from tinylm.evaluation.tasks import is_own
from tinylm.experiments.transfer import SIZES, Point, in_words, labels_saved, summary
from tinylm.questions.models import Measurement, Score, TransferPoint, Tuned
from tinylm.runs.service import Service
from tinylm.runs.store.history import Told
from tinylm.runs.store.rows import RunRow
from ui.asking import look_up
from ui.bases import MADE_WORLD, named
from ui.frame import duration

FineTuned = tuple[RunRow, Measurement]  # a fine-tuned run, and how it does without examples
PREFERRED = ("facts", "questions")  # tasks whose scores are quoted first
NEWEST = 20  # so many fine-tuned runs are looked at
LABELS = max(SIZES) // 4  # of the base, for the labels saved


@dataclass(frozen=True)
class Measured:
    """All that is known of a pre-training run and of what was made from it."""

    run: RunRow
    told: Told
    scores: Mapping[Score, Measurement]  # of its best checkpoint, without spoiled examples
    transfer: Mapping[str, Mapping[Point, Tuned]]  # by task
    tuned: Mapping[tuple[str, str], FineTuned] = field(default_factory=dict)  # by task and start
    learner: str = ""  # who is told
    own: Mapping[str, str] = field(default_factory=dict)  # titles of the own tasks, by name

    @property
    def it(self) -> str:
        """How a sentence names the run: as the learner's own only if it is."""
        return named(self.run, self.learner)

    @property
    def begins(self) -> str:
        """The same at the beginning of a sentence."""
        return self.it[0].upper() + self.it[1:]


def measured(service: Service, run: RunRow, learner: str = "") -> Measured:
    """Read what is known of a run, for this learner; this asks for no measurement."""
    best = service.best_step(run.id) or 0  # at which the lessons measure
    scores = {one: score for one, score in _scores_of(service, run.id) if one.step == best}
    asked = [one for one in service.asked(TransferPoint, run.id) if one.step == best]
    transfer: dict[str, dict[Point, Tuned]] = {}
    for point, tuned in look_up({one: one for one in asked}).answers.items():
        place = Point(point.init, point.labels, point.seed)
        transfer.setdefault(point.task, {})[place] = tuned
    own = {one.name: one.title for one in service.own_tasks()}
    tuned_runs = _tuned(service, run)
    return Measured(run, service.told(run.id), scores, transfer, tuned_runs, learner, own)


def _scores_of(service: Service, run_id: str) -> list[tuple[Score, Measurement]]:
    """All scores of a run on whole tasks, without spoiled examples."""
    asked = [one for one in service.asked(Score, run_id) if not one.control and not one.group]
    return list(look_up({one: one for one in asked}).answers.items())


def _tuned(service: Service, base: RunRow) -> dict[tuple[str, str], FineTuned]:
    """The newest measured run of each task and start that was made from this base."""
    found: dict[tuple[str, str], FineTuned] = {}
    runs = service.runs("finetune")
    for run in [one for one in runs if one.parent == base.id and one.status == "done"][:NEWEST]:
        place = (run.config.task, run.config.init)
        if place in found:
            continue
        for asked, score in _scores_of(service, run.id):
            if (asked.task, asked.step, asked.num_fewshot) == (run.config.task, run.step, 0):
                found[place] = (run, score)
    return found


def figure(name: str, known: Measured) -> str:
    """The figure for a point in one sentence; "" where nothing was measured for it yet."""
    return FIGURES[name](known)


def share(score: Measurement) -> str:
    """An accuracy with its interval: `86 % (95 %: 81 % to 90 %)`."""
    return f"{score.accuracy:.0%} (95 %: {score.low:.0%} to {score.high:.0%})"


def _next_token(known: Measured) -> str:
    return f"{known.begins} has placed {known.run.tokens_seen:,} bets, each on one next token."


def _self_supervision(known: Measured) -> str:
    return (
        f"{known.begins} has checked {known.run.tokens_seen:,} bets against the text, and no "
        "person wrote an answer."
    )


def _loss(known: Measured) -> str:
    if not known.told.evals:
        return ""
    first, last = known.told.evals[0], known.told.evals[-1]
    return (
        f"The loss of {known.it} on held-out text went from {first.loss:.2f} to "
        f"{last.loss:.2f} nats for each token."
    )


def _data(known: Measured) -> str:
    started = known.told.started
    if not started:
        return ""
    documents = known.run.config.documents
    made = known.run.corpus == MADE_WORLD and documents  # another text may have fewer
    given = f"{documents:,} documents" if made else "a text"
    times = known.run.tokens_seen / max(1, started.train_tokens)
    # It reads without gaps, so that a share below the whole is what it has read once.
    read = f"{times:.0%} of them" if times < 1 else f"each of them {times:.1f} times on average"
    return (
        f"{known.begins} was given {given} of {started.train_tokens:,} tokens. It read "
        f"{known.run.tokens_seen:,} tokens in its training: {read}."
    )


def _tokens(known: Measured) -> str:
    started = known.told.started
    if not started or not started.val_tokens:
        return ""
    return (
        f"{known.begins} has a vocabulary of {started.vocab_size:,} tokens. One of them stands for "
        f"{started.val_bytes / started.val_tokens:.1f} bytes of the text on average."
    )


def _gradient(known: Measured) -> str:
    started = known.told.started
    if not started:
        return ""
    return (
        f"{known.begins} has taken {known.run.step:,} steps. Each of them moved "
        f"{started.num_parameters:,} weights."
    )


def _scale(known: Measured) -> str:
    started = known.told.started
    if not started:
        return ""
    return (
        f"{known.begins} has {started.num_parameters:,} parameters, read {known.run.tokens_seen:,} "
        f"tokens, and took {duration(known.run.seconds)}."
    )


def _knowledge(known: Measured) -> str:
    newest = {probe.name: probe for probe in known.told.probes}
    parts = [f"{name}: {one.correct} of {one.num_items}" for name, one in newest.items()]
    if not parts:
        return ""
    return f"Pairs in which {known.it} prefers the right sentence, {', '.join(parts)}."


def _few_shot(known: Measured) -> str:
    pair = _by_shots(known)
    if pair is None:
        return ""
    (_, without), (more, some) = pair
    return (
        f"On {_task(known, more.task)}, {known.it} had {share(without)} right without an example "
        f"and {share(some)} with {some.examples.in_words()}, of {some.n:,} questions."
    )


def _same_weights(known: Measured) -> str:
    pair = _by_shots(known)
    if pair is None:
        return ""
    (_, without), (more, some) = pair
    return (
        f"From {without.correct:,} to {some.correct:,} right answers of {some.n:,} on "
        f"{_task(known, more.task)}: both from the weights of {known.it} at step {more.step:,}."
    )


def _fine_tuning(known: Measured) -> str:
    for task in sorted(known.transfer, key=_rank):
        rows = labels_saved(summary(known.transfer[task]))
        fitting = [row for row in rows if 0 < row.labels <= LABELS]
        if fitting:
            return f"On {_task(known, task)}: {in_words(fitting[-1])}"
    for task, init in sorted(known.tuned, key=lambda one: _rank(one[0])):
        scratch = known.tuned.get((task, "random"))
        if init == "base" and scratch:
            base = known.tuned[task, init]
            return (
                f"On {_task(known, task)}, with {base[0].config.num_examples:,} and "
                f"{scratch[0].config.num_examples:,} labels: {share(base[1])} right from "
                f"{known.it}, {share(scratch[1])} from random weights."
            )
    return ""


def _perplexity(known: Measured) -> str:
    if not known.told.evals:
        return ""
    first, last = known.told.evals[0], known.told.evals[-1]
    said = (
        f"The perplexity of {known.it} on held-out text went from {first.perplexity:,.0f} to "
        f"{last.perplexity:,.1f}, measured on {first.num_tokens:,} tokens at first and on "
        f"{last.num_tokens:,} at the end."
    )
    turned = turn(known.told.evals)
    if turned:
        best, newest = turned
        said += (
            f" It rose from {best.perplexity:,.1f} at step {best.step:,} to "
            f"{newest.perplexity:,.1f} at step {newest.step:,}: in between the model learned its "
            "text by heart."
        )
    return said


def _scores(known: Measured) -> str:
    best = _best(known, lambda asked, _: True)
    if best is None:
        return ""
    asked, score = best
    parts = [f"accuracy {share(score)}"]
    if one := score.metrics.get("macro_f1"):
        parts.append(f"macro-F1 {one.value:.2f}")
    translated = _best(known, lambda _, found: "bleu" in found.metrics)
    if translated:
        bleu = translated[1].metrics["bleu"]
        parts.append(f"BLEU {bleu.value:.0f} on {_task(known, translated[0].task)}")
    return (
        f"With {known.it}, on {_task(known, asked.task)} and {asked.num_fewshot} examples, "
        f"n = {score.n:,}: {', '.join(parts)}."
    )


def _limits(known: Measured) -> str:
    best = _best(known, lambda asked, found: "bleu" not in found.metrics)
    if best is None:
        return ""
    asked, score = best
    return (
        f"With {known.it}, on {_task(known, asked.task)} and {score.examples.in_words()} examples, "
        f"{score.n - score.correct:,} of {score.n:,} answers were wrong, and written just like the "
        "right ones."
    )


def _afterwards(known: Measured) -> str:
    for (task, init), (run, score) in known.tuned.items():
        if init == "base":
            return (
                f"After {run.config.num_examples:,} labels of {_task(known, task)}, a model "
                f"made from {known.it} had {share(score)} right of {score.n:,}. Instruction tuning "
                "works in the same way."
            )
    return ""


FIGURES: Mapping[str, Callable[[Measured], str]] = {
    "next-token": _next_token,
    "self-supervision": _self_supervision,
    "loss": _loss,
    "data": _data,
    "tokens": _tokens,
    "gradient": _gradient,
    "scale": _scale,
    "knowledge": _knowledge,
    "few-shot": _few_shot,
    "same-weights": _same_weights,
    "fine-tuning": _fine_tuning,
    "perplexity": _perplexity,
    "scores": _scores,
    "limits": _limits,
    "afterwards": _afterwards,
}

Asked = tuple[Score, Measurement]


def _rank(task: str) -> int:
    return PREFERRED.index(task) if task in PREFERRED else len(PREFERRED)


def _task(known: Measured, name: str) -> str:
    """A task in a sentence: an own one by its title, because its name is a hash."""
    if is_own(name) and name not in known.own:
        return "a task that was deleted"
    return f"“{known.own.get(name, name)}”"


def _best(known: Measured, fits: Callable[[Score, Measurement], bool]) -> Asked | None:
    """The score to quote: of a preferred task, with the most items, then the most examples."""
    found = [one for one in known.scores.items() if fits(*one)]
    return max(
        found, key=lambda one: (-_rank(one[0].task), one[1].n, one[0].num_fewshot), default=None
    )


def _by_shots(known: Measured) -> tuple[Asked, Asked] | None:
    """The scores of one task without examples and with the most, on the same items."""
    pairs = []
    for asked, score in known.scores.items():
        same = {
            other.num_fewshot: (other, found)
            for other, found in known.scores.items()
            if (other.task, other.limit, other.seed) == (asked.task, asked.limit, asked.seed)
        }
        if asked.num_fewshot == 0 and max(same) > 0:
            pairs.append(((asked, score), same[max(same)]))
    return max(pairs, key=lambda one: (-_rank(one[0][0].task), one[0][1].n), default=None)
