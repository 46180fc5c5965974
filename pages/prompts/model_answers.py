"""One question to several models: what each of them answers, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from tinylm.evaluation.prompts import Prompt
from tinylm.evaluation.tasks import Item, Task
from tinylm.questions.models import Odds
from ui.asking import ask_all
from ui.charts import base as charts
from ui.choosing import Models, odds_question
from ui.plot import live_plot

SHOWN_ANSWERS = 5
SHOWN_TOKENS = 5


def show_odds(models: Models, task: Task, item: Item, prompt: Prompt) -> bool:
    """Show each model's answer and how probable the allowed answers are.

    If any text is allowed (translation), show the likeliest next tokens of the base instead.
    Returns whether all models have answered.
    """
    answers = _asked(models, task, prompt)
    if not answers:
        return False
    st.dataframe(
        [_answer_row(name, answer, item) for name, answer in answers.items()],
        hide_index=True,
        column_config={"odds of the right answer": st.column_config.NumberColumn(format="percent")},
        alt="The greedy answer of each model",
    )
    if len(item.choices) > 1:
        _answer_odds(answers, item, len(prompt.choices))
    elif "base" in answers:
        st.markdown("**The base's odds of the next token**")
        token_odds("base", answers["base"], "odds")
    return len(answers) == len(models)


def show_pair(models: Models, task: Task, item: Item, prompt: Prompt) -> None:
    """Show two sentences and which of them each model finds likelier; no model writes anything."""
    good, bad = item.answer, next(one for one in item.choices if one != item.answer)
    for words, sentence in (("Grammatical", good), ("Spoiled in one place", bad)):
        st.markdown(f"**{words}**")
        st.code(sentence, language=None, wrap_lines=True)
    answers = _asked(models, task, prompt)
    if answers:
        st.dataframe(
            [_pair_row(name, answer, item) for name, answer in answers.items()],
            hide_index=True,
            alt="The sentence that each model finds likelier",
        )


def _asked(models: Models, task: Task, prompt: Prompt) -> dict[str, Odds]:
    questions = {name: odds_question(model, task, prompt) for name, model in models.items()}
    return ask_all(questions, "The models are answering …")


def _answer_odds(answers: Mapping[str, Odds], item: Item, allowed: int) -> None:
    odds = {
        name: [(one.text.strip(), one.probability) for one in answer.choices]
        for name, answer in answers.items()
    }
    shown = most_probable(odds, item.answer)
    live_plot(
        charts.odds_bars(shown, gold=item.answer),
        key="odds",
        label=f"Odds of the likeliest answers. The right one is {item.answer}: "
        + ", ".join(f"{name} {dict(pairs)[item.answer]:.1%}" for name, pairs in odds.items()),
        height=110 + 26 * len(shown) * min(SHOWN_ANSWERS, allowed),
    )


def token_odds(model: str, answer: Odds, key: str) -> None:
    """Draw the likeliest next tokens after a prompt as bars."""
    tokens = [(one.text, one.probability) for one in answer.tokens[:SHOWN_TOKENS]]
    live_plot(
        charts.odds_bars({model: tokens}),
        key=key,
        label="The likeliest next tokens: "
        + ", ".join(f"{text!r} {probability:.1%}" for text, probability in tokens),
        height=100 + 28 * len(tokens),
    )


def most_probable(
    odds: Mapping[str, Sequence[tuple[str, float]]], gold: str
) -> dict[str, list[tuple[str, float]]]:
    """The likeliest answers over all models, with the right one (`gold`), in one common order."""
    best: dict[str, float] = {}
    for pairs in odds.values():
        for text, probability in pairs:
            best[text] = max(probability, best.get(text, 0.0))
    order = sorted(best, key=best.__getitem__, reverse=True)[:SHOWN_ANSWERS]
    if gold in best and gold not in order:
        order[-1] = gold
    return {name: [(text, dict(pairs)[text]) for text in order] for name, pairs in odds.items()}


def _answer_row(name: str, answer: Odds, item: Item) -> dict[str, object]:
    right = {one.text.strip(): one.probability for one in answer.choices}
    return {
        "model": name,
        "answers": answer.greedy,
        "right": "✓" if answer.greedy == item.answer else "✗",
        "odds of the right answer": right.get(item.answer, 0.0),
    }


def _pair_row(name: str, answer: Odds, item: Item) -> dict[str, object]:
    probability = {one.text: one.probability for one in answer.choices}
    good = probability.pop(item.answer)
    bad = next(iter(probability.values()))
    return {
        "model": name,
        "finds likelier": "the grammatical one" if good > bad else "the spoiled one",
        "right": "✓" if good > bad else "✗",
        "how much likelier": times_likelier(good, bad),
    }


def times_likelier(one: float, other: float) -> str:
    """The ratio of the larger probability to the smaller one as text, e.g. `12.3 times`."""
    small, large = sorted((one, other))
    if not small:
        return "too much to say"
    times = large / small
    return f"{times:.1f} times" if times < 1000 else f"{times:,.0f} times"
