"""How processor time and memory grow with the input: requested packages, records, files of a page, platforms.

::

    python -m benchmarks.growth [--axis requested|files|platforms|records]... [--pairs 3] [--bar]

Everything is made here, the same on every machine, and served from files or over loopback. Each size is
one row: the first run (nothing in the cache) and the median of runs that search again with all in the
cache. *Slope* is how that grows from the size before, beyond what starting takes: 1 is in proportion, 2 is
its square.

* *requested*: 10 to 1,500 packages that are asked for, of a channel of 3,000 names with 20 builds each.
* *files*: one project whose page lists 100 to 40,000 files.
* *platforms*: 1 to 19 platforms in one call, 60 requested packages.
* *records*: a channel of 100,000 to 1,000,000 records (``benchmarks.make_channel``), an example's input.

``--bar``: exit code 1 where a slope of the largest size is above 1.5.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.make_channel import make_channels
from benchmarks.side_by_side import ROOT, Run, check, clean_environ, run
from resolver.model.platforms import KNOWN_SUBDIRS
from tests.support.channel import as_file, record, repodata
from tests.support.packages import metadata_text
from tests.support.server import LoopbackServer

AXES = {
    "requested": (10, 50, 200, 500, 1_000, 1_500),
    "files": (100, 1_000, 10_000, 40_000),
    "platforms": (1, 5, 10, 19),
    "records": (100_000, 300_000, 1_000_000),
}
STEEPEST = 1.5
_NAMES, _BUILDS = 3_000, 20
_DIGEST = "0" * 64
_TAGS = ("py3-none-any", *(f"cp3{minor}-cp3{minor}-manylinux_2_17_x86_64" for minor in range(8, 16)))


class Size(NamedTuple):
    """One size: the input, and the flags that it is locked with."""

    source: Path
    flags: tuple[str | Path, ...]


def layered_records(subdir: str, names: int = _NAMES) -> list[dict[str, Any]]:
    """Return builds of packages that need up to four of those before them, with bounds that can be met."""
    draw = random.Random("layers")  # noqa: S311  (the same each time)
    found = []
    for number in range(names):
        needs = draw.sample(range(number), min(number, draw.randint(0, 4)))
        bounds = [f"p{other:04} >=1.{draw.randint(0, _BUILDS - 1)}" for other in needs]
        found += [
            record(f"p{number:04}", f"1.{build}", depends=bounds[: 1 + build % 4], subdir=subdir)
            for build in range(_BUILDS)
        ]
    return found


def layered_channel(folder: Path, subdirs: tuple[str, ...]) -> None:
    """Write the channel ``layers`` for some platforms."""
    for subdir in (*subdirs, "noarch"):
        place = folder / "layers" / subdir
        place.mkdir(parents=True)
        records = layered_records(subdir) if subdir != "noarch" else []
        contents = repodata(records, info={"subdir": subdir})
        (place / "repodata.json").write_bytes(as_file(contents, "repodata.json"))


def requested(folder: Path, sizes: tuple[int, ...], _: ExitStack) -> Iterator[Size]:
    """Yield inputs that ask for more and more packages."""
    _apart(layered_channel, folder, ("linux-64",))
    for size in sizes:
        yield Size(_asking(folder, size), ("--channel-alias", folder, "-p", "linux-64"))


def platforms(folder: Path, sizes: tuple[int, ...], _: ExitStack) -> Iterator[Size]:
    """Yield calls for more and more platforms."""
    _apart(layered_channel, folder, KNOWN_SUBDIRS[: max(sizes)])
    for size in sizes:
        chosen = [text for subdir in KNOWN_SUBDIRS[:size] for text in ("-p", subdir)]
        yield Size(_asking(folder, 60), ("--channel-alias", folder, *chosen))


def _asking(folder: Path, count: int) -> Path:
    drawn = sorted(random.Random("asked").sample(range(_NAMES), count))  # noqa: S311
    lines = "".join(f"- p{number:04}\n" for number in drawn)
    source = folder / f"asks-{count}.yml"
    source.write_text(f"channels: [layers]\ndependencies:\n{lines}", encoding="utf-8")
    return source


def files(folder: Path, sizes: tuple[int, ...], stack: ExitStack) -> Iterator[Size]:
    """Yield projects with more and more files, ten a version."""
    server = stack.enter_context(LoopbackServer())
    server.extra_headers["/simple/"] = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
    for size in sizes:
        name = f"files{size}"
        server.files[f"simple/{name}/"] = _apart(page_of, name, size, server.url)
        for version in _versions(size)[-40:]:
            for tag in _TAGS:
                metadata = metadata_text(name, version).encode()
                server.files[f"files/{name}-{version}-{tag}.whl.metadata"] = metadata
        source = folder / f"{name}.txt"
        source.write_text(f"{name}\n", encoding="utf-8")
        yield Size(source, ("--index-url", f"{server.url}/simple", "--python", "3.11", "-p", "linux-64"))


def page_of(name: str, size: int, url: str) -> bytes:
    """Return a page as PEP 691 has it, ten files a version."""
    rows = [
        {
            "filename": file,
            "url": f"{url}/files/{file}",
            "hashes": {"sha256": _DIGEST},
            "core-metadata": file.endswith(".whl"),
            "size": 1000,
            "requires-python": ">=3.8",
            "upload-time": "2024-02-03T04:05:06.789012Z",
            "yanked": False,
        }
        for version in _versions(size)
        for file in (*(f"{name}-{version}-{tag}.whl" for tag in _TAGS), f"{name}-{version}.tar.gz")
    ]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": rows}).encode()


def _versions(size: int) -> list[str]:
    return [f"{number // 400}.{number // 20 % 20}.{number % 20}" for number in range(size // 10)]


def _apart(make: Callable[..., Any], *arguments: object) -> Any:
    """Call in a process of its own: what this one holds would count as what its children take."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(make, *arguments).result()


