"""The same conflicts put before rattler, uv, pip and `lock explain`: what each prints, how long, how soon.

Run as::

    python -m benchmarks.compare_messages CHANNELS PREPARED [--cache DIR] > table.md

CHANNELS is a folder of channels, PREPARED what ``benchmarks.prepare`` made of it (rattler reads it). uv and
pip get the same requirements by their names on the package index. Lines are counted without empty ones and
without downloads and warnings; *core* is how many of the user's own requirements the message names as
clashing. Times: rattler and ours in this process, uv and pip as processes, second run of two.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.prepare import Problem
from benchmarks.question import Bench
from benchmarks.rattler_side import answer
from resolver.explain.explanation import Explainer
from resolver.explain.logs import read_log
from resolver.explain.showing.text import explanation_text

FACTS = (("__archspec", "1"), ("__glibc", "2.35"), ("__linux", "5.15"), ("__unix", "0"))
#: Lines of pip's that say nothing of the conflict.
_NOISE = re.compile(
    r"^warning: |Looking in|Collecting |Downloading |Processing |Using cached|WARNING: Location|notice|━|"
    r"^INFO:|Discarding"
)
_SHOWN = 16


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One conflict in conda's and in pip's words; no ``pip``: it can't be put to pip and uv."""

    title: str
    specs: tuple[str, ...]
    pip: tuple[str, ...] = ()
    python: str = "3.11"
    ours_pip: tuple[str, ...] = ()  #: what stands below ``pip:`` in our file
    platform: str = "linux-64"
    channels: tuple[str, ...] = ("conda-forge",)
    channel_priority: str = "strict"
    virtual_packages: tuple[tuple[str, str], ...] = FACTS
    exclude_newer: int | None = None


class _Ours:
    """A conflict as our benchmarks ask it."""

    def __init__(self, conflict: Conflict) -> None:
        self.platform, self.channels = conflict.platform, conflict.channels
        self.channel_priority, self.virtual_packages = conflict.channel_priority, conflict.virtual_packages
        self.specs, self.pip, self.exclude_newer = conflict.specs, conflict.ours_pip, None


