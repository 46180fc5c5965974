"""One question to several models: what each of them answers, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from pages.prompts import keys
from tinylm.evaluation.prompts import Prompt
from tinylm.evaluation.tasks import Item, Task
from tinylm.questions import Answer, Question
from tinylm.questions.models import Likely, Odds
from tinylm.questions.words import NextWhole, WholeOdds
from ui.asking import ask, ask_all
from ui.charts.whole import percent
from ui.choosing import Checkpoint, Models, odds_question
from ui.frame import literal
from ui.odds import choose_unit, sentence, show_tokens, show_whole, wants_tokens
from ui.tables import small_table
from ui.widgets import segments

SHOWN_ANSWERS = 5
SHOWN_TOKENS = 5


def show_odds(
    models: Models,
    task: Task,
    item: Item,
    prompt: Prompt,
    ahead: Iterable[Question[Answer]] = (),
) -> bool:
    """Show each model's answer, and the odds of all that one of them may answer.

    Returns whether all models have answered; `ahead` is what the page asks then.
    """
    answers = _asked(models, task, prompt, [*_asked_next(models, prompt), *ahead])
    if not answers:
        return False
    small_table([_answer_row(name, answer, item) for name, answer in answers.items()], "answers")
    with st.container(horizontal=True):
        name = segments("Odds of the model", list(models), _first(models), key=keys.MODEL)
        pieces = choose_unit()
    if name in answers:
        if pieces:
            show_tokens(answers[name], name, key="odds", most=SHOWN_TOKENS)
        else:
            _answer_odds(models[name], name, answers[name], item, prompt)
    return len(answers) == len(models)


def _asked_next(models: Models, prompt: Prompt) -> list[NextWhole]:
    """What `show_odds` asks once a model has answered."""
    if wants_tokens():
        return []
    name = st.session_state.get(keys.MODEL, _first(models))
    return [_whole_question(models[name], prompt)] if name in models else []


def _first(models: Models) -> str:
    """The model of which the odds are shown at first."""
    return "base" if "base" in models else next(iter(models))


def _whole_question(model: Checkpoint, prompt: Prompt) -> NextWhole:
    return NextWhole(*model, prompt.text, "answer", top=SHOWN_ANSWERS)


def _answer_odds(model: Checkpoint, name: str, answer: Odds, item: Item, prompt: Prompt) -> None:
    """Draw the odds of whole answers, and say whether the right one leads the task's own list."""
    found = whole_answers(model, prompt, answer, item)
    if found is None:
        return
    closed = len(item.choices) > 1
    allowed = item.choices if closed else ()
    st.markdown(
        f"{sentence(found, what='answer')} {marks(found, item)} "
        + (first_of_list(answer, item) if closed else "")
    )
    show_whole(found, name, key="whole", gold=item.answer, allowed=allowed, what="answers")


def marks(found: WholeOdds, item: Item) -> str:
    """What the signs at the bars mean, of those that are there."""
    right = "✓ marks the right one"
    if len(item.choices) > 1 and ({one.text.strip() for one in found.likely} - {item.answer}) & set(
        item.choices
    ):
        return f"{right}, • others of the task's own list."
    return f"{right}."


def whole_answers(model: Checkpoint, prompt: Prompt, answer: Odds, item: Item) -> WholeOdds | None:
    """The odds of any whole answer, with the right one among them; None until they are known."""
    found = ask(_whole_question(model, prompt), "Reading answers to their end …")
    chance = {one.text.strip(): one.probability for one in answer.choices}.get(item.answer)
    return found if found is None or chance is None else with_answer(found, item.answer, chance)


def with_answer(found: WholeOdds, text: str, chance: float) -> WholeOdds:
    """The odds with this answer at their end, if it is not among the most probable ones."""
    if text in {one.text.strip() for one in found.likely}:
        return found
    return WholeOdds((*found.likely, Likely(text, chance)), max(0.0, found.rest - chance))


def first_of_list(answer: Odds, item: Item) -> str:
    """Markdown about a wrong answer where the right one leads the task's own list; else "".

    One question does not show that the model knows the answer: it may be chance.
    """
    likeliest = max(answer.choices, key=lambda one: one.probability)
    if answer.greedy == item.answer or likeliest.text.strip() != item.answer:
        return ""
    return (
        f"Of the {len(answer.choices)} answers on the list, **{literal(item.answer)}** has the "
        f"best odds, though they are only {percent(likeliest.probability)}. By chance that happens "
        f"once in {len(answer.choices)} questions: the experiment asks many of them."
    )


def show_pair(models: Models, task: Task, item: Item, prompt: Prompt) -> None:
    """Show two sentences and which of them each model finds likelier; no model writes anything."""
    good, bad = item.answer, next(one for one in item.choices if one != item.answer)
    for words, shown in (("Grammatical", good), ("Spoiled in one place", bad)):
        st.markdown(f"**{words}**")
        st.code(shown, language=None, wrap_lines=True)
    answers = _asked(models, task, prompt)
    if answers:
        small_table([_pair_row(name, answer, item) for name, answer in answers.items()], "pairs")


def _asked(
    models: Models, task: Task, prompt: Prompt, ahead: Iterable[Question[Answer]] = ()
) -> dict[str, Odds]:
    questions = {name: odds_question(model, task, prompt) for name, model in models.items()}
    return ask_all(questions, "The models are answering …", ahead=ahead)


def _answer_row(name: str, answer: Odds, item: Item) -> dict[str, str]:
    right = {one.text.strip(): one.probability for one in answer.choices}
    mark = "✓" if answer.greedy == item.answer else "✗"
    return {
        "model": name,
        "answers": f"{literal(answer.greedy) or 'nothing'} {mark}",
        "odds of the right answer": percent(right.get(item.answer, 0.0)),
    }


def _pair_row(name: str, answer: Odds, item: Item) -> dict[str, str]:
    probability = {one.text: one.probability for one in answer.choices}
    good = probability.pop(item.answer)
    bad = next(iter(probability.values()))
    return {
        "model": name,
        "finds likelier": "the grammatical one ✓" if good > bad else "the spoiled one ✗",
        "how much likelier": times_likelier(good, bad),
    }


def times_likelier(one: float, other: float) -> str:
    """The ratio of the larger probability to the smaller one as text, e.g. `12.3 times`."""
    small, large = sorted((one, other))
    if not small:
        return "too much to say"
    times = large / small
    return f"{times:.1f} times" if times < 1000 else f"{times:,.0f} times"