def records(folder: Path, sizes: tuple[int, ...], _: ExitStack) -> Iterator[Size]:
    """Yield channels of more and more records, read as one file."""
    from scripts.make_sample import ensure_sample

    ensure_sample()
    for size in sizes:
        _apart(make_channels, folder / str(size), size, ["whole"])
        source = ROOT / "examples" / "fraud-train" / "environment.yml"
        yield Size(source, ("--channel-alias", folder / str(size) / "whole"))


MADE: dict[str, Callable[[Path, tuple[int, ...], ExitStack], Iterator[Size]]] = {
    "requested": requested,
    "files": files,
    "platforms": platforms,
    "records": records,
}


def measure(size: Size, folder: Path, pairs: int) -> tuple[Run, list[Run]]:
    """Return the first run, and those behind it, which remember no answer."""
    runs = []
    for number in range(pairs + 1):
        for place in list((folder / "cache").rglob("answer-*/*/*")):
            place.unlink()
        more = ["--offline"] if number and "--index-url" in size.flags else []
        command = [
            sys.executable, "-m", "lockfiles.cli", size.source, "-o", folder / "out.yml", "-q",
            "--update-all", "--cache-dir", folder / "cache", *size.flags, *more,
        ]  # fmt: skip
        runs.append(check(str(size.source), run(command, clean_environ())))
    return runs[0], runs[1:]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--axis", action="append", choices=sorted(AXES))
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--most", type=int, help="no larger size than this")
    parser.add_argument("--bar", action="store_true")
    arguments = parser.parse_args()
    empty = min(run([sys.executable, "-m", "lockfiles.cli", "--help"], clean_environ()).cpu for _ in range(3))
    print("| axis | size | first run, s | MiB | searched, s | MiB | slope |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    steep = False
    for axis in arguments.axis or AXES:
        sizes = tuple(n for n in AXES[axis] if arguments.most is None or n <= arguments.most)
        before: tuple[int, float] | None = None
        slope = 0.0
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for size, made in zip(sizes, MADE[axis](folder, sizes, stack), strict=True):
                first, again = measure(made, folder, arguments.pairs)
                cpu = statistics.median(done.cpu for done in again)
                beyond = max(cpu - empty, 0.01)
                if before is not None:
                    slope = math.log(beyond / before[1]) / math.log(size / before[0])
                before = size, beyond
                memory = max(done.memory for done in again)
                print(
                    f"| {axis} | {size:,} | {first.cpu:.2f} | {first.memory:.0f} | {cpu:.2f} | {memory:.0f} "
                    f"| {f'{slope:.2f}' if slope else ''} |",
                    flush=True,
                )
        steep |= slope > STEEPEST
    sys.exit(1 if arguments.bar and steep else 0)


if __name__ == "__main__":
    main()
