"""Fine-tuning by rewards on the page: chosen, trained, and its curve."""

from __future__ import annotations

from tests.pages.test_pages import Open, click, open_page, pick, shown, trained
from tinylm.events import Rewarded
from tinylm.runs.service import Service
from ui.charts.rewards import means, reward_curve, rewards_in_words

__all__ = ["open_page"]  # a fixture
RISING = [Rewarded(step, step / 100) for step in range(1, 41)]


def test_rewards_are_a_method_of_the_run_from_the_base(open_page: Open, service: Service) -> None:
    base = trained(service)
    at = pick(open_page("finetune", run=base), "What learns", "reward")
    assert "the model is shown no answer" in shown(at)
    assert not any("Replay" in group.label for group in at.button_group)
    at = click(at, "Fine-tune")
    assert not at.exception and not at.error
    runs = {run.config.init: run for run in service.runs("finetune")}
    assert runs["base"].config.method == "reward" and runs["random"].config.method == "full"
    assert "rewards" in "".join(one.value for one in at.subheader)
    at = click(at, "Show me without guessing")
    assert "Of the answers that it tries, **67%** are right now" in shown(at)
    at = open_page("pretrain", run=runs["base"].id)
    assert not at.exception
    assert "Of the answers that it tries, **67%** are right now" in shown(at)
    assert "pieces of words**, measured on" not in shown(at)  # there is no text to predict


def test_the_curve_of_rewards_is_smoothed_over_ten_updates() -> None:
    smooth = means(RISING)
    assert smooth[0] == 0.01 and abs(smooth[9] - 0.055) < 1e-9 and abs(smooth[-1] - 0.355) < 1e-9
    thin, thick = reward_curve([("a", "fine-tuned", RISING)], 80)["data"]
    assert thin["y"][-1] == 0.4 and thick["y"][-1] == 0.355
    said = rewards_in_words(RISING)
    assert "**36%** are right now" in said and "In its first 10 updates it was 6%." in said
    assert rewards_in_words([]) == "It has not tried an answer yet."
    assert "first" not in rewards_in_words(RISING[:12])
