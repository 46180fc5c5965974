"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from statistics import fmean

from tinylm.experiments.recording import Over, Recording
from tinylm.experiments.told import COMMONEST, OTHERS, OWN_TEXT, TRAINED, WAYS, asked
from tinylm.questions.experiments import Figure
from ui.charts.arms import Bar
from ui.charts.base import BLUE, GREY, VERMILION
from ui.experiments import Live, over

FIXED, ORDER, WORDING, BOTH = (way.name for way in WAYS)
LIVE_ARMS = (FIXED, asked(FIXED), BOTH, asked(BOTH))


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """A bar for each way of telling, and one for the commonest answer."""
    found = [
        Bar(way.title, *_both(recording, live, asked(way.name), OTHERS), VERMILION) for way in WAYS
    ]
    guess = Bar("commonest answer", over(recording, asked(FIXED), COMMONEST), None, GREY)
    return [*found, guess]


def reading(live: Live) -> dict[str, list[tuple[float, float]]]:
    """How well each live model finishes its own text while it reads: updates, and the share."""
    found = {
        way.title: [
            (float(step), one.figures[OWN_TEXT].value)
            for step, one in live.looks(way.name)
            if OWN_TEXT in one.figures
        ]
        for way in WAYS
    }
    return {title: points for title, points in found.items() if points}


def known_bars(recording: Recording) -> list[Bar]:
    """How well each text is known: sentences finished, and questions of the training examples."""
    nothing = Live(0, ())
    own = [
        Bar(f"own text: {way.title}", *_both(recording, nothing, way.name, OWN_TEXT), BLUE)
        for way in WAYS
    ]
    trained = [
        Bar(
            f"trained half: {way.title}",
            *_both(recording, nothing, asked(way.name), TRAINED),
            VERMILION,
        )
        for way in WAYS
    ]
    return own + trained


def answers(recording: Recording, way: str) -> Over:
    """Accuracy on questions about the other half, over the seeds."""
    found = recording.over(asked(way), OTHERS)
    assert found is not None
    return found


def meaning(recording: Recording) -> str:
    """Markdown: what the recorded bars say. It names no cause that they do not show."""
    own, guess = recording.over(FIXED, OWN_TEXT), recording.over(asked(FIXED), COMMONEST)
    assert own is not None
    assert guess is not None
    fixed, both = answers(recording, FIXED), answers(recording, BOTH)
    said = (
        f"It finishes **{own.mean:.0%}** of the sentences of its text rightly. But of the "
        f"questions it answers **{fixed.mean:.0%}**. Someone who knows nothing, and always gives "
        f"the commonest answer, gets {guess.mean:.0%}."
    )
    if both.lowest > fixed.highest:
        said += (
            " The same facts, told in new words and a new order each time, bring "
            f"**{both.mean:.0%}**."
        )
    return f"{said} {which_helps(recording)}"


def which_helps(recording: Recording) -> str:
    """What order and wordings do alone and together, as far as it holds for every seed."""
    fixed = answers(recording, FIXED)
    order, wording = answers(recording, ORDER), answers(recording, WORDING)
    said = [
        f"A new **order** alone brings {_gain(order, fixed)}.",
        f"New **wordings** alone bring {_gain(wording, fixed)}.",
    ]
    if _both_bring_more(recording):
        said.append("With every seed, both together bring more than either alone.")
    return " ".join(said)


def _both_bring_more(recording: Recording) -> bool:
    """Whether both together bring more than the better one alone, seed by seed."""
    both, order, wording = (
        [one.measured.figures[OTHERS].value for one in recording.of(asked(way))]
        for way in (BOTH, ORDER, WORDING)
    )
    return all(b > max(o, w) for b, o, w in zip(both, order, wording, strict=True))


def _gain(found: Over, fixed: Over) -> str:
    sure = found.lowest > fixed.highest
    return f"{found.mean:.0%}{'' if sure else ', which is no sure gain'}"


def losses(recording: Recording) -> str:
    """The training loss with the fixed texts and with new ones, and what it does not tell."""
    fixed, both = (
        fmean(one.train_loss for one in recording.of(way) if one.train_loss is not None)
        for way in (FIXED, BOTH)
    )
    said = (
        f"The loss in training ends at {fixed:.2f} with fixed texts and at {both:.2f} with new ones"
    )
    better = answers(recording, FIXED).mean < answers(recording, BOTH).mean
    if fixed < both and better:
        return f"{said}: the lower loss goes with fewer right answers."
    return f"{said}."


def _both(
    recording: Recording | None, live: Live, arm: str, figure: str
) -> tuple[Over | None, Figure | None]:
    return over(recording, arm, figure), live.figure(arm, figure)
