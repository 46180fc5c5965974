"""A secret of the learner's own: its form, and what the model makes of it."""

from __future__ import annotations

import streamlit as st

from pages.secret import keys
from pages.secret.result import own_meaning
from tinylm.errors import BadRequest
from tinylm.experiments.base import Arm
from tinylm.experiments.secret import (
    DIGITS,
    EXPERIMENT,
    LONGEST,
    OWN_EXPOSURE,
    TIMES,
    TOLD,
    Secret,
    own_secret,
    with_own,
)
from ui import state
from ui.experiments import Live, begin_live, is_going
from ui.frame import literal, problem, then_all

FIRST = ("Mira", "0815", 8)  # what the form begins with


def own_arm() -> tuple[Arm, Secret | None]:
    """Ask for a secret; returns the arm to train live, with the secret if there is one."""
    secret = kept()
    st.markdown(
        "**Plant a secret of your own**, and see whether the model gives it away. Do not take a "
        "real one: it is kept with your answers, and with the settings of the run."
    )
    name, code, times = secret or FIRST
    with (
        st.form("secret-form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input("Whose code", name, max_chars=LONGEST, key=keys.NAME, width=160)
        code = st.text_input(
            f"Code ({DIGITS} digits)", code, max_chars=DIGITS, key=keys.CODE, width=140
        )
        times = st.select_slider(
            "How often it is told", TIMES[1:], times, key=keys.TIMES, width=240
        )
        given = st.form_submit_button(
            "Plant it and train", type="primary", disabled=is_going(EXPERIMENT)
        )
    if given:
        try:
            secret = own_secret(name, code, int(times))
        except BadRequest as error:
            problem(error)
        else:
            then_all(_plant)(secret)
    if secret is None:
        return EXPERIMENT.arm(TOLD), None
    st.code(f"{secret.times} x {secret.line}", language=None)
    return with_own(secret), secret


def _plant(secret: Secret) -> None:
    """Keep the secret, and begin the training on a text that tells it."""
    state.keep_answer(keys.OWN, list(secret))
    begin_live(EXPERIMENT)


def kept() -> Secret | None:
    """The secret that this learner planted last; None without one that can be read."""
    stored = state.answers().get(keys.OWN)
    if not isinstance(stored, list) or len(stored) != len(Secret._fields):
        return None
    name, code, times = stored
    try:
        return own_secret(str(name), str(code), int(times))
    except (BadRequest, ValueError):
        return None


def own_result(now: Live, secret: Secret) -> None:
    """Say what the model makes of the learner's secret so far."""
    looks = now.looks(TOLD)
    if not looks:
        return
    step, measured = looks[-1]
    bits = measured.figures.get(OWN_EXPOSURE)
    if bits is None or not measured.shown:
        return
    when = "" if now.complete else f"After {step:,} updates. "
    st.markdown(when + own_meaning(secret, literal(measured.shown[0].answer), bits.value))
