"""Where the files lie that are no code of this package: the pages, and the data of the world."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# In an installed package everything stands inside it; in a checkout, beside it.
ROOT = PACKAGE / "share" if (PACKAGE / "share").is_dir() else PACKAGE.parent
DATA = ROOT / "data"
APP = ROOT / "app.py"  # what Streamlit runs