CONFLICTS = (
    Conflict(title="An old scikit-learn caps numpy",
             specs=("python=3.11", "scikit-learn==1.3.2", "numpy==2.0.0"),
             pip=("scikit-learn==1.3.2", "numpy==2.0.0")),
    Conflict(title="No build for this Python", specs=("python=3.13", "scikit-learn==1.4.2"),
             pip=("scikit-learn==1.4.2",), python="3.13"),
    Conflict(title="Two lines of one family",
             specs=("pydantic>=2.7,<2.8", "pydantic-core==2.14.6", "python=3.11"),
             pip=("pydantic>=2.7,<2.8", "pydantic-core==2.14.6")),
    Conflict(title="A pinned helper", specs=("pythran>=0.15.0", "gast==0.4.0", "python=3.11"),
             pip=("pythran>=0.15.0", "gast==0.4.0")),
    Conflict(title="A misspelt name", specs=("python=3.11", "scikit-lern"), pip=("scikit-lern",)),
    Conflict(title="A version that nobody built", specs=("python=3.11", "numpy==2.1.99"),
             pip=("numpy==2.1.99",)),
    Conflict(title="A CUDA build without CUDA", specs=("python=3.11", "pytorch=*=*cuda*")),
    Conflict(title="Through other packages", specs=("pygraphviz", "pango==1.40.1", "python=3.11")),
    Conflict(title="A very old release", specs=("python=3.11", "jsonpointer==1.10")),
    Conflict(title="conda's numpy and a pip line", specs=("python=3.11", "numpy>=2"),
             ours_pip=("numba==0.59.1",), pip=("numba==0.59.1", "numpy>=2")),
    Conflict(title="pip's names among conda's", specs=("python=3.11", "torch", "opencv-python")),
    Conflict(title="A part of a build string", specs=("python=3.11", "jaxlib=*=cuda"),
             virtual_packages=(*FACTS, ("__cuda", "12.8"))),
    *(Conflict(title=title, specs=(f"python={python}", "pip"), ours_pip=lines, pip=lines, python=python)
      for title, python, lines in (
          ("The name of an import", "3.11", ("cv2",)),
          ("A local version without its index", "3.11", ("torch==2.6.0+cpu",)),
          ("No wheel for this Python", "3.12", ("tensorflow==2.10.0",)),
          ("Bounds at odds", "3.11", ("numpy>=2,<1",)),
          ("CUDA pins of two frameworks", "3.11", ("tensorflow[and-cuda]==2.18.0", "torch==2.6.0")),
          ("numba caps numpy", "3.8", ("numpy==1.21.2", "numba==0.54.0")),
          ("fastapi and pydantic", "3.11", ("fastapi==0.95.0", "pydantic>=2")),
          ("transformers and tokenizers", "3.11", ("transformers==4.40.0", "tokenizers==0.13.3")),
      )),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one tool said."""

    tool: str
    text: str
    seconds: float
    core: int | None

    @property
    def lines(self) -> int:
        """Lines with something in them."""
        return sum(bool(line.strip()) for line in self.text.splitlines())


def ask_ours(bench: Bench, conflict: Conflict) -> Said:
    """Explain it."""
    asked = _Ours(conflict)
    session, question = bench.session(conflict.channels), bench.question(asked)
    started = time.perf_counter()
    explanation = Explainer(session, question).run()
    seconds = time.perf_counter() - started
    if explanation is None:
        return Said(tool="lock explain", text="(a solution)", seconds=seconds, core=None)
    members = [m for told in explanation.conflicts for m in told.conflict.members]
    return Said(tool="lock explain", text=explanation_text(explanation), seconds=seconds, core=len(members))


def ask_rattler(prepared: Path, conflict: Conflict) -> Said:
    """Solve with py-rattler; conda lines alone, the pip lines' names taken from conda too."""
    specs = (*conflict.specs, *(line for line in conflict.ours_pip))
    problem = Problem(
        id="", platform=conflict.platform, channels=conflict.channels, channel_priority="strict",
        virtual_packages=conflict.virtual_packages, specs=specs, solution=(), solve_group=False,
    )  # fmt: skip
    cache: dict[Path, object] = {}
    answer(problem, prepared, cache)
    result = answer(problem, prepared, cache)
    text = result["message"] or "(a solution)"
    return Said(tool="rattler", text=text, seconds=result["seconds"], core=_core_of(text))


def _run(tool: str, command: list[str]) -> Said:
    for _ in range(2):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        seconds = time.perf_counter() - started
    text = done.stdout + done.stderr if done.returncode else "(a solution)"
    kept = [line for line in text.splitlines() if not _NOISE.search(line)]
    clean = "\n".join(kept).strip()
    return Said(tool=tool, text=clean, seconds=seconds, core=_core_of(clean))


def ask_uv(conflict: Conflict) -> Said:
    """Compile with uv."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.in"
        path.write_text("\n".join(conflict.pip) + "\n", encoding="utf-8")
        command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", str(path), "--no-progress"]
        return _run("uv", [*command, "--no-python-downloads", "--python-version", conflict.python])


def ask_pip(conflict: Conflict) -> Said:
    """Resolve with pip, installing nothing."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--ignore-installed",
            "--target",
            folder,
        ]
        command += ["--only-binary=:all:", "--python-version", conflict.python, "--disable-pip-version-check"]
        return _run("pip", [*command, *conflict.pip])


def _core_of(text: str) -> int | None:
    reports = read_log(text)
    return len(reports[0].specs) if reports else None


def block(said: Said) -> str:
    """Return a tool's words as a block, cut where they are long."""
    lines = [line[:300] for line in said.text.splitlines() if line.strip() or said.tool == "lock explain"]
    cut = lines[:_SHOWN] if said.tool != "lock explain" else lines
    more = len(lines) - len(cut)
    body = "\n".join([*cut, *([f"... {more} more lines"] if more else [])])
    return f"**{said.tool}**\n\n```text\n{body}\n```"


def main() -> None:
    """Run from the command line; leaves through os._exit, as py-rattler asks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("channels", type=Path)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    rows, parts = [], []
    with Bench(arguments.channels, arguments.cache) as bench:
        for number, conflict in enumerate(CONFLICTS, start=1):
            said = [ask_ours(bench, conflict), ask_rattler(arguments.prepared, conflict)]
            if conflict.pip:
                said += [ask_uv(conflict), ask_pip(conflict)]
            cells = {s.tool: f"{s.lines} / {s.core or '-'} / {s.seconds:.2f} s" for s in said}
            columns = " | ".join(cells.get(t, "-") for t in ("lock explain", "rattler", "uv", "pip"))
            rows.append(f"| {number}. {conflict.title} | {columns} |")
            asked = ", ".join(f"`{s}`" for s in conflict.specs)
            asked += f"; pip: {', '.join(f'`{s}`' for s in conflict.ours_pip)}" if conflict.ours_pip else ""
            words = "\n\n".join(map(block, said))
            parts.append(f"### {number}. {conflict.title}\n\nAsked for: {asked}\n\n{words}")
    print("| conflict | lock explain | rattler | uv | pip |\n|---|---|---|---|---|")
    print("\n".join(rows), "\n\n".join(parts), sep="\n\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
