"""The same question after other examples: one model, two prompts, two answers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tinylm.evaluation.prompts import Prompt, few_shot_prompt
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.questions import Answer, Question
from tinylm.questions.models import Fitting, Odds
from tinylm.questions.words import NextWhole, WholeOdds
from tinylm.recorded import recording
from ui.asking import ask_all, service
from ui.choosing import SEED, Checkpoint, fitting_question, odds_question
from ui.frame import group_name, literal
from ui.odds import show_tokens, show_whole, wants_tokens

SHOWN = 4  # bars on each side
CONTROLS = ("", "other")  # what the examples are: the task's own, another one's
SHOTS = 4  # examples in each of the two prompts


def other_side(tasks: Sequence[Task], item: Item, prompt: Prompt) -> tuple[Task, Item | None]:
    """The task that the examples of `prompt` come from, and its item about the same subject.

    The item is None if that task does not ask about the subject of `item`.
    """
    example = prompt.examples[0]
    task = next(one for one in tasks if example in one.train)
    same = (
        one
        for one in (*task.train, *task.test)
        if one.context == item.context and one.group == example.group
    )
    return task, next(same, None)


def side_name(task: Task, group: str) -> str:
    """A readable name for what a set of examples asks."""
    return group_name(group) if group else task.title[:1].lower() + task.title[1:]


def fittings(model: Checkpoint, task: Task, item: Item) -> dict[str, Fitting]:
    """The questions how many examples fit into each of the two prompts, by control."""
    return {one: fitting_question(model, task, item, SHOTS, one) for one in CONTROLS}


def same_question(model: Checkpoint, tasks: Sequence[Task], task: Task, item: Item) -> None:
    """Show two prompts that end alike, with the base's answer to each and the odds behind it."""
    found = ask_all(fittings(model, task, item), "Counting tokens …")
    if len(found) < len(CONTROLS):
        return
    shots = min(fitting.num_fewshot for fitting in found.values())
    if not shots:
        st.markdown("Not one example fits into what this model reads at once.")
        return
    prompts = [few_shot_prompt(task, item, shots, SEED, control) for control in CONTROLS]
    other_task, other_item = other_side(tasks, item, prompts[1])
    names = [side_name(task, item.group), side_name(other_task, prompts[1].examples[0].group)]
    asked = [item, other_item]
    st.markdown(
        f"The base reads {shots} example{'s' * (shots > 1)}, then the same last line. Nothing "
        "but the examples differs."
    )
    answers, whole = _answers(model, task, prompts, asked)
    for i, column in enumerate(st.columns(2)):
        with column:
            st.markdown(f"**Examples: {literal(names[i])}**")
            st.code(prompts[i].text, language=None, wrap_lines=True)
            if i in answers:
                _answer(answers[i], whole.get(i), asked[i], names[i], i)
    if len(answers) == 2:
        _compare([answers[side].greedy for side in (0, 1)], asked, trained_less(model))


def _answers(
    model: Checkpoint, task: Task, prompts: Sequence[Prompt], asked: Sequence[Item | None]
) -> tuple[dict[int, Odds], dict[int, WholeOdds]]:
    """What is known of the odds of tokens and of whole answers, by side; all asked together."""
    questions: dict[tuple[str, int], Question[Answer]] = {
        ("next", side): odds_question(model, task, _with_choices(prompt, one, task))
        for side, (prompt, one) in enumerate(zip(prompts, asked, strict=True))
    }
    if not wants_tokens():
        for side, prompt in enumerate(prompts):
            questions["whole", side] = NextWhole(*model, prompt.text, "answer", top=SHOWN)
    found = ask_all(questions, "The base is answering both, and reads answers to their end …")
    return (
        {side: one for (_, side), one in found.items() if isinstance(one, Odds)},
        {side: one for (_, side), one in found.items() if isinstance(one, WholeOdds)},
    )


def _with_choices(prompt: Prompt, item: Item | None, task: Task) -> Prompt:
    """The prompt with the answers that `item` allows; without an item its choices stay."""
    choices = tuple(task.answer_prefix + one for one in item.choices) if item else prompt.choices
    return Prompt(prompt.text, prompt.examples, prompt.answer, choices)


def _answer(answer: Odds, whole: WholeOdds | None, item: Item | None, name: str, side: int) -> None:
    """Show what the base writes, and its likeliest answers, or tokens if those are wanted."""
    greedy = answer.greedy
    right = f"; right here: {literal(item.answer)}" if item else ""
    mark = "" if item is None else " ✓" if greedy == item.answer else " ✗"
    st.markdown(f"Answer: **{literal(greedy) or 'nothing'}**{mark}{right}")
    if wants_tokens():
        show_tokens(answer, "base", key=f"contrast-{side}", most=SHOWN)
    elif whole is not None:
        show_whole(
            whole,
            "base",
            key=f"contrast-whole-{side}",
            gold=item.answer if item else "",
            what=f"answers after examples of {name}",
        )


def trained_less(model: Checkpoint) -> str:
    """Markdown, where a model has read less than that of Start, and so knows less; else ""."""
    run, step = model
    read = service().run(run).config.tokens_per_step * step
    if read >= recording().last.tokens_seen:
        return ""
    return (
        f" It read {read:,} tokens in training, and the model on *Start*, which answers such lines "
        f"better, {recording().last.tokens_seen:,}."
    )


def _compare(greedy: Sequence[str], asked: Sequence[Item | None], less: str) -> None:
    if greedy[0] == greedy[1]:
        st.markdown(
            "This model answers both alike: it does not (yet) read the task off the examples, or "
            f"does not know one of the answers.{less} Try a longer run, or another question."
        )
        return
    right = sum(
        item is not None and item.answer == one for one, item in zip(greedy, asked, strict=True)
    )
    st.markdown(
        "**Same last line, same weights, two answers, both right.** The examples alone say which "
        "task is meant."
        if right == 2
        else f"**Same last line, same weights, two answers**, of which {right or 'none'} is right: "
        f"the examples move this model, but it does not know all that they ask.{less}"
    )
