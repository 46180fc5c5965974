"""How a prediction is judged, in words with the measured figure."""

from __future__ import annotations

from collections.abc import Sequence

from tinylm.predictions import POINTS, SHARE, Verdict, rounded, said

NEAR_POINTS = 5.0  # such a number counts as right if it is so many points away
NEAR_TIMES = 1.25  # so does any other number that is too high or too low by less than this


BEGINNINGS = {
    Verdict.RIGHT: "✓ **Right.**",
    Verdict.NOT_QUITE: "✗ **Not quite.**",
    Verdict.OPPOSITE: "✗ **It is the opposite.**",
    Verdict.UNDECIDED: "**This measurement cannot tell.**",
}
NEAR = "✓ **Close enough.**"  # for a number that counts as right, though another was measured


def judge_choice(guess: str, right: Sequence[str], ends: Sequence[str] = ()) -> Verdict:
    """Judge a chosen option; the first and the last one of `ends` are opposites."""
    if not right:
        return Verdict.UNDECIDED
    if guess in right:
        return Verdict.RIGHT
    if len(ends) > 1 and {guess} | set(right) == {ends[0], ends[-1]}:
        return Verdict.OPPOSITE
    return Verdict.NOT_QUITE


def choice_in_words(guess: str, verdict: Verdict) -> str:
    """The verdict on a chosen option, as Markdown."""
    return f"{BEGINNINGS[verdict]} You said *{guess}*."


def judge_number(guess: float, value: float, unit: str, *, to: float | None = None) -> Verdict:
    """Judge a predicted number as it is shown, so rounded.

    With `to`, the true value lies anywhere from `value` to `to`.
    """
    guess, value = rounded(guess, unit), rounded(value, unit)
    if to is not None:
        value = _nearest(guess, value, rounded(to, unit))
    if unit in (SHARE, POINTS):
        near = abs(guess - value) <= NEAR_POINTS
    else:
        low, high = sorted((guess, value))
        near = high == low or high < NEAR_TIMES * low
    return Verdict.RIGHT if near else Verdict.NOT_QUITE


def number_in_words(guess: float, value: float, unit: str, *, to: float | None = None) -> str:
    """The verdict on a predicted number, as Markdown; see `judge_number`.

    An example is `✗ **Not quite.** You said *40*, it is 11: you were 3.6 times too high.`
    """
    verdict = judge_number(guess, value, unit, to=to)
    mine, found = said(guess, unit), said(value, unit)
    guess, value = rounded(guess, unit), rounded(value, unit)
    is_it = f"it is {found}"
    if to is not None and said(to, unit) != found:
        is_it = f"it lies between {found} and {said(to, unit)}"
        value = _nearest(guess, value, rounded(to, unit))
        if guess == value:
            return f"{BEGINNINGS[verdict]} You said *{mine}*, and {is_it}."
    if guess == value:
        return f"{BEGINNINGS[verdict]} You said *{mine}*, and that is what it is."
    side = "high" if guess > value else "low"
    near = verdict is Verdict.RIGHT
    low, high = sorted((guess, value))
    if unit in (SHARE, POINTS):
        number = f"{abs(guess - value):.0f}"
        off = f"{number} point{'' if number == '1' else 's'} too {side}"
    elif low > 0 and high / low >= NEAR_TIMES:
        off = f"{times(high / low)} too {side}"
    else:
        off = f"{said(high - low, '')} too {side}"
    beginning = NEAR if near else BEGINNINGS[verdict]
    return f"{beginning} You said *{mine}*, {is_it}: you were {'only ' * near}{off}."


def _nearest(guess: float, one: float, other: float) -> float:
    """The number between two others that is nearest to a guess."""
    low, high = sorted((one, other))
    return min(max(guess, low), high)


def times(ratio: float) -> str:
    """A ratio in words: `3.64` -> `3.6 times`, `40.2` -> `40 times`."""
    return f"{ratio:,.0f} times" if ratio >= 9.95 else f"{ratio:.1f} times"
