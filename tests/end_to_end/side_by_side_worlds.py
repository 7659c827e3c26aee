"""Locks random worlds with one process and with several, as a program: a process with threads isn't copied.

``python -m tests.end_to_end.side_by_side_worlds FOLDER SEED... [--fate FATE] [--index ADDRESS]``: prints as
JSON what differs, and how many platforms copies of the process solved.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from lockfiles.cli.main import main as lock
from resolver.pipeline import Resolver
from resolver.side_by_side import SideBySide
from resolver.sources.copied import is_copy
from tests.support.channel import as_file, record, repodata
from tests.support.packages import make_wheel

PLATFORMS = ("linux-64", "osx-arm64", "win-64", "linux-aarch64")
NAMES = tuple(f"p{number}" for number in range(30))
#: Lines that are asked for: enough for copies.
ASKED = 22
_SECONDS = re.compile(r"\d+(\.\d+)? (m?s|min)\b")


def write_world(folder: Path, seed: int, *, with_index: bool = False) -> None:
    """Make a channel whose packages differ by platform, and an environment that asks for most of them.

    ``with_index``: and for the projects of :func:`pages` that have the same number.
    """
    chance = random.Random(seed)  # noqa: S311 - the same worlds each time
    for subdir in (*PLATFORMS, "noarch"):
        records = []
        for place, name in enumerate(NAMES):
            if (subdir == "noarch") != (place % 3 == 0) or chance.random() < 0.002:
                continue
            for version in range(chance.randint(2, 4)):
                others = chance.sample(NAMES[place + 1 :], min(2, len(NAMES) - place - 1))
                depends = [f"{other} >={chance.randint(0, 1)},<{chance.randint(2, 6)}" for other in others]
                records.append(record(name, f"{version}.0", depends=depends, subdir=subdir))
        (folder / "channel" / subdir).mkdir(parents=True, exist_ok=True)
        contents = repodata(records, info={"subdir": subdir})
        (folder / "channel" / subdir / "repodata.json").write_bytes(as_file(contents, "repodata.json"))
    lines = [f"- {name}" for name in NAMES[:ASKED]]
    if with_index:
        records = [record("python", "3.11.9", "0_cpython"), record("pip", "24.0", depends=["python"])]
        for subdir in PLATFORMS:
            place = folder / "channel" / subdir / "repodata.json"
            known = json.loads(place.read_bytes())
            more = repodata(records, info={"subdir": subdir})["packages.conda"]
            place.write_bytes(as_file(known | {"packages.conda": known["packages.conda"] | more}, place.name))
        lines += ["- python", "- pip", "- pip:", *(f"  - {name.replace('p', 'q')}" for name in NAMES[:ASKED])]
    text = "\n".join(["channels: [./channel]", "dependencies:", *lines, ""])
    (folder / "environment.yml").write_text(text)


def pages(seed: int) -> dict[str, bytes]:
    """Return the files of an index, whose projects ask for other ones under Windows."""
    chance = random.Random(seed)  # noqa: S311 - the same worlds each time
    names = [name.replace("p", "q") for name in NAMES]
    files: dict[str, bytes] = {}
    for place, name in enumerate(names):
        links = []
        for version in range(chance.randint(1, 3)):
            others = chance.sample(names[place + 1 :], min(2, len(names) - place - 1))
            requires = [
                f"{other}<{chance.randint(1, 4)}" + chance.choice(["", "; sys_platform == 'win32'"])
                for other in others
            ]
            wheel = make_wheel(name, f"{version}.0", requires)
            file = f"{name}-{version}.0-py3-none-any.whl"
            files[f"files/{file}"] = wheel
            digest = hashlib.sha256(wheel).hexdigest()
            links.append(f'<a href="../../files/{file}#sha256={digest}">{file}</a>')
        files[f"simple/{name}/"] = f"<html><body>{''.join(links)}</body></html>".encode()
    return files


def run(folder: Path, cache: str, *more: str) -> dict[str, Any]:
    """Return all that a run gives: what it says, its lockfile, and the answers that it keeps."""
    said, told = io.StringIO(), io.StringIO()
    asked = [text for platform in PLATFORMS for text in ("-p", platform)]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        code = lock(["environment.yml", "--cache-dir", cache, "-o", "out.yml", "--json", *asked, *more])
    out = folder / "out.yml"
    answers = {
        str(path.relative_to(folder / cache)): path.read_bytes()
        for path in (folder / cache).rglob("answer-*/*/*")
    }
    return {
        "code": code,
        "out": re.sub(r'"seconds": [\d.]+', "", said.getvalue()),
        "err": _SECONDS.sub("", told.getvalue()),
        "lockfile": out.read_bytes() if out.is_file() else b"",
        "answers": answers,
    }


def give_fate(fate: str) -> None:
    """Have each search in a copy end badly."""
    search = Resolver._search

    def ends(self: Resolver, *asked: Any, **how: Any) -> Any:
        if is_copy():
            if fate == "is killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if fate == "hangs":
                signal.pause()
            raise MemoryError if fate == "has no memory" else RuntimeError(fate)
        return search(self, *asked, **how)

    Resolver._search = ends  # type: ignore[method-assign]


def compare(folder: Path, seed: int, index: str | None) -> list[str]:
    """Return what differs between one process and three.

    Of a first run, one without the answers of the first, a relock, and one more run.
    """
    write_world(folder, seed, with_index=index is not None)
    text = (folder / "environment.yml").read_text()
    more = ["--index-url", index, "--offline"] if index is not None else []
    if index is not None:  # which is asked once, for both
        os.environ["LOCK_PROCESSES"] = "1"
        for line in (text, text.replace("- p3\n", "- p3<2\n")):
            (folder / "environment.yml").write_text(line)
            run(folder, "filled", *more[:2])
    wrong = []
    runs: dict[str, list[dict[str, Any]]] = {}
    for processes in ("1", "3"):
        os.environ["LOCK_PROCESSES"] = processes
        (folder / "out.yml").unlink(missing_ok=True)
        (folder / "environment.yml").write_text(text)
        if index is not None:
            shutil.copytree(folder / "filled", folder / processes)
            forget_answers(folder / processes)
        runs[processes] = [run(folder, processes, "--update-all", *more)]
        forget_answers(folder / processes)
        runs[processes].append(run(folder, processes, "--update-all", *more))
        (folder / "environment.yml").write_text(text.replace("- p3\n", "- p3<2\n"))
        runs[processes] += [run(folder, processes, *more), run(folder, processes, *more)]
    for number, (alone, beside) in enumerate(zip(runs["1"], runs["3"], strict=True)):
        wrong += [f"seed {seed}, run {number}: {what}" for what in alone if alone[what] != beside[what]]
    return wrong


def forget_answers(cache: Path) -> None:
    for place in list(cache.rglob("answer-*")):
        shutil.rmtree(place)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--fate")
    parser.add_argument("--index")
    arguments = parser.parse_args()
    taken = 0
    found = SideBySide.found

    def count(self: SideBySide, target: Any) -> Any:
        nonlocal taken
        result = found(self, target)
        taken += result is not None
        return result

    SideBySide.found = count  # type: ignore[method-assign]
    if arguments.fate:
        give_fate(arguments.fate)
    wrong = []
    for seed in arguments.seeds:
        folder = arguments.folder / str(seed)
        folder.mkdir()
        os.chdir(folder)
        wrong += compare(folder, seed, arguments.index)
    sys.stdout.write(json.dumps({"wrong": wrong, "taken": taken}) + "\n")


if __name__ == "__main__":
    main()
