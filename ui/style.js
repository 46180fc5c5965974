// Larger letters for a projector, one key that hides the side bar and the controls, and the way
// back to the beginning of a page.
const root = document.documentElement;
const TYPING = "input, textarea, select, [contenteditable], [role=textbox], [role=combobox], [role=listbox]";
let hiding = "";
function pressed(event) {
  if (!hiding || event.key.toLowerCase() !== hiding || event.repeat) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  root.classList.toggle("tinylm-bare");
}
// The listener of a page drawn before would stay: each drawing takes the last one's place.
export default function ({ data }) {
  if (data.tops > (root.tinylmTops ?? 0)) {
    document.querySelector("[data-testid=stMain]")?.scrollTo({ top: 0 });
  }
  root.tinylmTops = data.tops;
  hiding = data.key;
  root.classList.toggle("tinylm-projector", data.projector);
  if (!hiding) root.classList.remove("tinylm-bare");
  document.removeEventListener("keydown", root.tinylmPressed);
  root.tinylmPressed = pressed;
  document.addEventListener("keydown", pressed);
}
