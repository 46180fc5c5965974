"""Settings that fit a text: from its size and the time asked to a configuration, with reasons.

The presets are made for the made world, which has new text for every update. A text of one's own
is short, so they would read it hundreds of times. What is chosen here was measured
(docs/decisions/recipe.md); this loads neither torch nor Streamlit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinylm.config import RunConfig, with_changes
from tinylm.errors import BadRequest
from tinylm.presets import PRESETS, preset_config
from tinylm.setting import Value

SECONDS = {"tiny": 4, "glance": 20, "quick": 60, "full": 300}  # that the presets are made for
PASSES = 15.0  # through a text of SHORT characters or fewer; fewer through a longer one
SHORT = 20_000
FEWER = 0.4  # a text of ten times the length is read 10 ** -FEWER as often, but at least
LEAST_PASSES = 5.0
ENOUGH = 1.25  # a preset that reads a text only so much more often stays as it is
FULL_RATES = 1_000_000  # characters from which the rates of the preset are right
LEAST_RATE = 0.2  # share of the preset's rates for the shortest texts
VOCABULARY = 28.0  # tokens for each unit of the cube root of the number of characters
BY_HEART = 20.0  # passes with the preset's rates, after which validation has clearly turned
TINY = 5_000  # characters; a shorter text is read in smaller pieces by a smaller model
LEAST_STEPS = 50
LOOKS = 12  # validations in a run
PATIENCE = 4


@dataclass(frozen=True)
class TextSize:
    """How much text there is to read, and how it falls into tokens."""

    characters: int
    per_token: tuple[tuple[int, float], ...]  # a vocabulary and its characters per token, ascending

    def tokens(self, vocab_size: int) -> int:
        """About how many tokens the text has with a vocabulary of this size."""
        (below, rate), (above, more) = self.per_token[0], self.per_token[-1]
        for size, found in self.per_token:
            if size <= vocab_size:
                below, rate = size, found
            else:
                above, more = size, found
                break
        if vocab_size > below < above:
            share = math.log(vocab_size / below) / math.log(above / below)
            rate += (more - rate) * min(1.0, share)
        return max(1, round(self.characters / rate))


@dataclass(frozen=True)
class Recipe:
    """Settings for one text, and sentences that say why they are as they are."""

    config: RunConfig
    reasons: tuple[str, ...] = ()  # none: these are the settings of the preset
    seconds: float = 0.0  # about how long the training takes, where the preset takes its time

    @property
    def fits_the_text(self) -> bool:
        """Whether the settings differ from those of the preset."""
        return self.config != preset_config(self.config.preset, corpus=self.config.corpus)


def recipe(text: TextSize, corpus: str, preset: str) -> Recipe:
    """The settings that suit a text of this size, within the time of a preset.

    Where the preset would not even read the text as often as is good, they are those of the
    preset. Raises BadRequest for a preset that is unknown, or that no page offers.
    """
    config = preset_config(preset, corpus=corpus)
    if preset not in PRESETS:
        raise BadRequest(
            f"The recipe fits the settings of {', '.join(PRESETS)} to a text: {preset} is for more "
            "text than that, so leave --recipe out."
        )
    budget = config.train.steps * config.tokens_per_step
    tokens = text.tokens(config.model.vocab_size)
    often = passes(text.characters)
    if budget <= ENOUGH * often * tokens:
        return Recipe(config, (_enough(text, tokens, budget, preset),), float(SECONDS[preset]))
    changes = _changes(text, config, often)
    fitted = with_changes(config, changes)
    read = fitted.train.steps * fitted.tokens_per_step
    seconds = max(1.0, SECONDS[preset] * read / budget)
    return Recipe(fitted, _reasons(text, config, fitted, seconds), seconds)


def passes(characters: int) -> float:
    """How often a text of this length is read."""
    return float(max(LEAST_PASSES, PASSES * min(1.0, (SHORT / characters) ** FEWER)))


def _changes(text: TextSize, config: RunConfig, often: float) -> dict[str, Value]:
    """What differs from the preset."""
    tiny = text.characters < TINY
    wanted = round(VOCABULARY * text.characters ** (1 / 3) / 256) * 256
    vocab_size = max(256, min(config.model.vocab_size, wanted))
    context = min(config.model.block_size, 64 if tiny else 128)
    width = min(config.model.n_embd, 64 if tiny else 128)
    to_read = often * text.tokens(vocab_size)
    rows = config.train.batch_size
    while rows > 4 and to_read / (rows * context) < LEAST_STEPS:
        rows //= 2
    most = config.train.steps * config.tokens_per_step // (rows * context)
    steps = max(1, min(most, round(to_read / (rows * context))))
    share = max(LEAST_RATE, min(1.0, (text.characters / FULL_RATES) ** 0.5))
    share *= config.model.n_embd / width  # a narrower model bears larger rates
    every = max(1, steps // LOOKS)
    return {
        "vocab_size": vocab_size,
        "block_size": context,
        "n_embd": width,
        "batch_size": rows,
        "steps": steps,
        "learning_rate": _rounded(config.train.learning_rate * share),
        "muon_lr": _rounded(config.train.muon_lr * share),
        "eval_interval": every,
        "checkpoint_interval": every,
        "patience": PATIENCE,
    }


def _rounded(number: float) -> float:
    """The number with two digits."""
    return float(f"{number:.2g}")


def _enough(text: TextSize, tokens: int, budget: int, preset: str) -> str:
    share = budget / tokens
    often = f"{share:.0%} of it, once" if share < 1 else f"it about {count(share)} times"
    return (
        f"{_size(text, tokens)} The settings of “{PRESETS[preset].title}” read {often}. That is "
        "not too often for so much text, so they stay as they are."
    )


def _size(text: TextSize, tokens: int) -> str:
    return f"{text.characters:,} characters are about {about(tokens)} tokens."


def _reasons(
    text: TextSize, before: RunConfig, after: RunConfig, seconds: float
) -> tuple[str, ...]:
    tokens = text.tokens(before.model.vocab_size)
    fitted = text.tokens(after.model.vocab_size)
    title = PRESETS[before.preset].title
    often = before.train.steps * before.tokens_per_step / tokens
    now = after.train.steps * after.tokens_per_step / fitted
    end = "learn them by heart" if often > BY_HEART else "begin to learn them by heart"
    found = [
        f"{_size(text, tokens)} The settings of “{title}” would read them about {count(often)} "
        f"times, and the model would {end}.",
        f"Here training reads the text about {count(now)} times, in {after.train.steps:,} updates. "
        f"That takes about {count(seconds)} second{'s' * (count(seconds) != '1')}.",
    ]
    if after.model.vocab_size < before.model.vocab_size:
        found.append(
            f"The vocabulary has {after.model.vocab_size:,} tokens and not "
            f"{before.model.vocab_size:,}. So each token stands in the text about "
            f"{count(fitted / after.model.vocab_size)} times, and there is something to learn "
            "about it."
        )
    if after.model.n_embd < before.model.n_embd or after.tokens_per_step < before.tokens_per_step:
        found.append(
            f"An update reads {after.train.batch_size} rows of {after.model.block_size} tokens, "
            f"and {after.model.n_embd} numbers stand for a token: a short text does with little."
        )
    share = after.train.learning_rate / before.train.learning_rate
    if share < 0.95:
        found.append(
            f"Each update moves the weights only {share:.0%} as far as in the preset. With large "
            "steps a model soon learns a short text by heart."
        )
    found.append(
        f"Every {after.train.eval_interval} updates the model is tested on text that it never "
        f"reads. The best checkpoint is kept. After {after.train.patience} tests in a row without "
        "a better result, training ends."
    )
    return tuple(found)


def count(number: float) -> str:
    """A number with two digits, and a digit after the point only below 3."""
    return f"{number:.1f}".removesuffix(".0") if number < 2.95 else about(round(number))


def about(number: int) -> str:
    """A number with two digits that count, and zeros: 5,122 becomes 5,100."""
    scale = 10 ** max(0, len(str(number)) - 2)
    return f"{round(number / scale) * scale:,}"
