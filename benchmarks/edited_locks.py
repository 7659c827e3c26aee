"""Relocks after random edits, begun with the pins alone and searched whole: the same answers, word for word?

::

    python -m benchmarks.edited_locks PROBLEMS... CHANNELS --cache DIR [--edits 6] [--count N] [--cuda V]

PROBLEMS are files as :mod:`benchmarks.prepare` reads them, and the mixed ones of a ``.yaml``; CHANNELS is a
folder of channels. Each problem that has a solution is locked, then locked again after each of some edits:

bound        a package's locked version becomes its lower bound
older        ... is excluded
named        something that came in is asked for
added        one more package that others ask for
dropped      a line goes
python       the minor version of python before the locked one

``--cuda VERSION``: the targets have that CUDA driver, so that builds are told apart.

Told is, by kind, how many edits the pins alone decided, how many took the whole search, how many had no
solution, and how many answers differ: packages, files and what is said. The exit code is 5 where any does.
``--offline`` asks no network.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import msgspec
import yaml
from msgspec.structs import replace
from packaging.requirements import Requirement

from benchmarks.prepare import read_problems
from benchmarks.question import default_index, requirements_of, target_of
from lockfiles.update import preferred_pins
from resolver.errors import LockstackError
from resolver.model.channels import Channel
from resolver.model.indexes import Index
from resolver.model.resolution import Resolution
from resolver.options import ResolveOptions
from resolver.pipeline import Reporter, Resolver
from resolver.sources.http.settings import HttpSettings
from tests.oracles.conda_checker import spec_name

KINDS = ("bound", "older", "named", "added", "dropped", "python")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A problem with lines of both ecosystems."""

    id: str
    platform: str
    channels: tuple[str, ...]
    channel_priority: str
    virtual_packages: tuple[tuple[str, str], ...]
    specs: tuple[str, ...]
    pip: tuple[str, ...] = ()
    exclude_newer: int | None = None


def read(path: Path) -> list[Asked]:
    """Return the problems of a file."""
    if path.suffix == ".yaml":
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [
            Asked(
                id=row["id"],
                platform="linux-64",
                channels=("conda-forge",),
                channel_priority="strict",
                virtual_packages=(("__glibc", "2.35"), ("__linux", "5.10"), ("__unix", "0")),
                specs=tuple(row["conda"]),
                pip=tuple(row["pip"]),
            )
            for row in rows
        ]
    return [
        Asked(
            id=p.id,
            platform=p.platform,
            channels=p.channels,
            channel_priority=p.channel_priority,
            virtual_packages=p.virtual_packages,
            specs=p.specs,
        )
        for p in read_problems(path)
    ]


