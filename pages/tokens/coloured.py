"""Text coloured by token: as one types, or as it is given.

The browser itself splits what is typed, so that no keystroke waits for the server. It builds the
page with textContent alone: a text can hold any markup and does nothing.
"""

from __future__ import annotations

import streamlit as st

from tinylm.questions.tokens import Coding, MergeList

MAX_CHARACTERS = 5_000

_HTML = """
<div class="tinylm-tokens">
  <textarea spellcheck="false" aria-label="Your text, split into tokens below"></textarea>
  <div class="tinylm-count" role="status" aria-live="polite"></div>
  <div class="tinylm-coloured" tabindex="0" role="group"></div>
</div>
"""

_CSS = """
.tinylm-tokens { font-family: var(--st-font); color: var(--st-text-color); }
.tinylm-tokens textarea {
  width: 100%; box-sizing: border-box; min-height: 6rem; font: inherit; color: inherit;
  padding: 0.5rem 0.75rem; background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color, #8888); border-radius: 0.5rem; resize: vertical;
}
.tinylm-count { margin: 0.5rem 0; }
.tinylm-coloured {
  max-height: 22rem; overflow: auto; line-height: 1.9; overflow-wrap: anywhere;
  white-space: pre-wrap; font-family: var(--st-code-font, monospace);
}
.tinylm-coloured span {
  border: 1px solid; border-radius: 0.25rem; padding: 0.1rem 0; margin-right: 1px;
}
.tinylm-coloured .c0 { background: #2378c440; border-color: #2378c4; }
.tinylm-coloured .c1 { background: #d55e0040; border-color: #d55e00; }
.tinylm-coloured .c2 { background: #00946c40; border-color: #00946c; }
.tinylm-coloured .c3 { background: #b65f9640; border-color: #b65f96; }
.tinylm-coloured .c4 { background: #a07a0040; border-color: #a07a00; }
"""

_JS = r"""
// GPT-2's pattern. White space is Unicode's, as for tiktoken: JavaScript's own class differs.
const SPACE = "\\p{White_Space}";
const PATTERN = new RegExp(
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^" + SPACE + "\\p{L}\\p{N}]+|" +
  SPACE + "+(?!\\P{White_Space})|" + SPACE + "+", "gu");
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

function fromHex(hex) {
  let spelled = "";
  for (let i = 0; i < hex.length; i += 2)
    spelled += String.fromCharCode(parseInt(hex.slice(i, i + 2), 16));
  return spelled;
}
// Bytes as a string of characters below 256 -> id.
function vocabulary(merges) {
  const ids = new Map();
  for (let i = 0; i < 256; i++) ids.set(String.fromCharCode(i), i);
  merges.forEach(([left, right], i) => ids.set(fromHex(left) + fromHex(right), 256 + i));
  return ids;
}
function split(piece, ids, size) {
  let parts = Array.from(encoder.encode(piece), (byte) => String.fromCharCode(byte));
  const whole = ids.get(parts.join(""));
  if (whole !== undefined && whole < size) return [[whole, parts.join("")]];
  while (parts.length > 1) {
    let best = Infinity, at = -1;
    for (let i = 0; i + 1 < parts.length; i++) {
      const id = ids.get(parts[i] + parts[i + 1]);
      if (id !== undefined && id < size && id < best) { best = id; at = i; }
    }
    if (at < 0) break;
    parts.splice(at, 2, parts[at] + parts[at + 1]);
  }
  return parts.map((part) => [ids.get(part), part]);
}
function tokens(text, ids, size, known) {
  const found = [];
  for (const [piece] of text.matchAll(PATTERN)) {
    let parts = known.get(piece);
    if (!parts) {
      parts = split(piece, ids, size);
      if (known.size > 20000) known.clear();
      known.set(piece, parts);
    }
    for (const part of parts) found.push(part);
  }
  return found;
}
function shown(spelled) {
  const bytes = Uint8Array.from(spelled, (c) => c.charCodeAt(0));
  try {
    return decoder.decode(bytes).replaceAll(" ", "·").replaceAll("\n", "↵\n")
      .replaceAll("\t", "⇥");
  } catch {
    return "⟨" + Array.from(bytes, (b) => b.toString(16).padStart(2, "0").toUpperCase())
      .join(" ") + "⟩";
  }
}
function draw(root, found, name) {
  const line = document.createDocumentFragment();
  let bytes = 0;
  found.forEach(([id, spelled], i) => {
    const span = document.createElement("span");
    span.className = "c" + (i % 5);
    span.textContent = shown(spelled);
    span.title = "token " + id + ", " + spelled.length + " bytes";
    bytes += spelled.length;
    line.append(span);
  });
  root.querySelector(".tinylm-coloured").replaceChildren(line);
  const each = found.length ? (bytes / found.length).toFixed(2) : "–";
  const count = found.length.toLocaleString("en") + " tokens, " + bytes.toLocaleString("en") +
    " bytes, " + each + " bytes per token";
  root.querySelector(".tinylm-count").textContent = name + ": " + count;
  root.querySelector(".tinylm-coloured").setAttribute("aria-label", "Tokens of the text: " + count);
}
const kept = new WeakMap();
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".tinylm-tokens");
  const area = root.querySelector("textarea");
  if (data.tokens) {
    area.hidden = true;
    draw(root, data.tokens.map(([id, hex]) => [id, fromHex(hex)]), data.name);
    return;
  }
  const state = kept.get(root) ?? { timer: 0 };
  kept.set(root, state);
  if (state.merges !== data.merges_key) {
    state.ids = vocabulary(data.merges);
    state.merges = data.merges_key;
  }
  const known = new Map();
  area.maxLength = data.limit;
  if (!state.begun) { area.value = data.text; state.begun = true; }
  const recolour = () => {
    const began = performance.now();
    // Half a surrogate pair, as it stands while one types, is U+FFFD for the encoder too.
    const found = tokens(area.value.toWellFormed(), state.ids, data.size, known);
    draw(root, found, data.name);
    root.dataset.ids = JSON.stringify(found.map(([id]) => id));
    root.dataset.milliseconds = (performance.now() - began).toFixed(2);
  };
  area.oninput = () => {
    recolour();
    clearTimeout(state.timer);
    state.timer = setTimeout(() => setStateValue("text", area.value.toWellFormed()), 700);
  };
  recolour();
}
"""

_element = st.components.v2.component(
    "tinylm_tokens", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
)


def typed_text(learned: MergeList, merges_key: str, size: int, text: str, *, key: str) -> str:
    """A text area coloured by token with the first `size` tokens of a vocabulary; its text.

    `merges_key` names the merges, which the browser keeps by it. What is typed comes to the
    server after a moment of rest.
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
    """A text in tokens that are given."""
    _element(key=key, data={"tokens": tokens, "name": name})
