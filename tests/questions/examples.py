"""One question of every kind, about one tiny run of the made world."""

from __future__ import annotations

from tinylm.presets import preset_config
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

RUN = "world-tiny-base"
CONFIG = preset_config("tiny")
LAST = CONFIG.train.steps

# A download asks the internet and no engine: tests/corpora/test_downloads.py.
EXAMPLES: dict[str, Question[Answer]] = {
    question.kind: question
    for question in (
        models.Score(RUN, LAST, "facts", 1, limit=4, texts=True),
        models.Fitting(RUN, LAST, "facts", 0, 8),
        models.Fits(RUN, LAST, "facts"),
        models.Loss(RUN, LAST, documents=20),
        models.NextToken(RUN, LAST, "Ghana ->", top=2, choices=(" Accra", " Lima")),
        models.Sample(RUN, LAST, "The", num_tokens=4),
        models.LadderOf(RUN, CONFIG.corpus, CONFIG.documents),
        models.Vocabularies(RUN, CONFIG.corpus, CONFIG.documents),
        models.Bleu(("a b c d e",), ("a b c d f",)),
        models.TransferPoint(RUN, LAST, "questions", "base", 4, 1),
        corpora.Statistics("names"),
        corpora.Explore("names"),
        corpora.Search("names", "an"),
        corpora.Size("names"),
        corpora.Copied("names", "a hangul syllable yult", least=2),
        tokens.Merges("names", False),
        tokens.Compression("names", False),
        tokens.Tokenize("names", False, ("Anna",), 300),
        inside.Inspect(RUN, LAST, "Ghana"),
        inside.Copying(RUN, (0, LAST)),
        inside.PatchHead(RUN, LAST, "Ghana ->", "Peru ->", 0, 1, (" Accra", " Lima"), top=2),
        inside.Reading(RUN, (0, LAST), "facts"),
        inside.MapOfWords(RUN, 0, LAST),
        inside.Draw(RUN, LAST, "The", 2, 0.8, 0, 1.0, 1),
        limits.Invent(RUN, LAST, names=3, num_fewshot=1),
        limits.TwoSteps(RUN, LAST, num_fewshot=1, limit=3),
        limits.Lean(RUN, LAST, CONFIG.corpus, "countries.continent", "Europe", num_fewshot=1),
        words.NextWhole(RUN, LAST, "Ghana ->", "answer", top=2),
        words.NextByKind(RUN, LAST, number=3),
        experiments.Look("sheets", "half", RUN, LAST),
        experiments.Figures("sheets", "half", RUN, LAST),
        exports.Export(RUN, LAST, "hf", title="A run"),
        scale.Foretell(
            tuple(scale.SmallRun(1000 * 2**i, {"prose": 1.0 / 2**i}) for i in range(4)),
            {"prose": 100},
            0.5,
            32_000,
            0.7,
            0.03,
        ),
    )
}
