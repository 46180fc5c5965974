"""Text coloured by token, either while the learner types it or from given tokens.

The browser itself splits what is typed, so that no keystroke waits for the server. It sets
textContent only, so markup in a text has no effect.
"""

from __future__ import annotations

from tinylm.questions.tokens import Coding, MergeList
from ui.element import own_element

MAX_CHARACTERS = 5_000

_HTML = """
<div class="tinylm-tokens">
  <textarea spellcheck="false" aria-label="Your text, split into tokens below"></textarea>
  <div class="tinylm-count" role="status" aria-live="polite"></div>
  <div class="tinylm-coloured" tabindex="0" role="group"></div>
</div>
"""

_element = own_element(__file__, "tinylm_tokens", _HTML)


def typed_text(learned: MergeList, merges_key: str, size: int, text: str, *, key: str) -> str:
    """Show a text area that is coloured by the first `size` tokens of a vocabulary.

    Returns the text, which reaches the server when the learner pauses. The browser builds its
    table of merges again only when `merges_key` changes.
    """
    data = {
        "merges": learned.merges,
        "merges_key": merges_key,
        "size": size,
        "text": text,
        "name": f"Vocabulary of {size:,}",
        "limit": MAX_CHARACTERS,
    }
    result = _element(key=key, data=data, default={"text": text}, on_text_change=lambda: None)
    return str(result.text if result.text is not None else text)


def coloured_text(tokens: Coding, name: str, *, key: str) -> None:
    """Show given tokens in colour, under `name`."""
    _element(key=key, data={"tokens": tokens, "name": name})
