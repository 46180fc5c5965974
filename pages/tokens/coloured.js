// The pattern of tinylm/text/tokenizer.py. White space is Unicode's, as for tiktoken: JavaScript's
// own class differs.
const SPACE = "\\p{White_Space}";
const PATTERN = new RegExp(
  "'(?:[sdmt]|ll|ve|re)| ?\\p{L}[\\p{L}\\p{M}]*| ?\\p{N}+| ?[^" + SPACE + "\\p{L}\\p{N}]+|" +
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
// Half a surrogate pair, as it stands while one types, is U+FFFD for the encoder too.
// String.toWellFormed does this as well, but only in browsers of 2023 and later.
const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "\uFFFD");

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
    const found = tokens(wellFormed(area.value), state.ids, data.size, known);
    draw(root, found, data.name);
    root.dataset.ids = JSON.stringify(found.map(([id]) => id));
    root.dataset.milliseconds = (performance.now() - began).toFixed(2);
  };
  area.oninput = () => {
    recolour();
    clearTimeout(state.timer);
    state.timer = setTimeout(() => setStateValue("text", wellFormed(area.value)), 700);
  };
  recolour();
}
