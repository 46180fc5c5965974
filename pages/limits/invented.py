"""Invented answers: what the model says about names that stand in no text, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

import streamlit as st

from pages.limits import keys
from pages.limits.charts import how_sure
from pages.limits.whose import Asked
from tinylm.errors import TinylmError
from tinylm.evaluation.prompts import few_shot_prompt
from tinylm.evaluation.tasks import Item
from tinylm.evaluation.tasks import task as find_task
from tinylm.predictions import SHARE
from tinylm.questions.limits import Guess, Invent, Invented
from tinylm.questions.words import NextWhole
from ui.asking import ask, service
from ui.choosing import SEED
from ui.frame import literal, numbers_behind
from ui.odds import sentence, show_whole
from ui.plot import live_plot
from ui.predict import predict_number, reveal_number

CAPITAL = "countries.capital"
ATLANTIS = "Atlantis"
LONGEST = 40  # characters of a name
SHOTS = 4
STEP = 5  # percent between two values of these odds that can be chosen
BELIEVED = 80  # percent of odds from which on an answer is believed at first


def invented(model: Asked) -> None:
    """Predict how often the model makes something up; then measure it, and try a name."""
    question = Invent(model.run, model.step, CAPITAL, num_fewshot=SHOTS, seed=SEED)
    st.markdown(
        f"{question.names} names of countries were made up, such as *Atlantis*. They stand in no "
        f"text that the model read. It gets {SHOTS} true examples (`Peru -> Lima`), then "
        "`Atlantis ->`. What does it say?"
    )
    if not predict_number(
        keys.PREDICTED_INVENTED,
        "To which share of these names does it answer with the name of a capital, as if it knew?",
        0,
        100,
        model.setting,
        unit=SHARE,
    ):
        return
    found = ask(question, "Asking for capitals of countries that do not exist …")
    if found is not None:
        _measured(found, model)
        _own_name(model)


def _measured(found: Invented, model: Asked) -> None:
    made, read = found.made_up, found.read
    as_if = [one for one in made if one.fits]
    right = [one for one in read if one.right]
    share = len(as_if) / max(1, len(made))
    reveal_number(
        keys.PREDICTED_INVENTED,
        100 * share,
        f"It names a capital for {len(as_if)} of {len(made)} countries that do not exist"
        f"{with_odds(as_if)}.{others(made)}",
        "It was trained to expect the next word, and after such a line a capital is expected. "
        "**Nothing in its training rewards saying that it does not know.** An answer made up in "
        "this way is called a *hallucination*.",
        model.setting,
    )
    st.markdown(
        f"**Can you tell by how sure it is?** Of {len(read)} real countries, whose capital it read "
        f"in sentences, it gets {len(right)} right{with_odds(right)}."
    )
    live_plot(
        how_sure(made, read),
        key="limits-sure",
        label=f"Mean odds: {mean_odds(made):.0%} for {len(made)} made-up names, "
        f"{mean_odds(read):.0%} for {len(read)} countries that it has read about.",
        height=300,
    )
    percent = st.slider(
        "Suppose we believe an answer only if its odds are at least … %",
        0,
        100,
        BELIEVED,
        STEP,
        key=keys.BELIEVED,
        persist_state="session",
    )
    st.markdown(believed(made, read, percent))
    rows = [
        {"name": one.name, "exists": exists, "answer": one.answer, "odds": one.probability}
        for exists, guesses in ((False, made), (True, read))
        for one in guesses
    ]
    numbers_behind(rows, "limits-invented-table", "All answers as a table")


def mean_odds(guesses: Sequence[Guess]) -> float:
    """The mean probability that the model gave to its answers; 0 without an answer."""
    return mean(one.probability for one in guesses) if guesses else 0.0


def with_odds(guesses: Sequence[Guess]) -> str:
    """How sure the model was of these answers, to be added to their number; "" for none."""
    return f", with mean odds of {mean_odds(guesses):.0%}" if guesses else ""


def others(made: Sequence[Guess]) -> str:
    """What it answers where it names no capital; "" if it always names one."""
    left = [one.answer for one in made if not one.fits]
    if not left:
        return ""
    commonest = max(left, key=left.count)
    example = literal(commonest) or "nothing"
    how = f"“{example}”" if len(set(left)) == 1 else f"such as “{example}”"
    return f" For the other {len(left)} it says something that is no capital, {how}."


def mistakes(made: Sequence[Guess], read: Sequence[Guess], percent: int) -> tuple[int, int]:
    """How many invented answers pass, and how many right ones are thrown away, at these odds."""
    return (
        sum(one.fits and one.probability * 100 >= percent for one in made),
        sum(one.right and one.probability * 100 < percent for one in read),
    )


def believed(made: Sequence[Guess], read: Sequence[Guess], percent: int) -> str:
    """Markdown: what a rule to believe only answers of enough odds lets through and throws away."""
    invented = [one for one in made if one.fits]
    let_through, lost = mistakes(made, read, percent)
    right = [one for one in read if one.right]
    if not right:
        return "The model gives **no right answer**, so there is none that a rule could keep."
    if not invented:
        return "The model **invents no capital**, so there is nothing that a rule must stop."
    total = let_through + lost
    fewest = min(sum(mistakes(made, read, one)) for one in range(0, 101, STEP))
    said = (
        f"Then **{let_through} of {len(invented)}** invented answers still pass, and **{lost} of "
        f"{len(right)}** right ones are thrown away. "
    )
    if not total:
        return said + "Here the rule works: it makes no mistake."
    if total > fewest:
        return said + (
            f"That makes {total} mistakes in all. The best value of this slider makes {fewest}: "
            "can you find it?"
        )
    return said + (
        f"That makes {total} mistake{'s' * (total > 1)} in all, and **no value makes fewer**. So "
        "how sure it is does not tell for certain whether an answer is true."
    )


def _own_name(model: Asked) -> None:
    """Let the learner ask about any name, and show the odds of the whole answers."""
    st.markdown("**Make up a name of your own**")
    name = st.text_input(
        "A country that does not exist",
        ATLANTIS,
        max_chars=LONGEST,
        key=keys.NAME,
        persist_state="session",
        width=320,
    )
    name = " ".join(name.split()) or ATLANTIS
    try:
        facts = find_task(model.corpus, "facts", service().home)
        item = Item(name, ("",), 0, CAPITAL)
        prompt = few_shot_prompt(facts, item, SHOTS, SEED).text
    except TinylmError:
        st.markdown("The world that this model read has no capitals to show as examples.")
        return
    st.code(prompt, language=None)
    asked = NextWhole(model.run, model.step, prompt, "answer", top=5)
    found = ask(asked, "The model answers …")
    if found is not None:
        st.markdown(f"Asked about {literal(name)}: {sentence(found, what='answer')}")
        show_whole(found, "base", key="limits-own-name", what="answers")
