// Draws one plot, and updates it in place: the same node, the same zoom, no blank frames.
// ui/live_plot.py says what the data are. Streamlit calls draw() again whenever they or the theme
// change; this file comes once, so that an update carries the figure and nothing else.
const TOOLS = `<span>Arrow keys move, + and − zoom, 0 shows all</span>
  <button type="button" data-save="png" aria-label="Save the chart as a PNG picture">PNG</button>
  <button type="button" data-save="csv" aria-label="Save the chart's numbers as CSV">CSV</button>`;

let plotly;
function load() {
  plotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = "/assets/plotly.min.js";
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { plotly = undefined; reject(new Error("plotly.js did not load")); };
    document.head.appendChild(script);
  });
  return plotly;
}
function themed(layout, css) {
  const text = css.getPropertyValue("--st-text-color").trim();
  const faint = text.length === 7 ? text + "26" : "rgba(128,128,128,0.25)";
  // 14 pixels, and more where all letters of the page are larger (ui/style.css).
  const size = 14 * parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const axis = { gridcolor: faint, linecolor: faint, automargin: true };
  return {
    ...layout, autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: css.getPropertyValue("--st-font"), size, color: text },
    hoverlabel: { font: { size } },
    xaxis: { ...axis, ...layout.xaxis }, yaxis: { ...axis, ...layout.yaxis },
  };
}
function moved(node, Plotly, key) {
  const full = node._fullLayout;
  if (!full?.xaxis) return false;
  if (key === "0") {
    Plotly.relayout(node, { "xaxis.autorange": true, "yaxis.autorange": true });
    return true;
  }
  const change = {};
  function shift(name, share) {
    const [a, b] = full[name].range, by = (b - a) * share;
    change[name + ".range"] = [a + by, b + by];
  }
  function zoom(factor) {
    for (const name of ["xaxis", "yaxis"]) {
      const [a, b] = full[name].range, middle = (a + b) / 2, half = (b - a) / 2 * factor;
      change[name + ".range"] = [middle - half, middle + half];
    }
  }
  if (key === "ArrowLeft") shift("xaxis", -0.1);
  else if (key === "ArrowRight") shift("xaxis", 0.1);
  else if (key === "ArrowUp") shift("yaxis", 0.1);
  else if (key === "ArrowDown") shift("yaxis", -0.1);
  else if (key === "+" || key === "=") zoom(0.8);
  else if (key === "-") zoom(1.25);
  else return false;
  Plotly.relayout(node, change);
  return true;
}
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet would read these beginnings as a formula.
  const text = /^[=+@\t\r-]/.test(String(value)) ? "'" + value : String(value);
  return '"' + text.replaceAll('"', '""') + '"';
}
function table(traces, layout) {
  const x = layout.xaxis?.title?.text || "x", y = layout.yaxis?.title?.text || "y";
  const lines = [["series", x, y, "value"].map(cell).join(",")];
  for (const trace of traces) {
    const name = trace.name ?? "";
    if (Array.isArray(trace.z)) {
      trace.z.forEach((row, i) => row.forEach((value, j) => lines.push(
        [name, trace.x?.[j] ?? j, trace.y?.[i] ?? i, value].map(cell).join(","))));
      continue;
    }
    const count = Math.max(trace.x?.length ?? 0, trace.y?.length ?? 0);
    for (let i = 0; i < count; i++) {
      const label = trace.customdata?.[i] ?? trace.text?.[i];
      const note = typeof label === "string" ? label : "";
      lines.push([name, trace.x?.[i] ?? i, trace.y?.[i] ?? i, note].map(cell).join(","));
    }
  }
  return lines.join("\n") + "\n";
}
function save(kind, node, Plotly, css) {
  if (kind === "png") {
    const background = css.getPropertyValue("--st-background-color").trim() || "#ffffff";
    const layout = { ...node.layout, paper_bgcolor: background, plot_bgcolor: background };
    Plotly.downloadImage({ data: node.data, layout }, {
      format: "png", filename: "tinylm-chart", scale: 2,
      width: node.clientWidth, height: node.clientHeight,
    });
    return;
  }
  const blob = new Blob(["\ufeff" + table(node.data, node.layout)], { type: "text/csv" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "tinylm-chart.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(inflated).json();
}
function dressed() {
  const href = import.meta.url.replace("/plot.js", "/plot.css");
  if (document.head.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.appendChild(link);
}
let turns = 0;
// A plot that is drawn where it cannot be seen, in a tab for instance, has no width to fit into.
const widths = new ResizeObserver((changes) => {
  for (const { target, contentRect } of changes) {
    const width = target._fullLayout?.width;
    if (width && contentRect.width && Math.abs(width - contentRect.width) > 1)
      window.Plotly.Plots.resize(target);
  }
});
const drawn = new WeakMap(); // node -> number of the update that it shows
export async function draw({ data, parentElement }) {
  const node = parentElement.querySelector(".tinylm-plot");
  const tools = parentElement.querySelector(".tinylm-plot-tools");
  const turn = ++turns;
  dressed();
  if (!tools.childElementCount) tools.innerHTML = TOOLS;
  node.setAttribute("aria-label", data.label);
  node.setAttribute("role", "img");
  node.tabIndex = 0;
  node.style.height = data.height + "px";
  const [Plotly, { data: traces, layout }] = await Promise.all([load(), unpacked(data.packed)]);
  if (turn > (drawn.get(node) ?? 0)) { // else a later update was unpacked before this one
    drawn.set(node, turn);
    const css = getComputedStyle(node);
    const look = themed(layout, css);
    for (const trace of traces)
      for (const bars of [trace.error_x, trace.error_y]) if (bars) bars.color = look.font.color;
    await Plotly.react(node, traces, look, { responsive: true, displayModeBar: false });
    widths.observe(node);
    node.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (moved(node, Plotly, event.key)) event.preventDefault();
    };
    for (const button of tools.querySelectorAll("[data-save]"))
      button.onclick = () => save(button.dataset.save, node, Plotly, getComputedStyle(node));
  }
  // Streamlit also calls this when new data arrived while these were being unpacked: the node
  // then shows the new ones and must stay as it is.
  return () => setTimeout(() => {
    if (node.isConnected) return;
    widths.unobserve(node);
    Plotly.purge(node);
  });
}
