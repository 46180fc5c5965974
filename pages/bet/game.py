"""One sentence after the other: lay chips, uncover the word, and see what it adds up to."""

from __future__ import annotations

from itertools import takewhile

import msgspec
import streamlit as st

from pages.bet import keys
from pages.bet.product import whole_sentence
from pages.bet.scoring import ROUNDS, choices, mean_surprise, shares, surprise
from tinylm.recorded import Bet, bets, recording
from ui import state
from ui.asking import service
from ui.charts.base import BLUE, GREEN, GREY, OCHRE, Figure, Style, bars_across
from ui.charts.whole import percent
from ui.frame import BLANK, CORPUS, draw_anew, guarded, literal
from ui.glossary import QUOTED
from ui.plot import live_plot

FEWEST = 1  # chips that always lie on "another word": nobody can be sure


def given() -> list[float]:
    """The share that this learner gave to each covered word so far.

    What is kept but is no share, as only another program could have left it, counts as not given.
    Raises StorageError where bets cannot be kept: without them the lesson cannot go on.
    """
    kept = service().answers(state.learner()).get(keys.BETS)
    try:
        numbers = msgspec.convert(kept, list[float])[:ROUNDS]
        return list(takewhile(lambda one: 0 < one <= 1, numbers))
    except msgspec.ValidationError:
        return []


def covered(bet: Bet) -> str:
    """The beginning of the sentence, as Markdown: a model sees nothing of what follows."""
    return f"{literal(bet.before)} **{BLANK}** *(the next word?)*"


def said(sentence: str, place: int) -> None:
    """Show a sentence of the corpus, set apart; a quotation in Markdown would be too pale."""
    with st.container(border=True, key=f"{QUOTED}-{place}"):
        st.markdown(sentence)


@guarded
def ask(place: int, bet: Bet) -> None:
    """Show one sentence, take the learner's chips, and keep the share of the right word."""
    st.subheader(f"Sentence {place + 1} of {ROUNDS}", anchor=False)
    said(covered(bet), place)
    st.markdown(
        "Which word comes next? You see what a model sees: only the words before it. Lay chips on "
        "the words that you think possible: more chips where you are surer. What counts is the "
        "**share** of your chips on the word that really comes."
    )
    sides = st.columns(2, gap="medium")  # so that the button below stays on the screen
    left = (len(bet.options) + 2) // 2  # of the options and “any other word”, half, rounded up
    chips = []
    for i, word in enumerate(bet.options):
        label = f"Chips on “**{literal(word)}**”"
        with sides[i >= left]:
            chips.append(int(st.slider(label, 0, 10, 0, key=f"{keys.CHIPS}-{place}-{i}")))
    with sides[1]:
        key = f"{keys.CHIPS}-{place}-other"
        others = FEWEST + int(st.slider("Chips on any other word", 0, 10, 0, key=key))
    mine, _ = shares(chips, others, bets().words)
    st.markdown(
        "Your bet: "
        + ", ".join(f"“{literal(w)}” {s:.0%}" for w, s in zip(bet.options, mine, strict=True))
        + f", all other words together {others / (sum(chips) + others):.0%} (one chip always lies "
        "there, because nobody can be quite sure)."
    )
    if not sum(chips):
        st.markdown("Lay at least one chip on a word. Then you can uncover it.")
    if st.button("Uncover the word", type="primary", disabled=not sum(chips)):
        state.keep_answer(keys.BETS, [*given()[:place], share_of_right(chips, others, bet)])
        draw_anew()


def share_of_right(chips: list[int], others: int, bet: Bet) -> float:
    """The share of the covered word: its chips, or one word's part of those on other words."""
    mine, other = shares(chips, others, bets().words)
    return max(mine[bet.right], other)


def compared(bet: Bet, share: float) -> dict[str, float]:
    """The surprise in bits of the learner and of three models at the covered word."""
    return {
        "you": surprise(share),
        "untrained": surprise(bet.untrained[bet.right]),
        "bigram": surprise(bet.bigram[bet.right]),
        "base": surprise(bet.trained[bet.right]),
    }


