const SECONDS = 1.3; // each picture
const NS = "http://www.w3.org/2000/svg";
const kept = new WeakMap();

function place(i, count) {
  return 4 + (312 * i) / Math.max(1, count - 1);
}
function line(frames, of, name) {
  const drawn = document.createElementNS(NS, "polyline");
  const points = frames.map((frame, i) => `${place(i, frames.length)},${114 - 106 * of(frame)}`);
  drawn.setAttribute("points", points.join(" "));
  drawn.setAttribute("class", name);
  return drawn;
}
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tinylm-film");
  const find = (name) => root.querySelector(name);
  const [button, slider, svg, text] = ["button", "input", "svg", "blockquote"].map(find);
  const frames = data.frames;
  const old = kept.get(root);
  if (old) return; // a rerun of the page changes nothing here
  const state = { at: 0, timer: 0 };
  kept.set(root, state);
  slider.max = frames.length - 1;
  find(".loss").textContent = data.loss;
  find(".few").textContent = data.few;
  const mark = document.createElementNS(NS, "line");
  mark.setAttribute("y1", 4);
  mark.setAttribute("y2", 116);
  svg.replaceChildren(
    line(frames, (frame) => frame.loss, "line-loss"),
    line(frames, (frame) => frame.few, "line-few"),
    mark,
  );
  const show = (i) => {
    state.at = i;
    const frame = frames[i];
    slider.value = i;
    slider.setAttribute("aria-valuetext", frame.now);
    find(".now").textContent = frame.now;
    const begun = document.createElement("b");
    begun.textContent = frame.prompt;
    text.replaceChildren(begun, frame.text);
    for (const end of ["x1", "x2"]) mark.setAttribute(end, place(i, frames.length));
    svg.setAttribute("aria-label", frame.now);
  };
  const stop = () => {
    clearInterval(state.timer);
    state.timer = 0;
    button.textContent = "Play";
  };
  const play = () => {
    if (state.at === frames.length - 1) show(0);
    button.textContent = "Pause";
    state.timer = setInterval(() => {
      if (!root.isConnected || state.at === frames.length - 1) return stop();
      show(state.at + 1);
    }, SECONDS * 1000);
  };
  button.onclick = () => (state.timer ? stop() : play());
  slider.oninput = () => {
    stop();
    show(Number(slider.value));
  };
  show(0);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
}
