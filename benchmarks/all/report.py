"""What a run found: as JSON, as a page for people, as plots."""

from __future__ import annotations

import csv
import json
import platform
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.all.cases import CASES, DATA
from benchmarks.all.measures import OURS, Measure
from benchmarks.side_by_side import ROOT, Run

#: What a state should cost of the first peer's processor time, at most.
AIMS: Mapping[str, float] = {"searched": 0.9, "nothing changed": 0.2, "one line edited": 0.6}
JUDGES = ("py-rattler", "uv", "pip", "resolvelib", "conda-lock", "packaging", "msgspec")


def as_json(measures: Sequence[Measure], pairs: int) -> dict[str, Any]:
    """Return the whole record: machine, versions, date; of each run seconds, processor time, MiB."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "machine": {
            "processor": _processor(),
            "cores": len(_cores()),
            "system": f"{platform.system()} {platform.release()}",
            "python": f"{platform.python_version()} ({_build()})",
        },
        "versions": {name: version(name) for name in JUDGES},
        "pairs": pairs,
        "measures": [
            {
                "case": one.case,
                "state": one.state,
                "sides": {name: [_figures(done) for done in runs] for name, runs in one.runs.items()},
            }
            for one in measures
        ],
    }


def _figures(done: Run) -> dict[str, float]:
    kept = asdict(done)
    return {name: round(kept[name], 3) for name in ("wall", "cpu", "memory")}


def _build() -> str:
    """Return whether the interpreter was built with a profile: one without is about a fifth slower."""
    has_profile = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return "optimised with a profile" if has_profile else "no word of a profile in its build"


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _cores() -> Iterable[int]:
    import os

    return os.sched_getaffinity(0) if sys.platform == "linux" else range(os.cpu_count() or 1)


def median(runs: Sequence[Mapping[str, float]], what: str) -> float:
    """Return the median of one figure."""
    return statistics.median(run[what] for run in runs)


def as_page(record: Mapping[str, Any], remark: str = "") -> str:
    """Return the page of docs/benchmarks.md; ``remark``: what else is said of the conditions."""
    machine = record["machine"]
    words = {case.name: case.what for case in CASES}
    locks, verbs = [], []
    for one in record["measures"]:
        sides = one["sides"]
        if len(sides) == 1:
            verbs.append(f"| `{one['state']}` | {_cells(next(iter(sides.values())))} |")
            continue
        peer = list(sides)[2 if one["state"] == "unsolvable" else 1]
        for name, runs in sides.items():
            share = f"{median(runs, 'cpu') / median(sides[peer], 'cpu'):.2f}" if name == OURS else ""
            locks.append(f"| {words[one['case']]} | {one['state']} | {name} | {_cells(runs)} | {share} |")
    conditions = [
        f"{record['date']}, commit {record['commit']}",
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}",
        f"Python {machine['python']}, "
        + ", ".join(f"{name} {text}" for name, text in record["versions"].items()),
        f"{record['pairs']} runs a side",
        *([remark] if remark else []),
    ]
    page = (DATA / "benchmarks-page.md").read_text(encoding="utf-8")
    return page.format(
        conditions="; ".join(conditions) + ".",
        locks="\n".join(locks),
        verbs="\n".join(verbs),
        gains="\n".join(gains_rows()),
    )


def gains_rows() -> list[str]:
    """Return what each change gave, written by hand as it was measured, as rows of a table."""
    with (DATA / "gains.csv").open(encoding="utf-8", newline="") as file:
        return [
            f"| {row['date']} | {row['change']} | {row['measured']} | {row['before']} | {row['after']} "
            f"| {row['what became of it']} |"
            for row in csv.DictReader(file)
        ]


def _cells(runs: Sequence[Mapping[str, float]]) -> str:
    return f"{median(runs, 'wall'):.2f} | {median(runs, 'cpu'):.2f} | {max(r['memory'] for r in runs):.0f}"


def missed(record: Mapping[str, Any]) -> list[str]:
    """Return the aims that were not met, in words."""
    found = []
    for one in record["measures"]:
        aim, sides = AIMS.get(one["state"]), list(one["sides"].values())
        if aim is not None:
            share = median(sides[0], "cpu") / median(sides[1], "cpu")
            if share > aim:
                found.append(
                    f"{one['case']}, {one['state']}: {share:.2f} of {list(one['sides'])[1]} (aim {aim})"
                )
    return found


def plot(record: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw processor time by state and side, a plot for each environment; needs matplotlib."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    written = []
    for case in CASES:
        rows = [one for one in record["measures"] if one["case"] == case.name and len(one["sides"]) > 1]
        labels = [(one["state"], name) for one in rows for name in one["sides"]]
        values = [median(runs, "cpu") for one in rows for runs in one["sides"].values()]
        if not rows:
            continue
        figure, axes = plt.subplots(figsize=(8, 0.35 * len(labels) + 1), layout="constrained")
        colours = ["tab:blue" if name in (OURS, "lock explain") else "tab:grey" for _, name in labels]
        axes.barh(range(len(labels)), values, color=colours)
        axes.set_yticks(range(len(labels)), [f"{state}: {name}" for state, name in labels])
        axes.invert_yaxis()
        axes.set_xlabel("processor time, s")
        axes.set_title(case.what)
        path = folder / f"{case.name}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        written.append(path)
    return written


def write(record: Mapping[str, Any], folder: Path) -> None:
    """Write the record."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1) + "\n"
    (folder / "benchmarks.json").write_text(text, encoding="utf-8")