NAMES = {
    "you": "you",
    "untrained": "untrained model",
    "bigram": "counting pairs (bigram)",
    "base": "trained model",
}
COLOURS = {"you": GREEN, "untrained": GREY, "bigram": OCHRE, "base": BLUE}


def surprises(found: dict[str, float]) -> Figure:
    """A bar of bits for each who guessed."""
    colours: Style = {"color": [COLOURS[name] for name in found]}
    bars = {"surprise": (list(found.values()), colours)}
    title = "Bits of surprise: the shorter, the better the guess"
    return bars_across(bars, [NAMES[name] for name in found], shown=".1f", axis="~g", title=title)


def uncovered(place: int, bet: Bet, share: float) -> None:
    """Show the word that stood there, and how surprised everybody was."""
    word = literal(bet.options[bet.right])
    said(f"{literal(bet.before)} **{word}**{literal(bet.after)}", place)
    found = compared(bet, share)
    st.markdown(
        f"You gave “**{word}**” a share of {percent(share)}: **{found['you']:.1f} bits** of "
        f"surprise. The trained model gave it {percent(bet.trained[bet.right])}: "
        f"{found['base']:.1f} bits. A share of one half is 1 bit, and each further halving is one "
        "bit more. The **bigram** model has "
        "only counted, in the training text, which word follows which: it sees one word back."
    )
    live_plot(
        surprises(found),
        key=f"bet-bits-{place}",
        label="Surprise in bits: " + ", ".join(f"{NAMES[n]} {b:.1f}" for n, b in found.items()),
        height=190,
    )


def result(shown: list[Bet], mine: list[float]) -> None:
    """What the five bets add up to, and the words for it."""
    st.subheader("This is how every language model is trained", anchor=False)
    who = {
        "You": mine,
        "The trained model": [bet.trained[bet.right] for bet in shown],
        "Counting pairs (bigram)": [bet.bigram[bet.right] for bet in shown],
        "The untrained model": [bet.untrained[bet.right] for bet in shown],
    }
    rows = []
    for name, each in who.items():
        bits = mean_surprise(each)
        rows.append(
            {
                "who": name,
                "mean surprise (bits)": round(bits, 2),
                "as unsure as among so many words": f"{choices(bits):,.1f}",
            }
        )
    st.dataframe(rows, hide_index=True, alt="Mean surprise of you and of three models")
    mine_bits, model_bits = mean_surprise(mine), mean_surprise(who["The trained model"])
    ahead = "you" if mine_bits < model_bits else "the trained model"
    st.markdown(
        f"On these {ROUNDS} sentences **{ahead}** guessed better: {mine_bits:.2f} bits against "
        f"{model_bits:.2f}. So few sentences prove little: a model is measured on many more."
    )
    st.markdown(
        "- **The objective**: give the word that really comes a large share. That is all that a "
        "model is trained for.\n"
        "- **A distribution** is what you laid with your chips: shares of all words that together "
        "make 100 %.\n"
        "- **The loss** is the mean surprise. Training changes the model a little after every few "
        "sentences, so that the loss falls.\n"
        "- **Perplexity** says the same loss as a number of equal choices: the last column.\n"
        "- **Self-supervision**: nobody wrote labels for these sentences. The text is its own "
        "answer key, because the next word is the answer. So any text can be learned from."
    )
    whole_sentence(shown[0], mine[0])
    found = recording()
    st.markdown(
        ":small[The sentences are from text that no model here read. Their figures were recorded "
        f"on {found.date}, with the model of the start page (seed {found.seed}).]"
    )
    with st.container(horizontal=True):
        if st.button("Read the text that it learned from →", type="primary"):
            st.switch_page(CORPUS)
        if st.button("Bet again"):
            state.keep_answer(keys.BETS, [])
            for key in [k for k in st.session_state if str(k).startswith(keys.CHIPS)]:
                del st.session_state[key]
            draw_anew()
