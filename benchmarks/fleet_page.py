"""How fast the page of a large fleet opens: drawn records, a headless Chromium, several openings.

Run with ``python -m benchmarks.fleet_page``. It needs the dependency group `browser` and a Chromium. Told
are the page's size, the processor time that making it takes, and for each opening: the wall time from
the navigation until the page is ready, the processor time of the page's thread until then, and its
processor time for the tab of packages, the heaviest one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from lockfiles.fleet.page.html import page_text
from tests.browser import open_browser
from tests.fleet.page.make import drawn_records, page_of


def main() -> None:
    """Make the page, open it, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    records = list(drawn_records(asked.records))
    begun = time.process_time()
    page = page_of(records)
    text = page_text(page)
    made = time.process_time() - begun
    size = f"{len(page.packages):,} builds, {len(text) / 1e6:.1f} MB"
    print(f"{len(records):,} records, {size}, made in {made:.1f} s")
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        place = Path(folder) / "fleet.html"
        place.write_text(text, encoding="utf-8")
        runs = [_open(browser, place.as_uri()) for _ in range(asked.runs)]
    for name, unit in (("wall", "ms"), ("thread", "ms"), ("packages", "ms"), ("heap", "MB")):
        values = sorted(run[name] for run in runs)
        told = " / ".join(f"{value:.0f}" for value in (values[0], statistics.median(values), values[-1]))
        print(f"{name:>9}: {told} {unit} (min/median/max)")


def _open(browser: Any, address: str) -> dict[str, float]:
    """Open the page in a new tab; return milliseconds, and megabytes of the script's heap."""
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    session = tab.context.new_cdp_session(tab)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    tab.goto(address)
    tab.wait_for_selector("body[data-ready]")
    wall = tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    opened = _metrics(session)
    tab.evaluate("showTab('packages')")
    shown = _metrics(session)
    tab.close()
    return {
        "wall": wall,
        "thread": opened["ThreadTime"] * 1000,
        "packages": (shown["ThreadTime"] - opened["ThreadTime"]) * 1000,
        "heap": shown["JSHeapUsedSize"] / 1e6,
    }


def _metrics(session: Any) -> dict[str, float]:
    found = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}


if __name__ == "__main__":
    main()
