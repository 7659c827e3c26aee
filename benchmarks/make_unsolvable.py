"""Make unsolvable problems out of solvable ones, each with a known culprit.

Run as::

    python -m benchmarks.make_unsolvable PROBLEMS CHANNELS OUTPUT.jsonl [--count 500] [--seed 1]

A problem of ``benchmarks.prepare`` gets one line more (or one setting other) of a kind:

=================  ==========================================================================
clash              a package of the known solution, pinned to another version
requested          a requested package, pinned to another version as well
two-pythons        a second python line, another minor
old-python         the python line set to a minor that something requested isn't built for
virtual            a CUDA build asked for without ``__cuda``; or an old ``__glibc``
misspelt           a requested name with one letter changed
no-version         a version that nobody built
channel            ``channel::name`` of a channel that lacks it
date               a moment before something requested was built (``exclude-newer``)
pip                a pip line that can't live with a conda line (needs the live index)
double             two of the kinds clash and misspelt at once
=================  ==========================================================================

Kept is what our engine finds solvable without the plant and unsolvable with it. Every line of output has
``id, kind, base, platform, channels, channel_priority, virtual_packages, specs, pip, exclude_newer`` and
``planted``: the texts of the lines, or names of the settings, one of which must be in a conflict.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.prepare import Problem, read_problems
from benchmarks.question import Bench
from resolver.errors import LockstackError
from resolver.model.match_spec import parse_match_spec
from resolver.solving.search import Interrupted, Search

#: Share of each kind, in percent.
SHARES = {
    "clash": 30, "requested": 14, "two-pythons": 9, "old-python": 9, "virtual": 10, "misspelt": 8,
    "no-version": 6, "channel": 4, "date": 4, "pip": 3, "double": 3,
}  # fmt: skip
#: pip lines and the conda lines that they can't live with, as the projects' own metadata says.
PIP_PAIRS = (
    ("numba==0.59.1", "numpy>=2"), ("tensorflow==2.15.0", "numpy>=2"), ("streamlit==1.28.0", "packaging>=24"),
    ("pandas==2.0.3", "python=3.12"), ("numba==0.59.1", "python=3.13"), ("scipy==1.10.1", "python=3.12"),
    ("matplotlib==3.5.3", "python=3.12"), ("pydantic==1.10.13", "pydantic>=2"),
    ("flask==2.0.3", "werkzeug>=4"),
    ("botocore==1.29.0", "urllib3>=2"), ("scikit-learn==1.3.2", "numpy>=2"),
    ("requests==2.28.2", "urllib3>=2"),
    ("sqlalchemy==1.4.46", "sqlalchemy>=2"), ("transformers==4.30.0", "tokenizers>=0.14"),
    ("jinja2==2.11.3", "jinja2>=3"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsolvable:
    """One problem with its plant; see the module."""

    id: str
    kind: str
    base: str
    platform: str
    channels: tuple[str, ...]
    channel_priority: str
    virtual_packages: tuple[tuple[str, str], ...]
    specs: tuple[str, ...]
    planted: tuple[str, ...]
    pip: tuple[str, ...] = ()
    exclude_newer: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class Maker:
    """Plants faults; every method returns None where the problem does not offer the chance."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.random = random.Random(seed)  # noqa: S311  (not for secrets)
        self.kinds: dict[str, Callable[[Unsolvable, Problem], Unsolvable | None]] = {
            "clash": self.clash, "requested": self.requested, "two-pythons": self.two_pythons,
            "old-python": self.old_python, "virtual": self.virtual, "misspelt": self.misspelt,
            "no-version": self.no_version, "channel": self.channel, "date": self.date, "pip": self.pip,
            "double": self.double,
        }  # fmt: skip

    def versions(self, question: Unsolvable, name: str) -> list[str]:
        """Return the versions of a name that the question's channels have."""
        return sorted({r.version for r in self.bench.records(question, name)})

    def clash(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Pin a package of the known solution to another version."""
        held = self.random.choice(problem.solution).rsplit("/", 1)[1]
        name, version, _ = held.rsplit("-", 2)
        return self._pinned(question, name, version)

    def requested(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Pin a requested package to another version, beside its own line."""
        del problem
        line = self.random.choice(question.specs)
        name = str(parse_match_spec(line).name)
        rest = tuple(s for s in question.specs if s != line)
        others = list(self.versions(question, name))
        if not others:
            return None
        pin = f"{name} =={self.random.choice(others)}"
        return replace(question, specs=(*rest, pin), planted=(pin,))

    def _pinned(self, question: Unsolvable, name: str, held: str) -> Unsolvable | None:
        others = [v for v in self.versions(question, name) if v != held]
        if not others or any(parse_match_spec(s).name == name for s in question.specs):
            return None
        pin = f"{name} =={self.random.choice(others)}"
        return replace(question, specs=(*question.specs, pin), planted=(pin,))

    def two_pythons(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Ask for a second minor of Python."""
        del problem
        if not any(parse_match_spec(s).name == "python" for s in question.specs):
            return None
        pin = f"python {self.random.choice(['3.7', '3.8', '3.9', '3.10', '3.13', '3.14'])}.*"
        return replace(question, specs=(*question.specs, pin), planted=(pin,))

    def old_python(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Set python to a minor that something requested has no build for."""
        del problem
        rest = tuple(s for s in question.specs if parse_match_spec(s).name != "python")
        pin = f"python={self.random.choice(['3.6', '3.7', '3.8', '3.14'])}"
        return replace(question, specs=(pin, *rest), planted=(pin,))

    def virtual(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Ask for a CUDA build without ``__cuda``, or set an old ``__glibc``."""
        del problem
        if question.platform != "linux-64":
            return None
        facts = dict(question.virtual_packages)
        if self.random.random() < 0.5:
            facts.pop("__cuda", None)
            line = self.random.choice(
                ["pytorch-gpu", "pytorch * *cuda*", "tensorflow-gpu", "jaxlib * *cuda*"]
            )
            name = str(parse_match_spec(line).name)
            rest = tuple(s for s in question.specs if parse_match_spec(s).name != name)
            return replace(
                question, specs=(*rest, line), virtual_packages=tuple(facts.items()), planted=("__cuda",)
            )
        facts["__glibc"] = self.random.choice(["2.5", "2.12"])
        return replace(question, virtual_packages=tuple(facts.items()), planted=("__glibc",))

    def misspelt(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Change one letter of a requested name."""
        del problem
        line = self.random.choice(question.specs)
        name = str(parse_match_spec(line).name)
        if len(name) < 4 or "::" in line:
            return None
        at = self.random.randrange(1, len(name) - 1)
        wrong = self.random.choice(
            [
                name[:at] + name[at + 1 :],
                name[:at] + name[at] + name[at:],
                name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :],
            ]
        )
        if wrong == name or self.bench.records(question, wrong):
            return None
        new = line.replace(name, wrong, 1)
        specs = tuple(new if s == line else s for s in question.specs)
        return replace(question, specs=specs, planted=(new,), extra={"meant": name})

    def no_version(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Ask for a version that nobody built."""
        del problem
        line = self.random.choice(question.specs)
        name = str(parse_match_spec(line).name)
        known = self.versions(question, name)
        if not known or "::" in line:
            return None
        parts = self.random.choice(known).split(".")
        parts[-1] = str(self.random.randrange(40, 99))
        version = ".".join(parts)
        if version in known:
            return None
        new = f"{name}={version}"
        return replace(question, specs=tuple(new if s == line else s for s in question.specs), planted=(new,))

    def channel(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Ask for a package of a channel that lacks it."""
        del problem
        line = self.random.choice(question.specs)
        name = str(parse_match_spec(line).name)
        lacking = [c for c in question.channels if not self.bench.records(question, name, c)]
        if not lacking or "::" in line:
            return None
        new = f"{lacking[0]}::{line}"
        return replace(question, specs=tuple(new if s == line else s for s in question.specs), planted=(new,))

    def date(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Leave out everything since a moment in the past."""
        del problem
        year = self.random.choice([2017, 2018, 2019, 2020, 2021])
        moment = (year - 1970) * 31_557_600 // 86400 * 86400
        return replace(question, exclude_newer=moment, planted=("exclude-newer",))

    def pip(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Ask for a pip and a conda package that can't live together."""
        del problem
        if question.platform != "linux-64":
            return None
        pip, conda = self.random.choice(PIP_PAIRS)
        name = parse_match_spec(conda).name
        some = [
            s for s in question.specs if parse_match_spec(s).name not in ("python", name) and "::" not in s
        ]
        some = self.random.sample(some, min(2, len(some)))
        return replace(
            question, specs=(*dict.fromkeys(["python", conda, *some]),), pip=(pip,), planted=(pip, conda)
        )

    def double(self, question: Unsolvable, problem: Problem) -> Unsolvable | None:
        """Plant two faults."""
        first = self.clash(question, problem)
        second = self.misspelt(first, problem) if first else None
        if first is None or second is None or second.planted[0] == first.planted[0]:
            return None
        return replace(second, planted=(*first.planted, *second.planted))

    def make(self, kind: str, problem: Problem) -> Unsolvable | None:
        """Return the problem with a plant of a kind, if that makes it unsolvable."""
        base = Unsolvable(
            id="", kind=kind, base=problem.id, platform=problem.platform, channels=problem.channels,
            channel_priority=problem.channel_priority, virtual_packages=problem.virtual_packages,
            specs=problem.specs, planted=(),
        )  # fmt: skip
        made = self.kinds[kind](base, problem)
        if made is None or self.holds(made) is not False:
            return None
        without = self._without(made, base)
        return made if self.holds(without) else None

    def _without(self, made: Unsolvable, base: Unsolvable) -> Unsolvable:
        if made.pip:
            return replace(made, pip=())
        if made.kind in ("clash", "requested", "two-pythons", "old-python", "double"):
            wrong = set(made.planted)
            specs = tuple(s for s in made.specs if s not in wrong)
            return replace(base, specs=specs)
        if made.planted == ("__cuda",):
            facts = {**dict(made.virtual_packages), "__cuda": "12.9"}
            return replace(made, virtual_packages=tuple(facts.items()))
        return base

    def holds(self, question: Unsolvable) -> bool | None:
        """Tell whether there is a solution; None where it can't be told soon."""
        try:
            universe = self.bench.universe_of(question)
            count = 0

            def stop() -> bool:
                nonlocal count
                count += 1
                return count > 20_000

            return Search(universe, should_stop=stop).solve().selected is not None
        except (LockstackError, Interrupted):
            return None


def make_all(maker: Maker, problems: list[Problem], count: int) -> Iterator[Unsolvable]:
    """Yield problems, kind by kind in their shares."""
    shuffled = list(problems)
    maker.random.shuffle(shuffled)
    at = 0
    for kind, share in SHARES.items():
        made = 0
        for _ in range(40 * count):
            if made >= count * share // 100:
                break
            problem = shuffled[at % len(shuffled)]
            at += 1
            found = maker.make(kind, problem)
            if found is not None:
                made += 1
                yield replace(found, id=f"{kind}-{made}")


def read_unsolvable(path: Path) -> list[Unsolvable]:
    """Return what :func:`main` wrote."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        Unsolvable(
            **{
                **row,
                "virtual_packages": tuple((n, v) for n, v in row["virtual_packages"]),
                **{key: tuple(row[key]) for key in ("channels", "specs", "planted", "pip")},
            }
        )
        for row in rows
    ]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with Bench(arguments.channels) as bench, arguments.output.open("w", encoding="utf-8") as stream:
        maker = Maker(bench, arguments.seed)
        written = 0
        for made in make_all(maker, read_problems(arguments.problems), arguments.count):
            stream.write(json.dumps(asdict(made), sort_keys=True) + "\n")
            written += 1
    print(f"{written} problems written to {arguments.output}")


if __name__ == "__main__":
    main()
