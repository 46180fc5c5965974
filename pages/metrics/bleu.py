"""BLEU and its traps: short answers, words in the wrong order, and one wrong word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from pages.metrics import keys
from pages.metrics.traps import SEED, choose_scored
from tinylm.evaluation.bleu_traps import MAX_ORDER, MAX_SENTENCE, changed_word, wrong_order
from tinylm.evaluation.tasks import is_own
from tinylm.evaluation.tasks.base import Item, Task
from tinylm.predictions import POINTS
from tinylm.questions.models import Bleu, BleuCase, Score
from tinylm.runs.store.rows import RunRow
from ui.asking import ask, ask_all
from ui.charts.accuracy import left_out
from ui.choosing import choose_task
from ui.frame import literal
from ui.predict import predict_number, reveal_number
from ui.tables import small_table
from ui.widgets import within

FOUR_SHOT = 4
RUNS = ("words", "pairs", "runs of three", "runs of four")
LONG_ENOUGH = 5  # words that the first sentence needs at least, so that every order of BLEU counts

MODEL, RIGHT, SHORT, ORDER, WORD = (
    "The model's answer",
    "The right answer",
    "Right, but short",
    "Wrong order",
    "One wrong word",
)


def bleu_trap(base: RunRow, tasks: Sequence[Task]) -> None:
    """Show the BLEU of the model's answers, and outputs that BLEU judges wrongly."""
    st.markdown(
        "**BLEU** compares what a model writes, its *output*, with a *reference*: an answer that "
        "is known to be right. Which share of the output's words stand in the reference too? The "
        "same is asked of its pairs of words, its runs of three and its runs of four. That makes "
        "four shares, called p1 to p4."
    )
    st.markdown(
        "BLEU is a mean of these four shares, from 0 to 100. It is a *geometric mean*: the shares "
        "are multiplied, so one small share pulls it far down. An output that is shorter than "
        "the reference loses more: this is the *brevity penalty*. BLEU knows nothing of meaning."
    )
    taught = [task for task in tasks if not is_own(task.name)]
    first = taught[0] if taught else choose_task(tasks, keys.METRIC_TASK)
    st.markdown(f"The task here: {literal(first.description)}")
    case = trap_outputs(first, _long_enough(first), "").get(ORDER)
    if case is not None and not _predicted(case):
        return
    st.markdown("**Try other answers**")
    task = choose_task(tasks, keys.METRIC_TASK) if taught else first
    if task.name != first.name:
        st.markdown(literal(task.description))
    step, shots = choose_scored(base, "bleu", FOUR_SHOT)
    question = Score(base.id, step, task.name, shots, seed=SEED, texts=True)
    score = ask(question, f"The model answers {len(task.test)} items …")
    if score is None:
        return
    bleu = score.metrics["bleu"]
    with st.container(horizontal=True):
        st.metric(
            f"BLEU of all, n = {score.n} (95 %: {bleu.low:.1f} to {bleu.high:.1f})",
            f"{bleu.value:.1f}",
        )
        st.metric(
            f"Exactly right, n = {score.n} (95 %: {score.low:.0%} to {score.high:.0%})",
            f"{score.accuracy:.1%}",
        )
    st.markdown(left_out([score]))
    if score.correct == score.n:
        st.info(nothing_to_judge(score.n), icon="ℹ️")
    answers = [item.answer for item in score.items]
    _one_sentence(task, answers, f"{base.id}-{step}-{shots}")


def nothing_to_judge(n: int) -> str:
    """What to do where the model makes no mistake on which BLEU could be looked at."""
    return (
        f"This model writes all {n} items exactly right. So each gets full marks, and there is "
        "nothing that BLEU could judge. Choose another task or an earlier model above, or try "
        "the broken outputs below."
    )


def _long_enough(task: Task) -> int:
    """The place of the first sentence in which every order of BLEU counts."""
    return next((i for i, one in enumerate(task.test) if _length(one) >= LONG_ENOUGH), 0)


def _predicted(case: Output) -> bool:
    """Ask what a broken sentence scores, and judge it; True once the rest may be shown."""
    if not predict_number(
        keys.PREDICTED_BLEU,
        f"The right answer is *{literal(case.reference)}*. Somebody writes "
        f"*{literal(case.text)}*: all the right words, in the wrong order. Which BLEU does it get?",
        0,
        100,
        case.reference,
        unit=POINTS,
    ):
        return False
    found = ask(Bleu((case.reference,), (case.text,)), "Counting runs of words …")
    if found is None:
        return False
    (one,) = found.cases
    runs = ", ".join(
        f"{right} of its {total} {name}"
        for name, (right, total) in zip(RUNS, one.matches, strict=True)
    )
    reveal_number(
        keys.PREDICTED_BLEU,
        one.bleu,
        f"Its BLEU is {one.bleu:.0f}. In the reference stand {runs}.",
        "The sentence is cut in two and the parts are swapped. It is broken in one place only, so "
        "it keeps nearly all runs. What it says may be nonsense all the same.",
        case.reference,
    )
    return True


