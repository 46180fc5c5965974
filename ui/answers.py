"""One question put to several models, and their accuracy on all held-out ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from tinylm.evaluation.prompts import Prompt
from tinylm.evaluation.tasks import Item, Task
from tinylm.runs.rows import RunRow
from ui import accuracy, charts, state
from ui.charts import Row
from ui.engine import ask
from ui.frame import numbers_behind
from ui.live_plot import live_plot
from ui.models import Models, odds_question, score_of, score_question
from ui.predict import predict, reveal

SHOWN_ANSWERS = 5
ALL_SHOTS = (0, 1, 2, 4, 8)
SMALL = 50  # items under which an accuracy says so


def show_odds(models: Models, task: Task, item: Item, prompt: Prompt) -> None:
    """What each model answers, and how probable the allowed answers are to it."""
    questions = {name: odds_question(model, task, prompt) for name, model in models.items()}
    answers = ask(questions, "The models are answering …")
    if not answers:
        return
    st.dataframe(
        [_answer_row(name, answer, item) for name, answer in answers.items()],
        hide_index=True,
        column_config={"odds of the right answer": st.column_config.NumberColumn(format="percent")},
        alt="The greedy answer of each model",
    )
    odds = {
        name: [(one["text"].strip(), one["probability"]) for one in answer["choices"]]
        for name, answer in answers.items()
    }
    shown = most_probable(odds, item.answer)
    live_plot(
        charts.odds_bars(shown, gold=item.answer),
        key="odds",
        label=f"Odds of the likeliest answers. The right one is {item.answer}: "
        + ", ".join(f"{name} {dict(pairs)[item.answer]:.1%}" for name, pairs in odds.items()),
        height=110 + 26 * len(shown) * min(SHOWN_ANSWERS, len(prompt.choices)),
    )


def most_probable(
    odds: Mapping[str, Sequence[tuple[str, float]]], gold: str
) -> dict[str, list[tuple[str, float]]]:
    """The answers that any model finds likeliest, and the right one, in one order for all."""
    best: dict[str, float] = {}
    for pairs in odds.values():
        for text, probability in pairs:
            best[text] = max(probability, best.get(text, 0.0))
    order = sorted(best, key=best.__getitem__, reverse=True)[:SHOWN_ANSWERS]
    if gold in best and gold not in order:
        order[-1] = gold
    return {name: [(text, dict(pairs)[text]) for text in order] for name, pairs in odds.items()}


def _answer_row(name: str, answer: Row, item: Item) -> dict[str, object]:
    right = {one["text"].strip(): one["probability"] for one in answer["choices"]}
    greedy = answer.get("greedy", "")
    return {
        "model": name,
        "answers": greedy,
        "right": "✓" if greedy == item.answer else "✗",
        "odds of the right answer": right.get(item.answer, 0.0),
    }


def show_accuracy(models: Models, task: Task, group: str, shots: int) -> None:
    """Measure on demand; draw everything that was measured so far."""
    predict(
        state.PREDICTED_SHOTS,
        "With examples in the prompt, the base model's accuracy will …",
        ("fall", "stay about the same", "rise"),
    )
    with st.container(horizontal=True):
        one = st.button(f"Measure at k = {shots}", type="primary")
        every = st.button(f"Measure at k = {', '.join(map(str, ALL_SHOTS))}")
    key = f"measuring-{sorted(models.items())}-{task.name}-{group}"
    wanted = set(st.session_state.get(key, ()))
    wanted |= ({shots} if one else set()) | (set(ALL_SHOTS) if every else set())
    st.session_state[key] = sorted(wanted)
    if one or every:
        state.keep_answer(state.PROMPTED, True)
    ask(
        {
            f"{name} {k}": score_question(model, task, group, k)
            for k in sorted(wanted)
            for name, model in models.items()
        },
        "Measuring on all held-out items …",
    )
    _show_measured(models, task, group, shots)


def _show_measured(models: Models, task: Task, group: str, shots: int) -> None:
    by_model = measured(models, task, group)
    rows = {name: by_k[shots] for name, by_k in by_model.items() if shots in by_k}
    if not by_model:
        return
    any_row = next(iter(next(iter(by_model.values())).values()))
    if any_row["n"] < SMALL:
        st.info(f"Only {any_row['n']} items: the intervals are wide.", icon="ℹ️")
    chance = any_row.get("chance")
    left, right = st.columns(2)
    if rows:
        with left:
            st.markdown(f"**At k = {shots}**")
            live_plot(
                accuracy.accuracy_bars(rows, chance),
                key="accuracy",
                label=accuracy.describe_scores(rows, chance),
            )
    with right:
        st.markdown("**Against the number of examples**")
        live_plot(
            accuracy.accuracy_by_shots(by_model, chance),
            key="accuracy-by-shots",
            label="; ".join(
                f"{name}: " + ", ".join(f"{row['accuracy']:.0%} at k = {k}" for k, row in by_k)
                for name, by_k in ((name, sorted(rows.items())) for name, rows in by_model.items())
            ),
        )
    _explain_shots(by_model.get("base", {}))
    table = [
        {"model": name, "k": k}
        | {field: row[field] for field in ("n", "correct", "accuracy", "low", "high")}
        for name, by_k in by_model.items()
        for k, row in sorted(by_k.items())
    ]
    numbers_behind(table, "accuracy-table")


def _explain_shots(base: Mapping[int, Row]) -> None:
    """The prediction beside the measurement, once there is one without and one with examples."""
    most = max(base, default=0)
    if 0 not in base or not most:
        return
    reveal(
        state.PREDICTED_SHOTS,
        f"Measured: {base[0]['accuracy']:.0%} without examples, "
        f"{base[most]['accuracy']:.0%} with {most}.",
        "The weights are the same in both. Where the question alone does not say what is asked, "
        "the examples locate the task; the knowledge must come from pre-training. Intervals "
        "that overlap say that the difference may be chance.",
    )


def measured(models: Models, task: Task, group: str) -> dict[str, dict[int, Row]]:
    """All scores that are known, by model and number of examples."""
    found: dict[str, dict[int, Row]] = {}
    for name, model in models.items():
        for k in range(9):
            row = score_of(model, task, group, k)
            if row is not None:
                found.setdefault(name, {})[k] = row
    return found


def playground(base: RunRow, models: Models) -> None:
    """Any text, continued by any of the models."""
    with st.form("playground", border=False):
        prompt = st.text_area("Your text", "The capital of", height=100, key=state.FREE_PROMPT)
        with st.container(horizontal=True):
            names = list(models)
            name = st.selectbox("Model", names, index=min(1, len(names) - 1), width=180)
            number = st.number_input("Tokens", 1, 300, 60, width=140)
            temperature = st.number_input("Temperature", 0.0, 2.0, 0.8, 0.1, width=140)
            seed = st.number_input("Seed", 0, 9999, 1, width=140)
        asked = st.form_submit_button("Continue it")
    key = f"playground-{base.id}"
    if asked:
        run, step = models[name]
        params = {"run": run, "step": step, "prompt": prompt, "num_tokens": number}
        st.session_state[key] = params | {"temperature": temperature, "top_k": 0, "seed": seed}
    kept = st.session_state.get(key)
    if kept:
        answer = ask({"sample": ("sample", kept)}, "Writing …").get("sample")
        if answer:
            st.code(kept["prompt"] + answer["text"], language=None, wrap_lines=True)
