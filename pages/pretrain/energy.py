"""An estimate of what a training run costs in energy and money, with its assumptions."""

from __future__ import annotations

import streamlit as st

from pages.pretrain import keys
from tinylm.runs.store.rows import RunRow

WATTS = 10.0  # watts of one busy core and its share of memory; assumed, not measured
PRICE = 0.30  # price of a kilowatt-hour, in any currency; assumed too


def energy(seconds: float, threads: int, watts: float) -> float:
    """The watt-hours that `threads` cores use if each takes `watts` for `seconds`."""
    return seconds * threads * watts / 3600


def estimate(run: RunRow, threads: int) -> None:
    """Show the energy and cost so far, with inputs that change the assumptions."""
    opened = st.expander("Energy and cost, estimated", on_change="rerun", key="fold-energy")
    if not opened.open:
        return
    with opened:
        with st.container(horizontal=True):
            watts = st.number_input(
                "Watts of one busy core", 0.1, 1000.0, WATTS, 1.0, key=keys.WATTS, width=200
            )
            price = st.number_input(
                "Price of 1 kWh", 0.0, 100.0, PRICE, 0.05, key=keys.PRICE, width=200
            )
        st.markdown(energy_in_words(run.seconds, threads, watts, price))


def energy_in_words(seconds: float, threads: int, watts: float, price: float) -> str:
    """A Markdown sentence: the energy used, what it costs, and what is assumed."""
    used = energy(seconds, threads, watts)
    cores = "1 core" if threads == 1 else f"{threads} cores"
    return (
        f"{seconds:,.0f} s of work × {cores} × {watts:g} W = **{used:.2f} Wh**, "
        f"or {used / 1000 * price:.5f} of your currency. Assumed, not measured: how much power "
        "a core takes, that the cores were busy all the time, and nothing for the screen or "
        "the rest of the computer."
    )
