"""What the experiment shows in words and tables: whether one way of counting lags behind."""

from __future__ import annotations

from collections.abc import Sequence

from pages.sudden.ways import LAGS, ahead, lag, length, one_word, over, ways
from tinylm.experiments.recording import Recording
from tinylm.experiments.sudden import CHANCE, EXACT, TASKS, TENTH, TOKENS, WINDOW, steepest


def told(recording: Recording, task: str) -> str:
    """Markdown: whether whole answers lag behind in this task, with the figures."""
    name, behind = TASKS[task], lag(recording, task)
    if behind.tokens is None or behind.log is None:
        last = over([way[-1].exact for way in ways(recording, task)])
        return (
            f"In *{name}* whole answers never come far: at the end {last} of the way to perfect. "
            "There is no jump to explain."
        )
    if task in CHANCE:
        return (
            f"In *{name}* nothing is written: of two sentences the right one must be likelier. "
            f"Blind guessing gets {CHANCE[task]:.0%}, which counts as nothing here. When "
            f"{TENTH:.0%} of the rest of the way is gone, {behind.tokens} of the single tokens are "
            "right: the two rise side by side."
        )
    tokens = f"{length(recording, task):.1f} tokens"
    if one_word(recording, task):
        jump = over([steepest(way, EXACT) for way in ways(recording, task)])
        return (
            f"In *{name}* an answer has {tokens}. So counting tokens is almost the same as "
            f"counting answers, and hides nothing. Within {WINDOW} updates whole answers gain up "
            f"to {jump} of their way."
        )
    if behind.tokens.lowest >= LAGS:
        return (
            f"In *{name}* an answer has {tokens}, and one wrong token spoils it. When **{TENTH:.0%}"
            f"** of the whole answers are right, **{behind.tokens}** of the single tokens are. "
            f"{_earlier(ahead(recording, task))} before. The strict count shows the ability late."
        )
    return (
        f"In *{name}* an answer has {tokens}. When {TENTH:.0%} of the whole answers are right, "
        f"{behind.tokens} of the single tokens are: the two rise side by side."
    )


def _earlier(updates: Sequence[int]) -> str:
    number = f"{updates[0]} to {updates[-1]}" if updates[0] < updates[-1] else f"{updates[0]}"
    return f"Half of them were right {number} updates"


def table(recording: Recording) -> list[dict[str, str]]:
    """A row for each task: how long its answers are, how far each metric is, and how steep."""
    rows = []
    for task, name in TASKS.items():
        behind, found = lag(recording, task), ways(recording, task)
        steep = [over([steepest(way, metric) for way in found]).mean for metric in (EXACT, TOKENS)]
        rows.append(
            {
                "task": name,
                "tokens": f"{length(recording, task):.1f}",
                "single tokens then": str(behind.tokens or "never so far"),
                "log-probability then": f"{behind.log.mean:.0%}" if behind.log else "–",
                "steepest": " / ".join(f"{one:.0%}" for one in steep),
            }
        )
    return rows


def lagging(recording: Recording) -> list[str]:
    """The tasks in which whole answers lag behind single tokens, with every seed."""
    return [
        task
        for task in TASKS
        if (tokens := lag(recording, task).tokens) is not None
        and tokens.lowest >= LAGS
        and not one_word(recording, task)
    ]


def conclusion(recording: Recording) -> str:
    """Markdown: in which tasks the count makes the jump, and in which it does not."""
    late = lagging(recording)
    said = (
        f"Whole answers lag behind in {_listed([TASKS[task] for task in late])}: there an answer "
        "has several tokens, and all must be right."
        if late
        else "In no task do whole answers lag far behind."
    )
    jumps = {
        task: over([steepest(way, EXACT) for way in ways(recording, task)])
        for task in TASKS
        if one_word(recording, task) and lag(recording, task).tokens is not None
    }
    if jumps:
        most = max(jumps, key=lambda task: jumps[task].mean)
        said += (
            f" But not every rise is the count's doing. In *{TASKS[most]}* an answer is one token, "
            f"and still {jumps[most]} of the way comes within {WINDOW} updates."
        )
    early = [way[1] for task in TASKS for way in ways(recording, task)]
    said += (
        f" And the log-probability is no better judge alone: after {early[0].step} updates it has "
        f"gone {over([one.log for one in early]).mean:.0%} of its way, and whole answers "
        f"{over([one.exact for one in early]).mean:.0%}, on average over the tasks."
    )
    never = [task for task in TASKS if lag(recording, task).tokens is None]
    if never:
        ends = over([way[-1].log for way in ways(recording, never[0])])
        said += (
            f" Even in *{TASKS[never[0]]}*, which the model never learns to answer, it goes {ends}."
        )
    return said


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
