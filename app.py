"""The server: `streamlit run app.py`.

`pages/main.py` is the page frame. This file adds three things around it: it serves plotly.js from
the installed package, so that nothing is fetched from the internet; it sets the security headers;
and it starts and stops the worker processes, which do everything that takes more than a moment.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

# Without this, these modules would be loaded while the first page waits for them.
for module in ("pandas", "PIL.Image", "sqlalchemy.dialects.sqlite"):
    importlib.import_module(module)

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:  # `streamlit run` does not put the project there
    sys.path.insert(0, str(ROOT))

from server import health, returning, streamlit_log  # noqa: E402
from server.headers import SecurityHeaders  # noqa: E402
from server.orders import NoOrdersForAll  # noqa: E402
from server.origins import OwnPagesOnly  # noqa: E402
from server.paths import KnownPathsOnly  # noqa: E402
from server.ticks import TicksInTurn  # noqa: E402
from server.turned import StaysOnThePage  # noqa: E402
from server.upkeep import (  # noqa: E402
    keep_noted,
    keep_retention,
    keep_shared,
    keep_tidy,
    limit_arenas,
)
from tinylm import logs  # noqa: E402
from tinylm.errors import TinylmError  # noqa: E402
from tinylm.home import home_dir  # noqa: E402
from tinylm.runs.work.supervisor import Supervisor  # noqa: E402
from ui.plot import ASSETS  # noqa: E402
from ui.uploads import UploadLimits  # noqa: E402

HEAD_START = 4.0  # seconds before the workers for runs start: the first page needs the processors

logs.begin()
streamlit_log.join()
limit_arenas()
watched = health.Health()


@asynccontextmanager
async def workers_and_upkeep(_app: Any) -> AsyncIterator[None]:
    """Start the worker processes and the upkeep with the server, and stop them when it ends."""
    supervisor: Supervisor | None = None
    try:
        supervisor = Supervisor(home_dir(), delay=HEAD_START)
        supervisor.start()
    except TinylmError as error:  # the pages show this error too
        logging.getLogger("tinylm").error("%s", error)
    tasks = (keep_noted, keep_tidy, keep_shared, keep_retention)
    upkeep = [asyncio.create_task(one()) for one in tasks]
    try:
        yield
    finally:
        for task in upkeep:
            task.cancel()
        if supervisor is not None:
            await asyncio.to_thread(supervisor.stop)
        await asyncio.to_thread(watched.close)


app = st.App(
    "pages/main.py",
    # Streamlit's own gzip middleware compresses what is served here (4.4 MB become 1.4 MB).
    routes=[
        Route(health.PATH, watched.answer),
        Route(returning.PATH, returning.Returning().answer, methods=["GET", "POST"]),
        Mount("/assets/tinylm", StaticFiles(directory=str(ASSETS))),
        Mount("/assets", StaticFiles(directory=str(files("plotly") / "package_data"))),
    ],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(OwnPagesOnly),
        Middleware(KnownPathsOnly),
        Middleware(NoOrdersForAll),
        Middleware(StaysOnThePage),
        Middleware(TicksInTurn),  # what the one before drops is not waited for
        Middleware(UploadLimits),
    ],
    lifespan=workers_and_upkeep,
)