def _one_sentence(task: Task, answers: Sequence[str], model: str) -> None:
    """Show a sentence, the model's answer to it, and an output that the learner may change."""
    items = task.test
    sentence = f"{keys.METRIC_SENTENCE}-{task.name}"
    index = st.selectbox(
        "Held-out item",
        range(len(items)),
        index=_long_enough(task),
        format_func=lambda i: items[i].context,
        key=sentence,
        persist_state="session",
    )
    outputs = trap_outputs(task, index, answers[index])

    def key_of(place: int) -> str:
        return f"{keys.METRIC_OUTPUT}-{task.name}-{model}-{place}"

    def put(place: int, text: str) -> None:
        st.session_state[sentence] = place
        st.session_state[key_of(place)] = text

    shown = f"reference: {items[index].answer}\nthe model: {answers[index]}"
    st.code(shown, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        for name, output in outputs.items():
            st.button(name, on_click=put, args=(output.sentence, output.text))
    st.session_state.setdefault(key_of(index), answers[index])
    text = st.text_input(
        "Output: change it and see",
        key=key_of(index),
        persist_state="session",
    )
    _judge(items[index].answer, within(text, MAX_SENTENCE), outputs)


class Output(NamedTuple):
    """A text that the learner can try in place of the model's answer."""

    sentence: int  # index of the held-out item that it answers
    reference: str
    text: str
    meaning: str  # in English; "" if it is not known


def trap_outputs(task: Task, index: int, answer: str) -> dict[str, Output]:
    """The outputs to try for a sentence, by name; the short one belongs to another sentence."""
    item, own = task.test[index], is_own(task.name)
    meaning = "" if own else item.context  # the input of a translation is what its answer means
    found = {
        MODEL: (answer, meaning if answer == item.answer else ""),
        RIGHT: (item.answer, meaning),
    }
    order = wrong_order(item.answer)
    if order:
        found[ORDER] = (order, "")
    # Which words mean what shows in sentences that differ in one word: those of the made languages.
    known = () if own else _pairs(task)
    changed = _changed(task.name, item.context, item.answer, known)
    if changed:
        found[WORD] = (changed[1], changed[0])
    outputs = {name: Output(index, item.answer, *one) for name, one in found.items()}
    for place, other in enumerate(task.test):
        if _length(other) < MAX_ORDER:
            short = Output(place, other.answer, other.answer, "" if own else other.context)
            return outputs | {SHORT: short}
    return outputs


def _judge(reference: str, text: str, outputs: Mapping[str, Output]) -> None:
    """Show the BLEU of the learner's output with its parts, then that of all traps."""
    traps = Bleu(
        tuple(one.reference for one in outputs.values()),
        tuple(one.text for one in outputs.values()),
    )
    asked = {"output": Bleu((reference,), (text,)), "traps": traps}
    found = ask_all(asked, "Counting runs of words …")
    if "output" in found:
        _show_case(found["output"].cases[0])
    if "traps" in found:
        cases = dict(zip(outputs, found["traps"].cases, strict=True))
        st.markdown("**What every button scores**")
        small_table(
            [_case_row(name, outputs[name], case) for name, case in cases.items()], "outputs"
        )
        _explain(cases)


def _show_case(case: BleuCase) -> None:
    with st.container(horizontal=True):
        st.metric(f"BLEU, n = {case.words} words", f"{case.bleu:.1f}")
        st.metric("BLEU, effective order", f"{case.bleu_effective:.1f}")
        st.metric("Exact match", "yes" if case.exact else "no")
        st.metric("Brevity penalty", f"{case.brevity_penalty:.2f}")
    st.markdown(
        "*Effective order* is BLEU without the runs that are longer than the output: an output of "
        "two words has no run of four."
    )
    small_table(
        [
            {
                "runs of": f"{order} word{'s' * (order > 1)}",
                "in the reference": f"{right} of {total}",
                "precision": f"p{order} = {share:.1f} %" if total else "nothing to count",
            }
            for order, ((right, total), share) in enumerate(
                zip(case.matches, case.precisions, strict=True), start=1
            )
        ],
        "runs",
    )
    if any(total and not right for right, total in case.matches) and case.bleu:
        st.markdown(
            "Where no run is found, a small share stands in for 0 (halved with every such "
            "order), because one 0 would make the whole mean 0."
        )


def _with_meaning(output: Output) -> str:
    """The output, and its meaning in brackets where it is known."""
    text = literal(output.text) or "nothing"
    return f"{text} (*{literal(output.meaning)}*)" if output.meaning else text


def _case_row(name: str, output: Output, case: BleuCase) -> dict[str, str]:
    return {
        "case": name,
        "output": _with_meaning(output),
        "BLEU": f"{case.bleu:.1f}",
        "effective order": f"{case.bleu_effective:.1f}",
        "exact": "✓" if case.exact else "✗",
    }


def _explain(cases: Mapping[str, BleuCase]) -> None:
    parts = []
    if ORDER in cases:
        parts.append(f"the wrong order {cases[ORDER].bleu:.0f}")
    if WORD in cases:
        parts.append(f"one wrong word {cases[WORD].bleu:.0f}")
    if SHORT in cases:
        parts.append(f"a right answer of {cases[SHORT].words} words {cases[SHORT].bleu:.0f}")
    if not parts:
        return
    st.markdown(
        f"BLEU of one sentence each: {', '.join(parts)}. A wrong "
        "word costs as much whether it is a slip or turns the meaning round. An answer of fewer "
        "than four words has no run of four, so its plain BLEU is zero. Only its effective order "
        "says more. BLEU was made for many sentences at once: there short ones and lucky ones even "
        "out. Show exact match beside it, to keep it honest."
    )


def _length(item: Item) -> int:
    return len(item.answer.split())


def _pairs(task: Task) -> tuple[tuple[str, str], ...]:
    return tuple((item.context, item.answer) for item in (*task.train, *task.test))


@st.cache_data(show_spinner=False, max_entries=500)
def _changed(
    name: str, source: str, reference: str, _known: tuple[tuple[str, str], ...]
) -> tuple[str, str] | None:
    """`changed_word`, cached so that it runs once for each sentence of a task."""
    return changed_word(source, reference, _known)
