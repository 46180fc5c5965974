"""Reinforcement: right answers become more probable, and nobody shows the model one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests import tiny
from tinylm.errors import BadRequest
from tinylm.events import Event, Rewarded, RunEnded, StepDone
from tinylm.finetuning import finetune_config
from tinylm.model.generate import generate
from tinylm.model.tries import tries
from tinylm.presets import preset_config
from tinylm.training.checkpoints import CheckpointFolder
from tinylm.training.job import TrainingJob
from tinylm.training.loop import train
from tinylm.training.reward import Trials, advantages, exact_match

pytestmark = pytest.mark.usefixtures("one_thread")
CODER = tiny.tokenizer()


def trials(limit: int = 1, **changes: object) -> Trials:
    """After "the " the first letter of a colour is right, after "a " that of an animal."""
    questions = [(CODER.encode(asked), answer) for asked, answer in (("the ", "r"), ("a ", "c"))]
    settings = {"num_generations": 8, "temperature": 1.0, "batch_size": 16, "seed": 1} | changes
    return Trials(questions, CODER, frozenset({CODER.separator}), limit, **settings)  # type: ignore[arg-type]


def rewarded_job(folder: Path, **train: object) -> TrainingJob:
    settings = {"steps": 40, "learning_rate": 0.01, "muon_lr": 0.0, "eval_interval": 1000}
    job = tiny.job(folder, **(settings | {"checkpoint_interval": 1000} | train))
    job.trials = trials()
    return job


def random() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def rewards(events: list[Event]) -> list[float]:
    return [event.reward for event in events if isinstance(event, Rewarded)]


def test_only_the_right_answer_is_rewarded() -> None:
    assert exact_match("Lima", " Lima\n") == 1
    assert exact_match("Lima", "lima") == exact_match("Lima", "Lima Lima") == 0


def test_an_answer_counts_against_the_others_to_its_question() -> None:
    better = advantages(torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0] * 4]))
    assert better[0, 0] > 0 > better[0, 1] == better[0, 3]
    assert better[0].mean().item() == pytest.approx(0, abs=1e-6)
    assert better[0].std(correction=0).item() == pytest.approx(1, abs=1e-3)
    assert not better[1:].any()  # all as good as each other: nothing to learn from


def test_from_right_and_wrong_alone_it_learns_to_answer(tmp_path: Path) -> None:
    told = rewards(list(train(rewarded_job(tmp_path))))
    assert len(told) == 40
    assert sum(told[:5]) / 5 < 0.1  # one byte of 256 is right
    assert sum(told[-5:]) / 5 > 0.6


def test_where_all_tries_are_wrong_no_weight_moves(tmp_path: Path) -> None:
    job = rewarded_job(tmp_path, steps=3)
    questions = [(prompt, "never") for prompt, _ in trials().questions]
    job.trials = Trials(questions, CODER, frozenset(), 1, 4, 1.0, 4, 1)
    before = {name: weights.detach().clone() for name, weights in job.model.named_parameters()}
    events = list(train(job))
    assert rewards(events) == [0.0] * 3
    assert [event.grad_norm for event in events if isinstance(event, StepDone)] == [0.0] * 3
    assert all(torch.equal(before[name], now) for name, now in job.model.named_parameters())


def test_a_run_that_was_stopped_goes_on_with_the_same_tries(tmp_path: Path) -> None:
    whole = rewarded_job(tmp_path / "whole", steps=12)
    told = rewards(list(train(whole)))
    first = rewarded_job(tmp_path / "parts", steps=12)
    asked = iter(["run"] * 8)
    events = list(train(first, control=lambda: next(asked, "stop")))
    assert isinstance(end := events[-1], RunEnded) and end.reason == "stopped"
    then = rewarded_job(tmp_path / "parts", steps=12)
    saved = CheckpointFolder(str(tmp_path / "parts" / "checkpoints"))
    then.resume = saved.load(with_optimizer=True)
    assert 0 < then.resume.step < 12
    assert rewards(events) + rewards(list(train(then))) == told
    for one, other in zip(whole.model.parameters(), then.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_tries_are_drawn_as_the_model_continues_the_prompt() -> None:
    model, size = tiny.model(seed=3), tiny.MODEL.block_size
    with torch.no_grad():
        for weights in model.parameters():  # without the zeros of an untrained model
            weights.add_(torch.randn(weights.shape, generator=torch.Generator().manual_seed(1)))
    prompts = [CODER.encode("the red"), CODER.encode("a"), CODER.encode("the red cat sees a ")]
    cold = tries(model, prompts, 2, 40, (), temperature=1e-4, random=random())
    for prompt, (one, other) in zip(prompts, cold, strict=True):
        room = min(40, size - len(prompt) + 1)
        assert one == other == generate(model, prompt, room, temperature=0)
    stop = cold[1][0][2]
    ended = tries(
        model,
        prompts[1:2],
        1,
        40,
        {stop},
        temperature=1e-4,
        random=random(),
    )
    assert ended[0][0] == cold[1][0][:3]  # with the id that ends it


def test_tries_follow_the_probabilities() -> None:
    model, prompt = tiny.model(seed=3), CODER.encode("the ")
    with torch.no_grad():
        model.embedding.weight.mul_(25)  # far from even odds
        odds = model(torch.tensor([prompt]))[0, -1].softmax(dim=-1)
    (drawn,) = tries(model, [prompt], 4000, 1, (), temperature=1.0, random=random())
    likeliest = int(odds.argmax())
    assert odds[likeliest] > 0.05
    share = sum(one == [likeliest] for one in drawn) / len(drawn)
    assert share == pytest.approx(odds[likeliest].item(), abs=0.03)


def test_settings_of_rewards_and_what_they_exclude() -> None:
    base = preset_config("tiny")
    config = finetune_config(base, "base-1", "questions", 100, method="reward")
    assert (config.train.steps, config.train.batch_size) == (80, 16)
    assert finetune_config(base, "base-1", "questions", 100).num_generations == 8
    scratch = finetune_config(base, "base-1", "questions", 8, "scratch", method="reward")
    assert scratch.init == "random"
    with pytest.raises(BadRequest, match="Replay"):
        finetune_config(base, "base-1", "questions", 8, method="reward", replay=0.5)
    with pytest.raises(BadRequest, match="between 2 and 64"):
        finetune_config(base, "base-1", "questions", 8, method="reward", num_generations=1)
    with pytest.raises(BadRequest, match="belong to fine-tuning"):
        preset_config("tiny", method="reward")
