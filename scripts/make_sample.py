#!/usr/bin/env python3
"""Make the embedded sample: small conda channels and a small index, from ``scripts/sample/*.json``.

``examples/sample`` isn't committed: ``scripts/lock``, the tests and the
benchmarks make it at first use, in about a second, and anew where the facts
or these scripts have changed. The same facts give the same bytes, everywhere
(a test holds their digest). The one exception is ``repodata.json.zst``, whose
compressor may change; there the content is the same.

    python scripts/make_sample.py               # makes examples/sample anew
    python scripts/make_sample.py --if-needed   # only where it is absent or made from something else
    python scripts/make_sample.py --output FOLDER
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "examples" / "sample"
#: Everything that the sample's bytes come from, in the order in which ``environment.sh`` joins it too.
SOURCES = (
    "make_sample.py", "sample/conda.json", "sample/pypi.json",
    "sample/conda_channel.py", "sample/containers.py", "sample/launchers.py", "sample/pypi_index.py",
)  # fmt: skip
#: Inside the sample: the sources that it was made from, one after the other.
STAMP = ".made-from"
LAST = "pypi/index.html"


def ensure_sample() -> None:
    """Make ``examples/sample`` where it is absent or made from other sources; safe for processes at once.

    Raises subprocess.CalledProcessError where it can't be made; the reason was printed.
    """
    if not is_current(SAMPLE):
        command = [sys.executable, str(HERE / "make_sample.py"), "--if-needed"]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def is_current(folder: Path) -> bool:
    """Tell whether ``folder`` holds the sample that these sources make.

    The stamp alone isn't enough: who goes to another commit may find it without the rest.
    """
    try:
        return (folder / LAST).is_file() and (folder / STAMP).read_bytes() == _sources()
    except OSError:
        return False


def replace_sample(folder: Path, *, only_if_needed: bool) -> None:
    """Put the sample into the place of ``folder``, whole; one process does the work, others wait for it."""
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        if only_if_needed and is_current(folder):
            return
        made, former = (folder.with_name(f".{folder.name}.{part}") for part in ("made", "former"))
        for left in (made, former):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        write_sample(made)
        (made / STAMP).write_bytes(_sources())
        if folder.exists():
            folder.replace(former)
        made.replace(folder)
        shutil.rmtree(former, ignore_errors=True)


def write_sample(output: Path) -> tuple[int, int]:
    """Write every file below ``output`` and return (files, bytes); what stood there is removed first."""
    import zstandard
    from sample.conda_channel import make_channels
    from sample.pypi_index import make_index

    conda = json.loads((HERE / "sample" / "conda.json").read_text(encoding="utf-8"))
    pypi = json.loads((HERE / "sample" / "pypi.json").read_text(encoding="utf-8"))
    files = {f"conda/{path}": content for path, content in make_channels(conda["groups"])}
    files |= {f"pypi/{path}": content for path, content in make_index(pypi["rows"])}
    for path in [path for path in files if path.endswith("/repodata.json")]:
        files[f"{path}.zst"] = zstandard.ZstdCompressor(level=19).compress(files[path])
    for part in ("conda", "pypi"):
        shutil.rmtree(output / part, ignore_errors=True)
    for path, content in files.items():
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return len(files), sum(map(len, files.values()))


def _sources() -> bytes:
    return b"".join((HERE / name).read_bytes() for name in SOURCES)


def main() -> int:
    """Read the command line and make the sample; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--output", type=Path, help="write it there, and say how much it is")
    parser.add_argument("--if-needed", action="store_true", help="do nothing where it is up to date")
    arguments = parser.parse_args()
    try:
        if arguments.output:
            count, size = write_sample(arguments.output)
            print(f"{count} files, {size:,} bytes in {arguments.output}")
        else:
            replace_sample(SAMPLE, only_if_needed=arguments.if_needed)
    except OSError as error:
        print(f"error: can't make the sample in `{arguments.output or SAMPLE}`: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
