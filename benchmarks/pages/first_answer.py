"""How soon Start shows its heading and the recorded model's answer, on a server just started.

    python -m benchmarks.pages.first_answer [--times 5] [--json]

Each time it starts the app with an empty home, waits until the server answers, and then asks for
Start in a browser that is open already. It prints the seconds from that moment, and the medians.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.browser import ARGUMENTS, chromium, running_app

PATIENCE = 60_000  # milliseconds


@dataclass(frozen=True)
class Seen:
    """Seconds from asking for the page."""

    heading: float
    answer: float


def first_visit(browser: Browser) -> Seen:
    """Start a server, open Start, and wait for its heading and its answer."""
    with tempfile.TemporaryDirectory() as home, running_app(Path(home)) as address:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.get_by_role("heading", level=1).wait_for()
        heading = time.perf_counter() - began
        page.get_by_text(re.compile("It answers")).wait_for()
        page.locator(".tinylm-odds li").first.wait_for()
        answer = time.perf_counter() - began
        page.close()
    return Seen(heading, answer)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        seen = [first_visit(browser) for _ in range(options.times)]
        browser.close()
    heading, answer = (median(getattr(one, name) for one in seen) for name in ("heading", "answer"))
    if options.json:
        every = [asdict(one) for one in seen]
        print(json.dumps({"heading": heading, "answer": answer, "seen": every}))
        return
    for one in seen:
        print(f"heading {one.heading:.2f} s, answer {one.answer:.2f} s")
    print(f"median of {len(seen)}: heading {heading:.2f} s, answer {answer:.2f} s")


if __name__ == "__main__":
    main()
