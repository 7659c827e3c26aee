"""Fuzz the parsers of what strangers write, led by the code that each input reaches (atheris).

``python -m benchmarks.fuzz [--only WORDS] [--seconds 3] [--seed 1] [--corpus FOLDER]``: runs each target
of ``tests/fuzzing`` in a process of its own, prints how many inputs it took and how much of the code it
reached, and leaves with 1 where one crashed; the input is kept in the folder. atheris is in the dependency
group ``fuzz``.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fuzzing.targets import Target

_DONE = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+)")
_MOST_MEMORY = 2048  #: MiB
_LONGEST = 20  #: seconds that one input may take
_OURS = ("resolver", "lockfiles", "packaging")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir()) / "lockstack-fuzz")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one is not None:
        return _fuzz(asked.one, asked.seconds, asked.seed, asked.corpus)
    from tests.fuzzing.targets import TARGETS

    crashed = 0
    for name in TARGETS:
        if asked.only not in name:
            continue
        given = [f"--{key}={getattr(asked, key)}" for key in ("seconds", "seed", "corpus")]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.fuzz", f"--one={name}", *given],
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        found = _DONE.search(done.stderr)
        told = f"{int(found[1]):,} inputs, {found[2]} places reached" if found else "it did not end"
        print(f"{name}: {told}, exit code {done.returncode}", flush=True)
        if done.returncode:
            crashed += 1
            print(done.stderr[-2000:] + done.stdout[-500:], flush=True)
    return int(crashed > 0)


def _fuzz(name: str, seconds: int, seed: int, corpus: Path) -> int:
    """Fuzz one target in this process, which atheris ends."""
    import atheris

    with atheris.instrument_imports(include=list(_OURS)):
        from tests.fuzzing.targets import TARGETS

        target = TARGETS[name]
        for data in target.seeds:  # loads what it needs
            _run(target, data)
    folder = corpus / re.sub(r"\W+", "-", name)
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds):
        (folder / f"seed-{number}").write_bytes(data)

    def one(data: bytes) -> None:
        _run(target, data)

    flags = (
        f"-max_total_time={seconds}", f"-seed={seed}", f"-rss_limit_mb={_MOST_MEMORY}",
        f"-timeout={_LONGEST}", "-max_len=4096", f"-artifact_prefix={folder}-crash-",
    )  # fmt: skip
    atheris.Setup([sys.argv[0], *flags, str(folder)], one)
    atheris.Fuzz()
    return 0


def _run(target: Target, data: bytes) -> None:
    with contextlib.suppress(*target.raises):
        target.run(data)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
