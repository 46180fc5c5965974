"""The recorded training as a film: what it writes, its loss, and what it answers.

The browser plays it by itself, so that a class costs the server nothing, and stands still for
people who asked their system for less motion. It builds everything with textContent alone.
"""

from __future__ import annotations

import math
import re

from tinylm.recorded import Recording
from ui.element import own_element

LONGEST = 140  # characters of a sample: they fit into the six lines of the box
LEAST = 0.5  # the share of them that whole sentences or lines must have

_HTML = """
<div class="tinylm-film">
  <div class="bar">
    <button type="button" class="play">Play</button>
    <input type="range" min="0" value="0" step="1" aria-label="Moment of the training">
  </div>
  <p class="now"></p>
  <blockquote tabindex="0"></blockquote>
  <svg viewBox="0 0 320 120" role="img" preserveAspectRatio="none"></svg>
  <p class="legend"><span class="loss"></span><span class="few"></span></p>
</div>
"""

_element = own_element(__file__, "tinylm_film", _HTML)


def film(found: Recording, *, key: str) -> None:
    """Draw the film of a recording."""
    _element(key=key, data=frames(found))


def frames(found: Recording) -> dict[str, object]:
    """What the browser needs: for each look its words, and both curves from 0 to 1.

    The losses are shares of the first one. The looks lie evenly, since the first updates change
    most.
    """
    first = found.looks[0].loss
    return {
        "frames": [
            {
                "now": f"After {look.step:,} of {found.last.step:,} updates it hesitates as "
                f"between {math.exp(look.loss):,.0f} pieces of words, and answers "
                f"{look.few_shot:.0%} of {found.items} questions right, from {found.shots} "
                "examples.",
                "prompt": found.prompt,
                "text": whole(look.text),
                "loss": look.loss / first,
                "few": look.few_shot,
            }
            for look in found.looks
        ],
        "loss": "how unsure it is (loss)",
        "few": f"right answers from {found.shots} examples",
    }


def whole(text: str) -> str:
    """The beginning of a sample, up to the end of a sentence or a line.

    Where that is too short, as in text without sentences, it ends with a word and a sign.
    """
    begun = text[:LONGEST]
    ends = [found.end() for found in re.finditer(r"[.!?](?=\s|$)|\n", begun)]
    kept = begun[: ends[-1]].rstrip() if ends else ""
    if len(kept) >= LEAST * len(begun):
        return kept
    return f"{begun.rpartition(' ')[0] if len(text) > LONGEST else begun} …"


def recorded_note(found: Recording) -> str:
    """How large the recorded model is, and where and when it was trained."""
    return (
        f"Recorded on {found.date}: {found.parameters:,} weights and a vocabulary of "
        f"{found.vocab_size:,} pieces of words, trained in {found.seconds / 60:.1f} minutes on "
        f"{found.machine.partition(',')[0]}, seed {found.seed}."
    )
