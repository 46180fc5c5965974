// Explains the terms on a page. The first place where a term stands in the text gets a dotted line,
// and its meaning beside the mouse or the finger that rests on it. A list at the foot of the page
// has all terms that stand on it, for the keyboard and for screen readers. The text itself is left
// as it is: the places are marked with the browser's highlights.
const NAME = "tinylm-terms";
// What is no text of the lesson itself: controls, and texts that it quotes (QUOTED in glossary.py).
const LEFT_OUT =
  "a, button, h1, code, pre, blockquote, summary, textarea, [role=radio], [role=option], " +
  "[role=tooltip], [class*=st-key-quoted], .st-key-fold-texts";
const TEXTS = '[data-testid="stMarkdownContainer"], .tinylm-film .now';
const SETTLED = 400; // milliseconds without a change, after which the page is read again

let glossary;
function load() {
  const address = new URL("glossary.json" + new URL(import.meta.url).search, import.meta.url);
  return (glossary ??= fetch(address).then((answer) => answer.json()));
}
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
function pattern(terms) {
  const meaning = new Map();
  for (const one of terms) {
    for (const form of [one.term, ...one.forms]) meaning.set(form.toLowerCase(), one);
    for (const phrase of one.everyday ?? []) meaning.set(phrase.toLowerCase(), null);
  }
  const longestFirst = [...meaning.keys()].sort((a, b) => b.length - a.length).map(escaped);
  return { meaning, regex: new RegExp(`(?<![\\w-])(${longestFirst.join("|")})(?![\\w-])`, "gi") };
}
function places(root, { meaning, regex }) {
  const found = new Map(); // term -> the range where it stands first
  for (const part of root.querySelectorAll(TEXTS)) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest(LEFT_OUT)) continue;
      for (const match of node.data.matchAll(regex)) {
        const one = meaning.get(match[0].toLowerCase());
        if (!one) continue; // words that mean something else here
        const asWritten = !one.exact || [one.term, ...one.forms].includes(match[0]);
        if (found.has(one) || !asWritten) continue;
        const range = new Range();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        found.set(one, range);
      }
    }
  }
  return found;
}
function part(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
function list(root, found) {
  const terms = [...found.keys()].sort((a, b) => a.term.localeCompare(b.term));
  const said = terms.map((one) => one.term).join("|");
  if (root.dataset.said === said) return;
  root.dataset.said = said;
  root.hidden = !terms.length;
  root.querySelector("dl").replaceChildren(
    ...terms.flatMap((one) => [part("dt", one.term), part("dd", one.says)]),
  );
}
function beside(tip, found, event) {
  const { clientX: x, clientY: y } = event;
  for (const [one, range] of found) {
    for (const box of range.getClientRects()) {
      if (x < box.left - 1 || x > box.right + 1 || y < box.top || y > box.bottom) continue;
      const top = document.elementFromPoint(x, y);
      if (!top?.contains(range.startContainer)) continue; // something lies over it
      tip.textContent = one.says;
      tip.hidden = false;
      const left = Math.min(box.left, innerWidth - tip.offsetWidth - 8);
      const below = box.bottom + 6 + tip.offsetHeight < innerHeight;
      tip.style.left = `${Math.max(8, left)}px`;
      tip.style.top = `${below ? box.bottom + 6 : box.top - tip.offsetHeight - 6}px`;
      return;
    }
  }
  tip.hidden = true;
}
export async function explain(root) {
  if (root.dataset.explains) return; // a rerun of the page changes nothing here
  root.dataset.explains = "yes";
  const known = pattern(await load());
  const page = root.closest('[data-testid="stMain"]') ?? document.body;
  const tip = part("div", "");
  tip.className = "tinylm-meaning";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  root.after(tip); // what stands in a closed list is not drawn
  let found = new Map();
  const read = () => {
    found = places(page, known);
    if (CSS.highlights) CSS.highlights.set(NAME, new Highlight(...found.values()));
    list(root, found);
  };
  let path = location.pathname;
  const closeOnAnotherPage = () => {
    if (path === location.pathname) return;
    path = location.pathname;
    root.open = false;
  };
  let waiting = 0;
  const watch = new MutationObserver((changes) => {
    if (!root.isConnected) return end();
    closeOnAnotherPage();
    if (changes.every((change) => root.contains(change.target))) return;
    clearTimeout(waiting);
    waiting = setTimeout(read, SETTLED);
  });
  const point = (event) => beside(tip, found, event);
  const close = (event) => {
    if (event.type === "scroll" || event.key === "Escape") tip.hidden = true;
  };
  function end() {
    watch.disconnect();
    page.removeEventListener("pointermove", point);
    page.removeEventListener("click", point);
    page.removeEventListener("scroll", close, true);
    document.removeEventListener("keydown", close);
  }
  page.addEventListener("pointermove", point);
  page.addEventListener("click", point);
  page.addEventListener("scroll", close, true);
  document.addEventListener("keydown", close);
  watch.observe(page, { childList: true, characterData: true, subtree: true });
  read();
}
