// Draws a curve with a handle at a few moments. Each handle is a slider too, so that it can be
// moved with the keyboard; in the picture the handle nearest to the pointer is moved.
const NS = "http://www.w3.org/2000/svg";
const kept = new WeakMap();

const height = (value, most) => 160 - (150 * value) / most;
function rounded(number) {
  if (number < 9.5) return Number(number.toFixed(1)).toLocaleString("en");
  return Number(number.toPrecision(2)).toLocaleString("en");
}
export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".tinylm-drawing");
  const old = kept.get(root);
  if (old) { // a rerun of the page changes nothing here but the number of steps
    data.names.forEach((name, i) => old.call(i, name));
    return;
  }
  const svg = root.querySelector("svg");
  const frame = root.querySelector(".frame");
  const handles = root.querySelector(".handles");
  const state = { values: [...data.values], timer: 0 };
  kept.set(root, state);
  const meant = (value) => Math.pow(10, value / data.decade);
  const place = (i) => 60 + 250 * data.at[i];
  for (const mark of data.marks) {
    const y = height(Math.log10(mark) * data.decade, data.most);
    const line = document.createElementNS(NS, "line");
    for (const [name, to] of [["x1", 0], ["x2", 320], ["y1", y], ["y2", y]]) line.setAttribute(name, to);
    line.setAttribute("class", "rule");
    svg.append(line);
    const text = document.createElement("span");
    text.className = "scale";
    text.style.top = `${(100 * y) / 170}%`;
    text.textContent = mark.toLocaleString("en");
    frame.append(text);
  }
  const curve = document.createElementNS(NS, "polyline");
  svg.append(curve);
  const dots = data.at.map((_, i) => {
    const dot = document.createElement("span");
    dot.className = "dot";
    dot.style.left = `${(100 * place(i)) / 320}%`;
    frame.append(dot);
    return dot;
  });
  const inputs = data.names.map((_, i) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const shown = document.createElement("output");
    Object.assign(input, { type: "range", min: 0, max: data.most, step: 1 });
    const called = document.createElement("span");
    label.append(called, shown, input);
    handles.append(label);
    input.oninput = () => move(i, Number(input.value));
    input.onchange = send;
    return { input, shown, called };
  });
  state.call = (i, name) => {
    inputs[i].called.textContent = `${name}: `;
    inputs[i].input.setAttribute("aria-label", `Perplexity ${name}`);
  };
  data.names.forEach((name, i) => state.call(i, name));
  function show() {
    curve.setAttribute("points", state.values.map((v, i) => `${place(i)},${height(v, data.most)}`).join(" "));
    state.values.forEach((value, i) => {
      const said = rounded(meant(value));
      dots[i].style.top = `${(100 * height(value, data.most)) / 170}%`;
      inputs[i].input.value = value;
      inputs[i].shown.textContent = said;
      inputs[i].input.setAttribute("aria-valuetext", `${said} pieces`);
    });
  }
  function move(i, value) {
    state.values[i] = Math.max(0, Math.min(data.most, Math.round(value)));
    show();
    clearTimeout(state.timer);
    state.timer = setTimeout(send, 400);
  }
  function send() { // at once where a handle is let go, so that a click on Start comes after it
    clearTimeout(state.timer);
    setStateValue("drawn", [...state.values]);
  }
  function follow(event) {
    const box = svg.getBoundingClientRect();
    const x = (320 * (event.clientX - box.left)) / box.width;
    const y = (170 * (event.clientY - box.top)) / box.height;
    if (state.held === undefined) {
      const far = data.at.map((_, i) => Math.abs(place(i) - x));
      state.held = far.indexOf(Math.min(...far));
    }
    move(state.held, ((160 - y) * data.most) / 150);
  }
  svg.onpointerdown = (event) => { svg.setPointerCapture(event.pointerId); follow(event); };
  svg.onpointermove = (event) => { if (state.held !== undefined) follow(event); };
  svg.onpointerup = svg.onpointercancel = () => { state.held = undefined; send(); };
  show();
}
