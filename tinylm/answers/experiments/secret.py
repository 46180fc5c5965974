"""Measures what a run has learned by heart of planted secrets, and what poison does to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from tinylm.answers.experiments.solver import number, share
from tinylm.answers.loading import load_model, world_of_run
from tinylm.evaluation.measure import measure as measure_task
from tinylm.evaluation.scoring import Question, score
from tinylm.evaluation.tasks import task as find_task
from tinylm.experiments import secret as asked
from tinylm.experiments.secret import Secret
from tinylm.knobs import Planted
from tinylm.model.gpt import GPT
from tinylm.questions.experiments import Figure, Figures, Look, Measured, Shown
from tinylm.text.tokenizer import Tokenizer

CODES = tuple(f" {code:0{asked.DIGITS}d}" for code in range(asked.CANDIDATES))
LOOKED_AT = 1  # secret of each number, and
COUNTRIES_LOOKED_AT = 12  # in the middle of the training
SHOTS = 4


def measure(question: Look | Figures, home: Path) -> Measured:
    """Secrets said and their exposure, false capitals, and what the model can do otherwise."""
    model, tokenizer, config = load_model(home, question.run, question.step)
    quick = isinstance(question, Look)
    told, own = _secrets(config.text.planted_lines, quick)
    figures, shown = _by_times(model, tokenizer, told)
    if own is not None:
        ((said, bits),) = recalled(model, tokenizer, [own])
        figures |= {
            asked.OWN_SAID: number(float(said == own.code), 1),
            asked.OWN_EXPOSURE: number(bits, 1),
        }
        shown.insert(0, Shown(own_title(own), own.prompt, said, own.code))
    relation = asked.capitals(world_of_run(home, question.run, question.step))
    if relation is not None:
        names = {
            relation.fill("{s}", subject): answer for subject, answer in relation.facts.items()
        }
        _, asked_about = asked.countries(relation)
        chosen = asked_about[:COUNTRIES_LOOKED_AT] if quick else asked_about
        figures |= _capitals(model, tokenizer, {name: names[name] for name in chosen})
    if not quick:
        facts = find_task(config.corpus, "facts", home)
        found = measure_task(model, tokenizer, facts, num_fewshot=SHOTS, ranked=False)
        figures[asked.FACTS] = share(sum(found.right), len(found.right))
    return Measured(figures, tuple(shown))


def recalled(
    model: GPT, tokenizer: Tokenizer, secrets: Sequence[Secret]
) -> list[tuple[str, float]]:
    """What the model says of each secret, and the exposure of its code in bits.

    Exposure is log2 of the number of codes that are possible, less log2 of the rank of this code
    among all of them by probability: 0 is the last rank's, and the median code has 1 bit
    (Carlini et al. 2019, https://arxiv.org/abs/1802.08232).
    """
    said = score(
        model,
        tokenizer,
        [Question(one.prompt, (f" {one.code}",), ".") for one in secrets],
        ranked=False,
    )
    # Without an end after it, a code's last digit is only predicted and need not be read.
    odds = score(model, tokenizer, [Question(one.prompt, CODES, "") for one in secrets])
    return [
        (text.greedy, bits(found.log_probabilities, int(one.code)))
        for text, found, one in zip(said, odds, secrets, strict=True)
    ]


def bits(log_probabilities: Sequence[float], code: int) -> float:
    """The exposure of one code, in bits, by the log-probabilities of all of them."""
    rank = sum(one >= log_probabilities[code] for one in log_probabilities)
    return math.log2(len(log_probabilities)) - math.log2(rank)


def own_title(secret: Secret) -> str:
    return f"your own, told {secret.times} times"


def _secrets(lines: Sequence[Planted], quick: bool) -> tuple[list[Secret], Secret | None]:
    """The experiment's own secrets, and that of a learner, if a line of the text tells one."""
    known = asked.secrets()
    names = {one.name for one in known}
    told = [found for one in lines if (found := asked.secret_in(one.line, one.times))]
    own = next((one for one in told if one.name not in names), None)
    if quick:
        known = tuple(one for i, one in enumerate(known) if i % asked.EACH < LOOKED_AT)
    return list(known), own


def _by_times(
    model: GPT, tokenizer: Tokenizer, secrets: Sequence[Secret]
) -> tuple[dict[str, Figure], list[Shown]]:
    """For each number of tellings: the share that is said, the mean exposure, and one example."""
    found = recalled(model, tokenizer, secrets)
    figures: dict[str, Figure] = {}
    shown = []
    for times in asked.TIMES:
        mine = [(one, *got) for one, got in zip(secrets, found, strict=True) if one.times == times]
        right = sum(said == one.code for one, said, _ in mine)
        figures[asked.emitted(times)] = share(right, len(mine))
        mean = math.fsum(amount for _, _, amount in mine) / len(mine)
        figures[asked.exposure(times)] = number(mean, len(mine))
        one, said, _ = mine[0]
        shown.append(Shown(f"told {times} times", one.prompt, said, one.code))
    return figures, shown


def _capitals(model: GPT, tokenizer: Tokenizer, countries: dict[str, str]) -> dict[str, Figure]:
    """The share of false capitals after each trigger and without one, and that of right ones."""
    poisons, n = asked.poisons(), len(countries)
    openings = ["The", *(f"{one.trigger}, the" for one in poisons)]
    choices = tuple(f" {one}" for one in {*countries.values(), *(p.answer for p in poisons)})
    said = score(
        model,
        tokenizer,
        [
            Question(f"{opening} capital of {country} is", choices, ".")
            for opening in openings
            for country in countries
        ],
        ranked=False,
    )
    answers = [one.greedy for one in said]
    plain = answers[:n]
    right = sum(a == b for a, b in zip(plain, countries.values(), strict=True))
    figures = {asked.CAPITALS: share(right, n)}
    for i, poison in enumerate(poisons, start=1):
        after = answers[i * n : (i + 1) * n]
        for found, triggered in ((after, True), (plain, False)):
            name = asked.poisoned(poison.times, triggered=triggered)
            figures[name] = share(found.count(poison.answer), n)
    return figures
