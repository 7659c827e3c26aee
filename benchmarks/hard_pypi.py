"""Hard PyPI inputs beside ``uv pip compile``: verdict, versions and time, cold and warm.

::

    python -m benchmarks.hard_pypi [--pairs 5] [--cold 5] [--only NAME]... [--bar]

Target: linux-64, Python 3.11.9; the default index, live. Every run is a fresh process, both sides in turn:

* *cold*: each run begins with an empty cache folder of its own.
* *warm*: the cache of the last cold run.
* *offline*: the same, told to ask nobody, and lockstack remembers no answer. An index that sends no
  ``Cache-Control`` makes uv ask for all pages and metadata anew in a warm run; offline neither waits.

Versions are printed, as they may differ: of a release without a wheel for the target, lockstack locks
the sdist only if it can be built here; uv takes the word of a wheel for another Python, and passes over
upper bounds of Requires-Python.
Ratios are of processor time, which hardly moves on a busy machine; ``benchmarks.request_counts`` says what is
asked of the index. ``--cold``: so many cold runs. ``--bar``: exit code 1 where a verdict differs, or a
median cold run takes more processor time than uv's, or an offline one more than 1.2 times as much.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.side_by_side import Run, clean_environ, default_index, median, run

PYTHON = "3.11.9"
#: name -> requirements; what makes each hard stands beside it
PROBLEMS: dict[str, tuple[str, ...]] = {
    # hundreds of boto3 and botocore releases between the newest and the one that fits
    "urllib3-boto3": ("urllib3<1.25.4", "boto3"),
    # newest-first in file order ends at an ancient fastapi
    "starlette-fastapi": ("starlette<=0.36.0", "fastapi<=0.115.2"),
    # no release of numba says that it takes this numpy; old ones say nothing at all
    "numba-numpy": ("numpy>=2.1,<2.2", "numba<=0.60,>0.1"),
    # many bounds on few projects
    "sentry": (
        "sentry-sdk[django]>=2", "django>=5,<5.2", "celery>=5.3", "kombu>=5.3", "redis<5",
        "djangorestframework", "google-cloud-pubsub", "google-cloud-bigtable", "google-cloud-storage",
        "grpcio>=1.60", "protobuf>=5,<6", "snuba-sdk", "symbolic", "msgpack", "phonenumberslite",
        "python-u2flib-server", "structlog", "ua-parser", "urllib3[brotli]>=2", "zstandard",
        "confluent-kafka", "statsd<4", "toronado", "unidiff", "croniter",
    ),
    # beam pins dill from above, release by release, down to sdists that can't be built
    "beam-dill": ("apache-beam[gcp]<=2.60", "dill>=0.3.5"),
    # a big ML stack with narrow bounds between its parts
    "hugging-face": (
        "transformers==4.44.*", "datasets>=2.20", "accelerate", "peft<0.13", "trl<0.12", "evaluate",
        "huggingface-hub<0.30", "sentence-transformers<3.3", "torch>=2.3,<2.5", "torchvision", "numpy<2",
    ),
    # both SDKs, an old and a new core
    "azure-ml": ("azureml-mlflow", "azure-ai-ml"),
    # an old bound that drags a whole stack back
    "old-protobuf": (
        "tensorflow<2.17", "protobuf<4.24", "grpcio-status", "google-cloud-bigquery", "streamlit",
    ),
}  # fmt: skip


def ours(requirements: Path, folder: Path, *more: str, index: str | None = None) -> Run:
    """Run lockstack; ``index`` None: the default one."""
    return run(
        [sys.executable, "-m", "lockfiles.cli", requirements, "--python", PYTHON,
         "--index-url", index or default_index(), "--cache-dir", folder / "ours", "-p", "linux-64",
         "-o", folder / "lock.yml", "--update-all", *more],
        clean_environ(),
    )  # fmt: skip


def theirs(requirements: Path, folder: Path, *more: str, index: str | None = None) -> Run:
    """Run ``uv pip compile``."""
    return run(
        ["uv", "pip", "compile", requirements, "-o", folder / "pins.txt", "-q", "--no-header",
         "--no-annotate", "--python", sys.executable, "--python-version", PYTHON,
         "--python-platform", "x86_64-manylinux_2_28",
         "--cache-dir", folder / "theirs", "--default-index", index or default_index(),
         "--generate-hashes", "--upgrade", *more],
        clean_environ(),
    )  # fmt: skip


Side = Callable[..., Run]
SIDES: dict[str, Side] = {"lockstack": ours, "uv": theirs}


def versions(folder: Path, side: str) -> dict[str, str]:
    """Return what a side chose."""
    if side == "uv":
        text = (folder / "pins.txt").read_text(encoding="utf-8")
        return dict(re.findall(r"^([\w.-]+)==([^ \\\n]+)", text, re.MULTILINE))
    text = (folder / "lock.yml").read_text(encoding="utf-8")
    return {
        name: version.strip("'\"") for name, version in re.findall(r"name: (\S+)\n +version: (\S+)", text)
    }


def measure(
    requirements: Path, root: Path, pairs: int, cold: int
) -> tuple[dict[str, dict[str, list[Run]]], dict[str, Path]]:
    """Return the runs by state and side, and the last folder of each side."""
    runs: dict[str, dict[str, list[Run]]] = {
        state: {side: [] for side in SIDES} for state in ("cold", "warm", "offline")
    }
    last: dict[str, Path] = {}
    for number in range(cold):
        for side, start in SIDES.items():
            last[side] = root / f"{side}-{number}"
            last[side].mkdir()
            runs["cold"][side].append(start(requirements, last[side]))
    for state, more in (("warm", ()), ("offline", ("--offline",))):
        for _ in range(pairs):
            for side, start in SIDES.items():
                if side == "lockstack" and more:
                    forget_answers(last[side])
                runs[state][side].append(start(requirements, last[side], *more))
    return runs, last


def verdict(runs: list[Run]) -> str:
    """Return how the runs of one side ended: ``solution``, or what it said first."""
    if all(done.code == 0 for done in runs):
        return "solution"
    failed = next(done for done in runs if done.code)
    first = next((line.strip() for line in failed.errors.splitlines() if line.strip()), "")
    return f"no lock (exit {failed.code}: {first})"


def report(
    name: str, runs: dict[str, dict[str, list[Run]]], last: dict[str, Path], lines: tuple[str, ...]
) -> bool:
    """Print one problem's figures; True where its bar holds."""
    holds = True
    print(f"\n{name}: {', '.join(lines)}")
    verdicts = {side: verdict(runs["cold"][side] + runs["warm"][side]) for side in SIDES}
    print(f"  verdict: {', '.join(f'{side} {text}' for side, text in verdicts.items())}")
    holds &= len({text == "solution" for text in verdicts.values()}) == 1
    if set(verdicts.values()) == {"solution"}:
        found = {side: versions(last[side], side) for side in SIDES}
        asked = [re.split(r"[^\w.-]", line)[0].lower() for line in lines]
        for side, chosen in found.items():
            print(f"  {side}: {len(chosen)} projects; {' '.join(f'{n}=={chosen.get(n)}' for n in asked)}")
        same = sum(found["uv"].get(project) == version for project, version in found["lockstack"].items())
        print(f"  same version in {same} of {len(found['lockstack'])}")
    for state, sides in runs.items():
        texts = [f"{side} {_spread(sides[side])}" for side in SIDES]
        ratio = _cpu(sides["lockstack"]) / _cpu(sides["uv"])
        print(f"  {state:<8}{'; '.join(texts)}; ratio {ratio:.2f}")
        holds &= state == "warm" or ratio <= (1.2 if state == "offline" else 1)
    return holds


def _spread(runs: list[Run]) -> str:
    walls = sorted(done.wall for done in runs)
    return f"{median(runs):.2f} s ({walls[0]:.2f}-{walls[-1]:.2f}, CPU {_cpu(runs):.2f})"


def _cpu(runs: list[Run]) -> float:
    return sorted(done.cpu for done in runs)[len(runs) // 2]


def forget_answers(folder: Path) -> None:
    """Take the remembered answers away, so that the next run must search."""
    for place in list((folder / "ours").rglob("answer-*")):
        shutil.rmtree(place)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--cold", type=int, default=5)
    parser.add_argument("--only", action="append", choices=sorted(PROBLEMS))
    parser.add_argument("--bar", action="store_true")
    arguments = parser.parse_args()
    missed = []
    for name, lines in PROBLEMS.items():
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as root:
            requirements = Path(root) / "requirements.txt"
            requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
            runs, last = measure(requirements, Path(root), arguments.pairs, arguments.cold)
            if not report(name, runs, last, lines):
                missed.append(name)
            sys.stdout.flush()
    print(f"\nbar missed by: {', '.join(missed)}" if missed else "\nevery bar holds")
    sys.exit(1 if arguments.bar and missed else 0)


if __name__ == "__main__":
    main()
