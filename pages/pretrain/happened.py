"""What a training led to: the language of its text learned, or the text learned by heart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.pretrain.learned import pieces
from tinylm.corpora import preview, world_of
from tinylm.corpora.sources.mixtures import is_mixture, mixture_weights
from tinylm.corpora.sources.uploads import is_upload
from tinylm.errors import TinylmError
from tinylm.evaluation.memorising import (
    LEAST,
    SPEAKS,
    Copying,
    Losses,
    Outcome,
    copied_share,
    losses,
    outcome,
)
from tinylm.evaluation.memorising import copying as copying_of
from tinylm.evaluation.metrics import perplexity
from tinylm.events import CurvePoint, Sampled
from tinylm.questions.corpora import Copied, Copies
from tinylm.questions.models import Sample
from tinylm.runs.store.history import Recent, Told
from tinylm.runs.store.rows import RunRow
from ui.asking import PATIENCE, ask, ask_all, service
from ui.copies import CONCLUSIONS, TEXTS, TOKENS, highlighted, times, unread, written
from ui.frame import LIMITS, guarded, literal

BEGINNING = 40  # characters
LIVE_TOKENS = 1_000_000  # a longer training text is searched once the training is over
HEADLINES = {
    Outcome.LEARNED: "🌱 **It has learned from its text, and not by heart.**",
    Outcome.BOTH: "🌗 **It has learned, and it has begun to learn its text by heart.**",
    Outcome.BY_HEART: "📖 **It has learned its text by heart.**",
}
REPEATED = "🌱 **What it learned on its text, it can do on new text too.**"
REPEATS = (
    "Well-worn phrases it repeats word for word all the same: the sentences of this text follow "
    "patterns, so the same line stands in many documents, also in new ones. *Limits* marks what it "
    "repeats."
)
SO_FAR = {
    Outcome.LEARNED: "🌱 So far it **learns**",
    Outcome.BOTH: "🌗 It has learned, and it **begins to learn by heart**",
    Outcome.BY_HEART: "📖 So far it **learns its text by heart**",
}
_COPIES: Recent[Copies] = Recent()  # by run and step; once known, they never change


def searched(run: RunRow) -> bool:
    """Whether copies are looked for in what a run writes.

    In a made world the same sentences stand in many documents, so copies tell nothing of it.
    """
    return run.kind == "pretrain" and world_of(run.corpus, service().home) is None


def copies_in(run: RunRow, told: Told, sample: Sampled) -> Copies | None:
    """What a text that a run wrote copies from its training text; None while it is not known."""
    if not searched(run) or not sample.text.split():
        return None
    if (kept := _COPIES.get((run.id, sample.step))) is not None:
        return kept
    if run.active and told.started and told.started.train_tokens > LIVE_TOKENS:
        return None
    wait = 0.0 if run.active else PATIENCE
    job = service().ask_all({"": _question(run, sample.text)}, wait=wait)[""]
    if job.answer is not None:
        _COPIES.put((run.id, sample.step), job.answer)
    return job.answer


def _question(run: RunRow, text: str) -> Copied:
    return Copied(run.corpus, text, run.config.documents, LEAST, run.config.text.changes)


def so_far(told: Told, curve: Sequence[CurvePoint], copies: Copies | None) -> str:
    """Markdown, while it trains: learned or by heart, and what the text on the screen copies."""
    found = losses(curve, told.evals)
    parts = []
    if found is not None:
        parts.append(f"{SO_FAR[outcome(found)]}: {_held(found)}")
    if copies is not None:
        parts.append(copied_in_words(copies))
    return " ".join(filter(None, parts))


def copied_in_words(copies: Copies) -> str:
    """Markdown: how much of a text is coloured, and which copy is the longest.

    It is "" where a text has no copy, but so few words that this tells nothing.
    """
    if not copies.copied:
        if copies.words < SPEAKS:
            return ""
        return (
            f"Nothing in it is a copy of {LEAST} or more words or marks in a row from its training "
            "text."
        )
    longest = copies.longest
    said = (
        f":blue-background[Coloured] is what stands word for word in its training text, in copies "
        f"of {LEAST} or more words or marks: **{copies.copied} of {copies.words}**"
    )
    return f"{said}; the longest copy has {longest.words}." if longest else f"{said}."


def _held(found: Losses) -> str:
    if found.held <= 0:
        return (
            "on text that it never saw it hesitates among "
            f"**{pieces(found.newest.perplexity)}** pieces of words, no fewer than before its "
            f"first step ({pieces(found.first.perplexity)})."
        )
    return (
        f"**{found.held:.0%}** of what it gained on the text it trains on shows on text that it "
        "never saw, too."
    )


@guarded
def what_happened(run: RunRow, told: Told, curve: Sequence[CurvePoint]) -> None:
    """Say what a training led to, with its losses and with what its last model copies."""
    found = losses(curve, told.evals)
    if found is None:
        return
    saved = service().checkpoints(run.id) if searched(run) else []
    text = written(run.id, saved[-1]) if saved else ""
    copies, control = None, None
    if text:
        texts = {"written": text, "unread": unread(run.corpus)}
        questions = {name: _question(run, text) for name, text in texts.items() if text.split()}
        answers = ask_all(questions, "Looking for copies of its training text …")
        copies, control = answers.get("written"), answers.get("unread")
    with st.container(border=True, gap="small"):
        st.markdown(verdict(found, copies, control, patterns=not searched(run)))
        if not searched(run):
            st.page_link(LIMITS, label="See **which phrases it repeats**", icon="🔎")
        if copies is not None and (longest := copies.longest):
            st.markdown(
                f"**The longest copy**, {longest.words} words and marks, stands "
                f"{times(longest.times)} in its training text:"
            )
            st.code(text[longest.start : longest.end], language=None, wrap_lines=True)
            st.page_link(LIMITS, label="Let it write more, and see **what it copies**", icon="🔎")


@guarded
def own_words(run: RunRow) -> None:
    """Show what a model that read a mixture writes in the words of each own text in it.

    It is the last model, which has read these texts most often: so copies of them are found, which
    are not looked for in what it writes of a made world.
    """
    parts = own_parts(run.corpus)
    saved = service().checkpoints(run.id) if parts else []
    for part in parts if saved else ():
        _in_words_of(part, run.id, saved[-1], "your text" if len(parts) == 1 else "")


def _in_words_of(part: str, run: str, step: int, name: str) -> None:
    """Let a model go on with a held-out passage of an own text, and look for copies of that text.

    Without a `name`, the text is called by its title.
    """
    home = service().home
    name = name or f"“{literal(service().corpus(part).title)}”"
    prompt = beginning(preview(part, "val", 0, 1, home=home)[0].text)
    own = ask(Sample(run, step, prompt, TOKENS), "Writing in the words of your text …")
    if own is None or not own.text.strip():
        return
    copies = ask(Copied(part, own.text, 0, LEAST), "Looking for copies of your text …")
    if copies is None:
        return
    with st.container(border=True, gap="small"):
        st.markdown(
            f"**In the words of {name}.** After “{literal(prompt)}”, which begins a passage "
            "that it never read, it writes:"
        )
        st.markdown(highlighted(own.text, copies.copies))
        if said := copied_in_words(copies):
            st.markdown(said)


def own_parts(corpus: str) -> list[str]:
    """The own texts in a mixture; none for other corpora, and for a mixture that was deleted."""
    if not is_mixture(corpus):
        return []
    try:
        return [one for one in mixture_weights(corpus, service().home) if is_upload(one)]
    except TinylmError:
        return []


def beginning(text: str) -> str:
    """The first words of a text, up to BEGINNING characters."""
    line = text.strip().split("\n")[0]
    return line if len(line) <= BEGINNING else line[:BEGINNING].rpartition(" ")[0] or line[:20]


def verdict(
    found: Losses,
    copies: Copies | None = None,
    control: Copies | None = None,
    *,
    patterns: bool = False,
) -> str:
    """Markdown: what the training led to, and the figures that say so.

    `patterns` says that the text is made from patterns: then a gain on new text does not show that
    nothing is repeated.
    """
    how = copying_of(copies, control) if copies is not None else None
    came = outcome(found, how)
    repeats = patterns and came is Outcome.LEARNED
    parts = [REPEATED if repeats else HEADLINES[came], in_losses(found)]
    if repeats:
        parts.append(REPEATS)
    if copies is not None and (copies.copied or copies.words >= SPEAKS):
        parts.append(in_copies(copies, control, how))
    if came is not Outcome.LEARNED:
        parts.append(
            "A longer text helps. So do the settings that fit the text, which this page offers "
            "before a training."
        )
    return "  \n".join(parts[:2]) + "".join(f"\n\n{one}" for one in parts[2:])


def in_losses(found: Losses) -> str:
    """What the losses say: how unsure it is on its own text and on new text, and how it was."""
    first, best, newest = found.first, found.best, found.newest
    when = f" at step {newest.step:,}" if newest.step < found.last else ""
    said = (
        "On the text that it trains on, it hesitates among "
        f"**{pieces(perplexity(found.train))}** pieces of words; on text that it never saw, among "
        f"**{pieces(newest.perplexity)}**{when}. Before its first step that was "
        f"{pieces(first.perplexity)}"
    )
    if found.turned and best.step:
        said += f", and at its best, at step {best.step:,}, it was {pieces(best.perplexity)}"
    if found.held <= 0:
        return f"{said}. So nothing of what it gained on its own text helps on new text."
    return (
        f"{said}. So {found.held:.0%} of what it gained on its own text shows on new text too. "
        "Each halving of such a number counts as the same gain: from 1,000 to 500 is as much as "
        "from 10 to 5."
    )


def in_copies(copies: Copies, control: Copies | None, how: Copying | None) -> str:
    """What the search says: how much of what it writes is copied, and how much usually."""
    said = (
        f"Of the {copies.words} words and marks of {TEXTS} texts that it writes now, "
        f"**{copies.copied}** ({copied_share(copies):.0%}) stand word for word in its training "
        f"text, in copies of {LEAST} or more."
    )
    if control is None or how is None:
        return said
    usual = f"In held-out text, which no training read, the share is {copied_share(control):.0%}."
    return f"{said} {usual} {CONCLUSIONS[how]}"
