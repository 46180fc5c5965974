"""A plot that is updated, not built anew: the same node, the same zoom, no blank frames.

`st.plotly_chart` builds its element again whenever the data change. This element loads
plotly.js from our own server once and then only calls `Plotly.react`.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.charts import Figure

_HTML = '<div class="tinylm-plot" role="img" tabindex="0"></div>'

_CSS = """
.tinylm-plot { width: 100%; }
.tinylm-plot .modebar { display: none; }
"""

# Streamlit calls this again whenever the data or the theme change.
_JS = """
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
  const axis = { gridcolor: faint, linecolor: faint, automargin: true };
  return {
    ...layout, autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: css.getPropertyValue("--st-font"), size: 14, color: text },
    hoverlabel: { font: { size: 14 } },
    xaxis: { ...axis, ...layout.xaxis }, yaxis: { ...axis, ...layout.yaxis },
  };
}
export default async function ({ data, parentElement }) {
  const node = parentElement.querySelector(".tinylm-plot");
  node.setAttribute("aria-label", data.label);
  node.style.height = data.height + "px";
  const Plotly = await load();
  const { data: traces, layout } = data.figure;
  const look = themed(layout, getComputedStyle(node));
  for (const trace of traces) if (trace.error_y) trace.error_y.color = look.font.color;
  await Plotly.react(node, traces, look,
    { responsive: true, displayModeBar: false });
  return () => Plotly.purge(node);
}
"""

_element = st.components.v2.component(
    "tinylm_plot", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
)


def live_plot(figure: Figure, *, key: str, label: str, height: int = 340) -> None:
    """Draw `figure`, or update the one drawn under this `key`.

    `label` says in words what is to be seen; a screen reader reads it.
    """
    data: dict[str, Any] = {"figure": figure, "label": label, "height": height}
    _element(key=key, data=data)
