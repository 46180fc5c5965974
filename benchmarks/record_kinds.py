"""Records what the model of data/recorded made of grammar, meaning and facts while it learned.

    python -m benchmarks.record_kinds

Begins its training once more, with the same preset and seed, up to the step EARLY, and asks the
model there, before the first step and after the last one. Checks first that it is the same
training: the loss at EARLY must be the recorded one.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tinylm import recorded
from tinylm.answers.words import chances_by_kind
from tinylm.codec import encode
from tinylm.corpora.world.world import default_world
from tinylm.evaluation.context import prompt_ids
from tinylm.evaluation.narrowing import KINDS, beginnings
from tinylm.evaluation.validation import validate
from tinylm.events import Preparing, StepDone
from tinylm.model.gpt import GPT
from tinylm.model.words import next_whole
from tinylm.presets import preset_config
from tinylm.process import usable_cores
from tinylm.questions.models import Likely
from tinylm.questions.words import NextByKind, WholeOdds
from tinylm.text.tokenizer import Tokenizer
from tinylm.training.loop import train
from tinylm.training.prepare import prepare_pretraining
from tinylm.training.stored_model import read_model

EARLY = 180
CLOSE = 0.05  # nats between the recorded loss and this one: other machines round otherwise
TOP = 5  # words of the odds


def look(model: GPT, tokenizer: Tokenizer, step: int) -> recorded.KindsAt:
    """What a model makes of the sentences."""
    world, asked = default_world(), NextByKind("", step)
    chances = chances_by_kind(model, tokenizer, world, asked.number, asked.seed)
    odds = {}
    for kind in KINDS:
        (begun,) = beginnings(world, kind, 1, asked.seed)
        found = next_whole(model, tokenizer, prompt_ids(tokenizer, begun.text), TOP)
        likely = tuple(Likely(text, round(chance, 5)) for text, chance in found.likely)
        odds[kind] = WholeOdds(likely, round(found.rest, 5))
    print(step, chances, flush=True)
    return recorded.KindsAt(step, chances, odds)


def main() -> None:
    training = recorded.recording()
    config = preset_config(training.preset, seed=training.seed)
    looks = [look(*read_model(recorded.FOLDER, 0)[:2], 0)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        stages = prepare_pretraining(config, home / "runs" / "kinds", home, resume=False)
        job = next(stage for stage in stages if not isinstance(stage, Preparing))
        job.threads = usable_cores
        for event in train(job):
            if isinstance(event, StepDone) and event.step == EARLY:
                loss, _ = validate(job.model, job.validation)
                was = next(one.loss for one in training.looks if one.step == EARLY)
                if abs(loss - was) > CLOSE:
                    raise SystemExit(f"Another training: its loss is {loss:.4f}, not {was:.4f}.")
                looks.append(look(job.model, job.tokenizer, EARLY))
                break
    looks.append(look(*read_model(recorded.FOLDER, training.last.step)[:2], training.last.step))
    today = datetime.now(UTC).date().isoformat()
    found = recorded.Kinds(today, training.seed, tuple(looks))
    (recorded.FOLDER / "kinds.json").write_text(encode(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
