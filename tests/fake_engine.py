"""An engine for tests of pages: the right events and answers, made up, without torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from tests.ladders import LADDER
from tinylm.config import RunConfig
from tinylm.events import (
    CheckpointSaved,
    EvalDone,
    Event,
    NextTokenOdds,
    NextWordOdds,
    Preparing,
    Rewarded,
    RunEnded,
    RunStarted,
    Sampled,
    StepDone,
)
from tinylm.experiments.registry import experiment
from tinylm.questions import (
    Answer,
    Question,
    corpora,
    experiments,
    exports,
    inside,
    limits,
    models,
    scale,
    tokens,
    words,
)
from tinylm.questions.base import A

ACCURACY = {0: 0.08, 1: 0.6, 2: 0.68, 4: 0.74, 8: 0.77}


class FakeEngine:
    """`between_steps` is called before every step, e.g. to wait a moment."""

    def __init__(self, between_steps: Callable[[], object] = lambda: None) -> None:
        self._between_steps = between_steps

    def run(
        self,
        config: RunConfig,
        run_dir: Path,
        home: Path,
        *,
        resume: bool,
        control: Callable[[], str],
        threads: Callable[[], int],
        lr_factor: Callable[[], float] = lambda: 1.0,
    ) -> Iterator[Event]:
        steps, vocab = config.train.steps, config.model.vocab_size
        per_step = config.tokens_per_step
        yield Preparing(0, "Reading the corpus")
        yield RunStarted(0, steps, per_step, 1000, vocab, 9000, 900, 3000, threads(), "fp32", "cpu")
        yield _measured(0, 0, math.log(vocab))
        for step in range(1, steps + 1):
            if control() != "run":
                yield RunEnded(step - 1, "stopped" if control() == "stop" else "paused", 1.0)
                return
            self._between_steps()
            loss = 1.0 + (math.log(vocab) - 1.0) * math.exp(-4 * step / steps)
            wobble = 0.1 * math.sin(step * 12.9898)
            yield StepDone(step, step * per_step, loss + wobble, 1e-3, 1.0, 9000.0)
            if config.method == "reward":
                yield Rewarded(step, 0.1 + 0.6 * step / steps)
            if step % config.train.eval_interval == 0 or step == steps:
                yield _measured(step, step * per_step, loss)
                yield Sampled(step, "Ghana -> ", f"Accra at step {step}\nPeru -> Lima", 1, 0.8)
                yield NextTokenOdds(step, "Ghana ->", (" Accra", " Lima", "\n"), (0.6, 0.3, 0.1))
                yield NextWordOdds(step, "Ghana ->", (" Accra", " Lima"), (0.7, 0.2), 0.1)
                yield CheckpointSaved(step, f"step-{step:06d}")
        yield RunEnded(steps, "done", 2.0)

    def answer(self, question: Question[A], home: Path) -> A:
        return cast(A, ANSWERS[type(question)](question))


def _measured(step: int, tokens: int, loss: float) -> EvalDone:
    return EvalDone(step, tokens, loss, math.exp(loss), loss / math.log(2) / 3.2, 900)


N = 160  # held-out items


def _share(accuracy: float) -> models.Share:
    low, high = max(0.0, accuracy - 0.07), min(1.0, accuracy + 0.07)
    return models.Share(N, round(N * accuracy), accuracy, low, high)


def _score(asked: models.Score) -> models.Measurement:
    accuracy = (
        0.02 if asked.step == 0 else ACCURACY[max(k for k in ACCURACY if k <= asked.num_fewshot)]
    )
    if asked.run.startswith("questions-"):
        accuracy = 0.1 if "-scratch-" in asked.run else 0.55
    if asked.control:
        accuracy = 0.2
    share = _share(accuracy)
    right = tuple(i < share.correct for i in range(N))
    said = tuple(
        models.Item("countries.capital", f"Land {i}", "Accra", "Accra" if ok else "Lima", ok)
        for i, ok in enumerate(right)
    )
    metric, metrics = _metrics(asked.task, accuracy)
    k = asked.num_fewshot
    return models.Measurement(
        share.n,
        share.correct,
        accuracy,
        share.low,
        share.high,
        metric=metric,
        metrics=metrics,
        chance=0.0 if metric == "bleu" else 0.06,
        majority=0.12,
        examples=models.ExamplesRead(k, k, k, k, N),
        ranked=_share(min(1.0, accuracy + 0.1)),
        groups={"countries.capital": share},
        right=right,
        items=said if asked.texts else (),
    )


def _metrics(task: str, accuracy: float) -> tuple[str, dict[str, models.Figure]]:
    """The metrics of a task, the leading one first; BLEU is a little above exact matches."""
    if task.startswith("to_"):
        bleu = 100 * accuracy + 5
        figure = models.Figure(bleu, bleu - 4, bleu + 4, 100)
        return "bleu", {"bleu": figure, "accuracy": models.Figure(accuracy)}
    found = {"accuracy": models.Figure(accuracy), "macro_f1": models.Figure(accuracy / 2)}
    return "accuracy", found


def _transfer(asked: models.TransferPoint) -> models.Tuned:
    """The base learns twice as fast as the shorter one; scratch hardly."""
    speed = {"base": 0.1, "tenth": 0.05, "scratch": 0.01}[asked.init]
    accuracy = speed * math.log2(1 + asked.labels) * (0.95 + 0.05 * (asked.seed - 1))
    low, high = max(0.0, accuracy - 0.04), min(1.0, accuracy + 0.04)
    figures = (N, round(N * accuracy), accuracy, low, high)
    metrics = {"accuracy": models.Figure(accuracy)}
    return models.Tuned(*figures, metric="accuracy", metrics=metrics, seconds=2.0)


def _loss(asked: models.Loss) -> models.CorpusLoss:
    """Fine-tuned models read the old text worse than the base."""
    loss = 2.0 if asked.run.startswith("questions-") else 1.0
    return models.CorpusLoss(loss, math.exp(loss), loss / math.log(2) / 3.2, 9000, 28800)


def _odds(asked: models.NextToken) -> models.Odds:
    choices, total = asked.choices, sum(range(1, len(asked.choices) + 1)) or 1
    return models.Odds(
        tokens=(models.Likely(" Accra", 0.6), models.Likely("\n", 0.4)),
        num_tokens=4,
        num_read=4,
        greedy=choices[0].strip() if choices else "",
        choices=tuple(
            models.Likely(text, (len(choices) - i) / total) for i, text in enumerate(choices)
        ),
    )


def _bleu(asked: models.Bleu) -> models.BleuCases:
    case = models.BleuCase(50.0, 60.0, (80.0, 60.0, 40.0, 20.0), 1.0, ((4, 5),) * 4, False, 5, 5)
    return models.BleuCases((case,) * len(asked.gold))


CODED = tokens.Coded(256, 900, 1.0, 22.0)
LIKELY = models.Likely(" Accra", 0.6)
INSIDE = inside.Inspection(
    tokens=("", "Gh", "ana"),
    odds=((LIKELY, models.Likely("\n", 0.1)),) * 3,
    given=(0.2, 0.9, None),
    attention=((((1.0, 0.0, 0.0), (0.5, 0.5, 0.0), (0.2, 0.2, 0.6)),) * 2,) * 2,
    lens=((LIKELY,) * 3,) * 3,
)


def _patched(asked: inside.PatchHead) -> inside.PatchedOdds:
    """The first head turns the first answer into the second one; the others change nothing."""
    turned = (asked.layer, asked.head) == (0, 0)
    rows = [
        inside.PatchedAnswer(text, before, source if turned else before, source)
        for text, before, source in zip(asked.choices, (0.9, 0.02), (0.01, 0.8), strict=False)
    ]
    first, second = (text.strip() for text in asked.choices[:2])
    answers = tuple(sorted(rows, key=lambda one: -one.patched))
    return inside.PatchedOdds(first, second if turned else first, second, answers)


def _tokens(asked: tokens.Tokenize) -> tokens.TokenizedTexts:
    coded = tuple(
        tuple((byte, f"{byte:02x}") for byte in text.encode("utf-8")) for text in asked.texts
    )
    return tokens.TokenizedTexts(coded, coded)


STATISTICS = corpora.CorpusStatistics(
    train_documents=20_000,
    train_characters=2_400_000,
    train_bytes=2_400_000,
    val_documents=500,
    val_characters=60_000,
    val_bytes=60_000,
    train_words=400_000,
    distinct_words=1_800,
    commonest_words=(("the", 20_000), ("a", 12_000)),
    longest=640,
    kinds={"prose": 8000, "info-box": 5000, "worksheet": 7000},
)
EXPLORED = corpora.Exploration(
    ranks=(corpora.RankedWord(1, "the", 20_000), corpora.RankedWord(2, "a", 12_000)),
    commonest=(("the", 20_000), ("a", 12_000)),
    lengths=(corpora.LengthBin(0, 100, 12_000), corpora.LengthBin(100, 200, 8_000)),
    train_documents=20_000,
    train_repeats=12,
    val_documents=500,
    val_in_train=3,
    lines=corpora.Repeated("lines", 900, 450),
    pieces=corpora.Repeated("8 words", 1_000, 120),
    val_words=10_000,
    unseen_words=7,
    unseen=(("wyvern", 4), ("zither", 3)),
)


def _search(asked: corpora.Search) -> corpora.SearchResult:
    """Ghana stands in the text, and nothing else."""
    if asked.query.casefold() not in "ghana":
        return corpora.SearchResult(0, 0, 20_000, ())
    found = corpora.FoundDocument(17, "prose", "The capital of Ghana is Accra.")
    return corpora.SearchResult(3, 2, 20_000, (found,))


def _copied(asked: corpora.Copied) -> corpora.Copies:
    """The first half of the text is a copy."""
    words = len(asked.text.split())
    copy = corpora.Copy(0, len(asked.text) // 2, words // 2, 17, 3)
    return corpora.Copies((copy,), words, words // 2, 400_000)


def _size(asked: corpora.Size) -> corpora.CorpusSize:
    facts = 2_254 if asked.corpus.startswith(("world", "made-")) else None
    return corpora.CorpusSize(20_500, 3_900_000, 3_900_000, 1_050_000, 2048, facts)


def _map(asked: inside.MapOfWords) -> inside.WordMap:
    spread = 1.0 if asked.step else 0.1
    words = (("countries", "Ghana"), ("countries", "Peru"), ("animals", "cow"))
    places = [(spread * i, -spread * i) for i in range(len(words))]
    near = ("countries", "countries", "countries")
    found = zip(words, places, near, strict=True)
    placed = (inside.PlacedWord(*word, *at, kind) for word, at, kind in found)
    return inside.WordMap(tuple(placed))


def _draw(asked: inside.Draw) -> inside.Drawn:
    drawn = tuple(models.Likely(f" t{i}", 0.5) for i in range(asked.number))
    odds = (inside.ShiftedOdds(" t0", 0.4, 0.5), inside.ShiftedOdds(" other", 0.1, 0.0))
    return inside.Drawn(drawn, odds, "".join(one.text for one in drawn), False)


SHOWN = (experiments.Shown("one", "Peru ->", "Lima", "Lima"),)


def _experiment(name: str, shown: tuple[experiments.Shown, ...] = ()) -> experiments.Measured:
    """All figures that an experiment may have."""
    figures = {
        figure: experiments.Figure(0.5, 0.4, 0.6, 100) for figure in experiment(name).figures
    }
    return experiments.Measured(figures, shown)


def _invent(asked: limits.Invent) -> limits.Invented:
    """Nearly always an answer; a little surer of what it has read."""
    made = tuple(
        limits.Guess(f"Land {i}", "Accra", 0.3 + 0.01 * (i % 10), i % 10 > 0, False)
        for i in range(asked.names)
    )
    read = tuple(
        limits.Guess(f"Old {i}", "Lima", 0.5 + 0.04 * (i % 10), True, i % 5 > 0) for i in range(20)
    )
    return limits.Invented(asked.relation, made, read)


def _two_steps(asked: limits.TwoSteps) -> limits.TwoStepAnswers:
    parts = ("France", "Spain", "Madrid")
    shares = [_share(one) for one in (0.95, 0.9, 0.85, 0.05, 0.06, 0.5, 0.02, 0.02)]
    names = ("countries.neighbour", "countries.capital")
    return limits.TwoStepAnswers((limits.Composed(*names, parts, *shares, majority=0.03),))


def _lean(asked: limits.Lean) -> limits.Leaned:
    guess = limits.Guess("Ghana", "cedi", 0.7, True, True)
    return limits.Leaned(_share(0.1), _share(0.1), (guess,))


def _by_kind(asked: words.NextByKind) -> words.KindChances:
    """Grammar comes first, and facts come last."""
    means = {"grammar": 0.9, "meaning": 0.6, "facts": 0.9 if asked.step > 40 else 0.1}
    return words.KindChances(
        tuple(
            words.KindChance(kind, asked.number, *(mean, mean - 0.1, mean + 0.1), alone=0.1)
            if asked.step
            else words.KindChance(kind, asked.number, 0.002, 0.001, 0.003, alone=0.1)
            for kind, mean in means.items()
        )
    )


# By the question's type; tests that need other answers put others here.
ANSWERS: dict[type[Question[Answer]], Callable[..., Answer]] = {
    models.Score: _score,
    models.Fitting: lambda asked: models.FittingExamples(asked.num_fewshot, 40, 128),
    models.Fits: lambda asked: models.TaskFits(128, 20, (), 8, 7.5, ("Gh", "ana", " ->")),
    models.TransferPoint: _transfer,
    models.Loss: _loss,
    models.NextToken: _odds,
    models.Sample: lambda asked: models.Continuation(" and so on.", 4),
    models.LadderOf: lambda asked: LADDER,
    models.Vocabularies: lambda asked: models.VocabularyCounts(
        *(2048, 9000, 28800, 6000, 300),
        (models.InVocabulary(256, 28800), models.InVocabulary(2048, 9000)),
    ),
    models.Bleu: _bleu,
    corpora.Statistics: lambda asked: STATISTICS,
    corpora.Explore: lambda asked: EXPLORED,
    corpora.Search: _search,
    corpora.Size: _size,
    corpora.Copied: _copied,
    tokens.Merges: lambda asked: tokens.MergeList((("61", "62"), ("6162", "63"))),
    tokens.Tokenize: _tokens,
    tokens.Compression: lambda asked: tokens.CompressionTable((CODED,), CODED, 900, 160),
    inside.Inspect: lambda asked: INSIDE,
    inside.Copying: lambda asked: inside.CopyingHeads(
        tuple(inside.HeadScores(step, ((0.01, 0.3 * (step > 0)),)) for step in asked.steps)
    ),
    inside.Reading: lambda asked: inside.ReadingHeads(
        tuple(
            inside.ExampleScores(s, ((0.1, 0.1 + 0.4 * (s > 0)),), ((0.1, 0.2),), 0.125, 48)
            for s in asked.steps
        )
    ),
    inside.PatchHead: _patched,
    inside.MapOfWords: _map,
    inside.Draw: _draw,
    experiments.Look: lambda asked: _experiment(asked.experiment),
    experiments.Figures: lambda asked: _experiment(asked.experiment, SHOWN),
    exports.Export: lambda asked: exports.Exported("a-run-hf-1.zip", 9, ("config.json",)),
    scale.Foretell: lambda asked: scale.Foretold(0.9, 0.8, 1.0),
    limits.Invent: _invent,
    limits.TwoSteps: _two_steps,
    limits.Lean: _lean,
    words.NextByKind: _by_kind,
    words.NextWhole: lambda asked: words.WholeOdds((LIKELY, models.Likely(" Lima", 0.3)), 0.1),
}
