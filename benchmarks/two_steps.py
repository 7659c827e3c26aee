"""What a team has without a joint solver: py-rattler for the conda part, then uv for the pip part.

::

    python -m benchmarks.two_steps ENVIRONMENT CHANNELS --index URL --cache DIR [--offline]
                                  [--virtual NAME=VERSION]

CHANNELS is what ``benchmarks.prepare`` writes: py-rattler reads its uncompressed repodata.json through
memory, its quickest way. What conda chose is handed to ``uv pip compile`` as constraints, and its
Python as the target. Prints what was chosen, one ``NAME==VERSION`` a line, conda's first. Exit code 4
where either has no solution. The environment file is read in the simplest form: match specs, one pip
section.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import rattler
import yaml
from rattler.exceptions import SolverError

#: what a linux-64 machine is taken to be; the same profile as lockstack's default
VIRTUAL = {"__unix": "0", "__linux": "4.18", "__glibc": "2.28", "__archspec": "1"}
PLATFORM = "linux-64"


def solve(specs: list[str], names: list[str], channels: Path, more: dict[str, str]) -> list[Any]:
    """Return py-rattler's records for match specs over channels by priority; ``more`` virtual packages."""
    sparse = []
    for name in names:
        for subdir in (PLATFORM, "noarch"):
            path = channels / name / subdir / "repodata.json"
            if path.is_file():
                sparse.append(rattler.SparseRepoData(rattler.Channel(name), subdir, path))
    build = rattler.package.BuildString
    virtual = [
        rattler.GenericVirtualPackage(
            rattler.PackageName(name),
            rattler.Version(version),
            build("x86_64" if name == "__archspec" else "0"),
        )
        for name, version in (VIRTUAL | more).items()
    ]
    answer: list[Any] = asyncio.run(
        rattler.solve_with_sparse_repodata(  # type: ignore[arg-type]
            specs=[rattler.MatchSpec(spec) for spec in specs],
            sparse_repodata=sparse,
            virtual_packages=virtual,
        )
    )
    return answer


def compile_pip(lines: list[str], records: list[Any], arguments: argparse.Namespace) -> str:
    """Return uv's pins; conda's versions are constraints."""
    versions = {str(record.name.normalized): str(record.version) for record in records}
    with tempfile.TemporaryDirectory() as folder:
        requirements, constraints = Path(folder) / "requirements.txt", Path(folder) / "constraints.txt"
        requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        # Names that begin with an underscore are no PyPI projects.
        pins = (f"{name}=={version}" for name, version in sorted(versions.items()) if name[0].isalnum())
        constraints.write_text("\n".join(pin for pin in pins if _is_pep440(pin)) + "\n", encoding="utf-8")
        command = [
            "uv", "pip", "compile", str(requirements), "-c", str(constraints), "-q",
            "--no-header", "--no-annotate", "--python", sys.executable,
            "--python-version", versions["python"],
            "--python-platform", "x86_64-manylinux_2_28", "--cache-dir", str(arguments.cache),
            "--default-index", arguments.index, "--generate-hashes",
            *(["--offline"] if arguments.offline else []),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stderr)
            raise SystemExit(4)
        return done.stdout


def _is_pep440(pin: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        Version(pin.partition("==")[2])
    except InvalidVersion:
        return False
    return True


def main() -> None:
    """Run from the command line; never returns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("environment", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--index", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--virtual", action="append", default=[])
    arguments = parser.parse_args()
    document = yaml.safe_load(arguments.environment.read_bytes())
    dependencies = document["dependencies"]
    specs = [item for item in dependencies if isinstance(item, str)]
    lines = [line for item in dependencies if isinstance(item, dict) for line in item["pip"]]
    try:
        virtual = dict(text.split("=", 1) for text in arguments.virtual)
        records = solve(specs, document["channels"], arguments.channels, virtual)
    except SolverError as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(4)  # py-rattler's asynchronous functions may crash the interpreter at exit
    for record in sorted(records, key=lambda record: str(record.name.normalized)):
        print(f"{record.name.normalized}=={record.version}")
    print(compile_pip(lines, records, arguments) if lines else "")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
