"""A plot that is updated and not rebuilt, so it keeps its zoom and never shows a blank frame.

`st.plotly_chart` builds its element again whenever the data change. This element loads
plotly.js from our own server once and then only calls `Plotly.react`. It can be moved and zoomed
with the keyboard, and saved as a picture or as a table (assets/plot.js).
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from pathlib import Path

import streamlit as st

from ui.charts.base import Figure

ASSETS = Path(__file__).with_name("assets")  # app.py serves them under /assets/tinylm

# A picture needs its name: the script that gives one also makes it a picture.
_HTML = '<div class="tinylm-plot"></div><div class="tinylm-plot-tools"></div>'
# Streamlit sends a component's code with every update of its data. So the code is only two lines,
# which load the rest once; the version in the address changes whenever the rest does.
VERSION = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(ASSETS.iterdir()))).hexdigest()[:8]
_JS = f"""const from = location.origin + "/assets/tinylm/plot.js?v={VERSION}";
export default async (given) => (await import(from)).draw(given);
"""

_element = st.components.v2.component("tinylm_plot", html=_HTML, js=_JS, isolate_styles=False)


def live_plot(figure: Figure | str, *, key: str, label: str, height: int = 340) -> None:
    """Draw `figure`, which may be `packed` already, or update the plot with this `key`.

    `label` describes the plot in words, for screen readers. `height` is in pixels.
    """
    sent = figure if isinstance(figure, str) else packed(figure)
    data: dict[str, object] = {"packed": sent, "label": label, "height": height}
    _element(key=key, data=data)


def packed(figure: Figure) -> str:
    """The figure as JSON, compressed and in base64, which is a third as long as the JSON."""
    text = json.dumps(figure, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"))).decode("ascii")


def unpacked(text: str) -> Figure:
    """The figure that `packed` has packed."""
    found: Figure = json.loads(zlib.decompress(base64.b64decode(text)))
    return found