class Edits:
    """Draws edits; the same for the same seed."""

    def __init__(self, problems: Sequence[Asked], seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  (a sample, not a secret)
        conda = Counter(spec_name(line) for p in problems for line in p.specs)
        pip = Counter(Requirement(line).name for p in problems for line in p.pip)
        self._popular = {
            False: [n for n, _ in conda.most_common(80)],
            True: [n for n, _ in pip.most_common(80)],
        }

    def of(self, kind: str, asked: Asked, locked: Resolution) -> Asked | None:
        """Return the edited problem; None: nothing can be edited so."""
        is_pip = bool(asked.pip) and bool(locked.pypi) and self._chance.random() < 0.6
        lines = asked.pip if is_pip else asked.specs
        versions = (
            {str(pin.name): pin.version for pin in locked.pypi}
            if is_pip
            else {pin.record.name: pin.record.version for pin in locked.conda}
        )
        named = {Requirement(line).name if is_pip else spec_name(line) for line in lines}
        if kind == "dropped":
            if len(lines) < 2:
                return None
            at = self._chance.randrange(len(lines))
            return self._with(asked, (*lines[:at], *lines[at + 1 :]), is_pip=is_pip)
        if kind == "python":
            python = locked.python
            if python is None or "python" not in map(spec_name, asked.specs):
                return None
            minor = int(python.split(".")[1])
            return replace(asked, specs=(*asked.specs, f"python 3.{minor - 1}.*"))
        if kind == "added":
            choices = [n for n in self._popular[is_pip] if n not in named and n not in versions]
            line = self._chance.choice(choices) if choices else None
        elif kind == "named":
            choices = sorted(set(versions) - named)
            line = self._chance.choice(choices) if choices else None
        else:
            name = self._chance.choice(sorted(versions))
            mark = ">=" if kind == "bound" else "<"
            line = f"{name}{mark}{versions[name]}" if is_pip else f"{name} {mark}{versions[name]}"
        return None if line is None else self._with(asked, (*lines, line), is_pip=is_pip)

    @staticmethod
    def _with(asked: Asked, lines: Sequence[str], *, is_pip: bool) -> Asked:
        return replace(asked, pip=tuple(lines)) if is_pip else replace(asked, specs=tuple(lines))


class Locks:
    """Locks problems in this process."""

    def __init__(self, channels: Path, cache: Path, *, offline: bool) -> None:
        self._channels, self._cache, self._offline = channels.resolve(), cache, offline
        self.by_pins = 0

    def lock(
        self, asked: Asked, earlier: Resolution | None = None, *, whole: bool = False
    ) -> Resolution | str:
        """Return the answer, or what was said where there is none.

        ``whole``: never by the pins alone, nor by what earlier searches over the same file found.
        """
        target = target_of(asked)
        options = ResolveOptions(
            targets=(target,),
            channels=tuple(Channel(name=c, base_url=str(self._channels / c)) for c in asked.channels),
            indexes=(Index(name="pip", url=default_index()),),
            cache_dir=self._cache,
            preferred={} if earlier is None else preferred_pins([earlier]),
            inputs=() if whole else (asked.id,),
            http=HttpSettings(offline=self._offline),
            environ=dict(os.environ),
        )
        plain = Resolver._solve_by_pins  # noqa: SLF001  (what is measured)

        def by_pins(resolver: Resolver, target: object) -> object:
            found = None if whole else plain(resolver, target)  # type: ignore[arg-type]
            self.by_pins += found is not None
            return found

        with (
            patch.object(Resolver, "_solve_by_pins", by_pins),
            patch("resolver.pipeline.recall", lambda *_: None),
            patch("resolver.pipeline.remember", lambda *_: None),
            Resolver(requirements_of(asked.specs, asked.pip), options, Reporter()) as resolver,
        ):
            try:
                return resolver.resolve(target)
            except LockstackError as error:
                return str(error)


def run(locks: Locks, problems: Sequence[Asked], seed: int, count: int) -> Iterator[tuple[str, str, str]]:
    """Yield (problem, kind, what came of it): ``pins``, ``whole``, ``none`` or ``DIFFERS``."""
    edits = Edits(problems, seed)
    for n, asked in enumerate(problems):
        locked = locks.lock(asked)
        if isinstance(locked, str):
            continue
        for turn in range(count):
            kind = KINDS[(n + turn) % len(KINDS)]
            edited = edits.of(kind, asked, locked)
            if edited is None:
                continue
            before = locks.by_pins
            one, other = locks.lock(edited, locked), locks.lock(edited, locked, whole=True)
            if one != other:
                yield asked.id, kind, f"DIFFERS {edited}"
            else:
                is_by_pins = locks.by_pins > before
                yield asked.id, kind, "none" if isinstance(one, str) else "pins" if is_by_pins else "whole"


def main() -> int:
    """Run; see the module."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("problems", type=Path, nargs="+")
    parser.add_argument("channels", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--edits", type=int, default=len(KINDS))
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--cuda")
    arguments = parser.parse_args()
    locks, counts = (
        Locks(arguments.channels, arguments.cache, offline=arguments.offline),
        Counter[tuple[str, str]](),
    )
    problems = [one for path in arguments.problems for one in read(path)]
    if arguments.cuda:
        cuda = ("__cuda", arguments.cuda)
        problems = [replace(one, virtual_packages=(*one.virtual_packages, cuda)) for one in problems]
    if arguments.count is not None:
        random.Random(arguments.seed).shuffle(problems)  # noqa: S311
        problems = problems[: arguments.count]
    for name, kind, came in run(locks, problems, arguments.seed, arguments.edits):
        counts[kind, came.split(" ")[0]] += 1
        if came.startswith("DIFFERS"):
            print(f"{name} {kind}: {came}", flush=True)
    print(f"{'edit':10} {'by pins':>8} {'whole':>8} {'none':>8} {'differ':>8}")
    for kind in KINDS:
        print(f"{kind:10} " + " ".join(f"{counts[kind, c]:8}" for c in ("pins", "whole", "none", "DIFFERS")))
    return 5 if any(came == "DIFFERS" for _, came in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
