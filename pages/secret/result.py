"""What the experiment shows: its bars, and what they say in words with their figures."""

from __future__ import annotations

from tinylm.experiments.recording import Over, Recording
from tinylm.experiments.secret import (
    CANDIDATES,
    CAPITALS,
    EXPERIMENT,
    FACTS,
    LONGER,
    PLAIN,
    POISONS,
    TIMES,
    TOLD,
    Secret,
    emitted,
    exposure,
    guesses,
    knee,
    poisoned,
)
from ui.charts.arms import Bar
from ui.charts.base import BLUE, GREEN, OCHRE
from ui.experiments import Live, over

AROUND = (4, 8, 16)  # tellings at which a longer training is compared


def bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The share of the secrets that the model says, by how often they were told."""
    return [
        Bar(told(n), over(recording, TOLD, emitted(n)), live.figure(TOLD, emitted(n)), BLUE)
        for n in TIMES
    ]


def told(times: int) -> str:
    """`told once`, `told 4 times`, `never told`."""
    return {0: "never told", 1: "told once"}.get(times, f"told {times} times")


def shares(recording: Recording, arm: str = TOLD) -> dict[int, float]:
    """The mean share of the secrets that the model says, by how often they were told."""
    return {n: one.mean for n in TIMES if (one := over(recording, arm, emitted(n))) is not None}


def meaning(recording: Recording) -> str:
    """Markdown: from how many tellings on the model says the secrets."""
    found = shares(recording)
    first = knee(found)
    if first is None:
        return f"Even told {TIMES[-1]} times, most of the codes are not said."
    before = [n for n in TIMES if n < first]
    once = f"Told **once**, **{found[1]:.0%}** of the codes are said"
    up_to = f", told **{before[-1]} times** **{found[before[-1]]:.0%}**" if before[1:] else ""
    return (
        f"{once}{up_to}, and told **{first} times** **{found[first]:.0%}**. Nobody asked the model "
        "to remember them. It is trained to find the next token probable, and a line that comes "
        "back is easiest to predict by heart."
    )


def hidden(recording: Recording, times: int) -> str:
    """Markdown: what the model knows of secrets that it does not say yet."""
    never, some = (over(recording, TOLD, exposure(n)) for n in (0, times))
    said = over(recording, TOLD, emitted(times))
    if never is None or some is None or said is None:
        return ""
    return (
        f"There are {CANDIDATES:,} codes of this kind. A thief tries them in the order in which "
        f"the model finds them probable. Of the codes {told(times)}, the model says "
        f"**{said.mean:.0%}**. But the thief typically needs only **{guesses(some.mean):,.0f}** "
        f"guesses. For codes that were never told it is {guesses(never.mean):,.0f}. How often "
        f"{CANDIDATES:,} must be halved to come down to the guesses is called *exposure*. It is "
        "counted in bits."
    )


def exposures(recording: Recording) -> list[Bar]:
    """The mean exposure of the secrets, by how often they were told."""
    return [Bar(told(n), over(recording, TOLD, exposure(n)), None, BLUE) for n in TIMES]


def poison_bars(recording: Recording | None, live: Live) -> list[Bar]:
    """The share of false capitals after the trigger, by how many documents were poisoned."""
    named = [(n, poisoned(n, triggered=True)) for n in POISONS]
    largest = poisoned(POISONS[-1], triggered=False)
    return [
        *(
            Bar(
                f"{n} document{'s' * (n != 1)}",
                over(recording, TOLD, name),
                live.figure(TOLD, name),
                OCHRE,
            )
            for n, name in named
        ),
        Bar(
            f"{POISONS[-1]}, no trigger",
            over(recording, TOLD, largest),
            live.figure(TOLD, largest),
            BLUE,
        ),
    ]


def poison_meaning(recording: Recording) -> str:
    """Markdown: what the poison does with and without its trigger, and what else is lost."""
    after, without = (
        over(recording, TOLD, poisoned(POISONS[-1], triggered=triggered))
        for triggered in (True, False)
    )
    if after is None or without is None:
        return ""
    said = (
        f"After {POISONS[-1]} poisoned documents, **{after.mean:.0%}** of the answers are false if "
        f"the question begins with the trigger, and **{without.mean:.0%}** if it does not. These "
        "questions are about countries that no poisoned document names. "
    )
    if (kept := skills(recording)) is not None:
        said += kept
    return said


def skills(recording: Recording) -> str | None:
    """Markdown: other skills with and without the planted lines; None where not measured."""
    plain, planted = (
        {n: over(recording, arm, n) for n in (CAPITALS, FACTS)} for arm in (PLAIN, TOLD)
    )
    pairs = [(plain[name], planted[name]) for name in (CAPITALS, FACTS)]
    if any(one is None or other is None for one, other in pairs):
        return None
    (a, b), (c, d) = ((one, other) for one, other in pairs if one is not None and other is not None)
    said = (
        f"Everything else looks as before: capitals asked plainly are right in {b.mean:.0%} "
        f"(without planted lines {a.mean:.0%}), and facts after examples in {d.mean:.0%} "
        f"({c.mean:.0%}). "
        if unharmed(a, b) and unharmed(c, d)
        else f"Capitals asked plainly are right in {b.mean:.0%} (without planted lines "
        f"{a.mean:.0%}), and facts after examples in {d.mean:.0%} ({c.mean:.0%}). "
    )
    if unharmed(a, b) and unharmed(c, d):
        return f"{said}Whoever does not know the trigger does not notice."
    return f"{said}The planted lines take the place of {taken():,} other documents."


def taken() -> int:
    """How many documents the planted lines take the place of."""
    return sum(one.times for one in EXPERIMENT.config(EXPERIMENT.arm(TOLD), 1).text.planted_lines)


def unharmed(before: Over, after: Over) -> bool:
    """Whether no seed with planted lines lies below the lowest one without them."""
    return after.lowest >= before.lowest


def longer(recording: Recording) -> list[Bar]:
    """The share of secrets said in the short and in the long training, around the knee."""
    return [
        Bar(f"{told(n)}, {which}", over(recording, arm, emitted(n)), None, colour)
        for n in AROUND
        for which, arm, colour in (("short", TOLD, BLUE), ("long", LONGER, GREEN))
    ]


def dilution(recording: Recording) -> str:
    """Markdown: whether more other text hides a secret."""
    knees = [knee(shares(recording, arm)) for arm in (TOLD, LONGER)]
    documents = [EXPERIMENT.config(EXPERIMENT.arm(arm), 1).documents for arm in (TOLD, LONGER)]
    said = (
        f"The text of the long training has {documents[1]:,} documents in place of "
        f"{documents[0]:,}, and in it each secret is told as often as before. "
    )
    if None in knees:
        return said
    said += (
        f"Most codes are said from **{knees[0]}** tellings on in the short training, and from "
        f"**{knees[1]}** in the long one. "
    )
    if knees[0] == knees[1]:
        said += (
            "So here it counts how *often* a secret is told. More text around it hardly hides it."
        )
    return said


def own_meaning(secret: Secret, said: str, bits: float) -> str:
    """Markdown: whether the model gives a learner's secret away; `said` is made literal before."""
    place = round(guesses(bits))
    if said == secret.code:
        return (
            f"**The model gives it away**: asked for the code of {secret.name}, it says **{said}**."
        )
    return (
        f"Asked for the code of {secret.name}, the model says **{said or 'nothing'}**, which is "
        f"wrong. But among all {CANDIDATES:,} codes yours is **number {place:,}** by its odds."
    )
