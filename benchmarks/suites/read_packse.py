"""packse: uv's scenarios, one TOML file each.

FOLDER is a clone. A scenario that asks for one answer for all platforms at once is put for Linux alone, and
only where it has an answer: then Linux has one, whatever is chosen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.suites.case import (
    Expected,
    Package,
    Passed,
    PypiCase,
    Read,
    Verdict,
    Wheel,
    canonical,
    required,
)

SUITE = "packse"


def read(folder: Path) -> Read:
    """Yield the scenarios; raises MissingSuiteError."""
    for path in sorted(required(folder / "scenarios").rglob("*.toml")):
        if path.parent.name == "examples":
            continue
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        yield _case(data, f"{path.parent.name}/{path.stem}")


def _case(data: Mapping[str, Any], name: str) -> PypiCase | Passed:
    options = data.get("resolver_options", {})
    universal = bool(options.get("universal"))
    satisfiable = data["expected"]["satisfiable"]
    if universal and not satisfiable:
        return Passed(suite=SUITE, name=name, why="asks for one answer for all platforms")
    if any(values not in ([], None) and len(values) != len(data["packages"])
           for values in (options.get("no_build"), options.get("no_binary"))):  # fmt: skip
        return Passed(suite=SUITE, name=name, why="builds only some projects")
    chosen = data["expected"].get("packages")
    exactly = None
    if satisfiable and chosen is not None and not universal:
        exactly = tuple(Package(name=n, version=canonical(v)) for n, v in chosen.items())
    environment = data.get("environment", {})
    return PypiCase(
        suite=SUITE,
        name=name,
        files=tuple(_files(data["packages"])),
        requirements=tuple(data["root"].get("requires", ())),
        expected=Expected(verdict=Verdict.SOLUTION if satisfiable else Verdict.NONE, exactly=exactly),
        python=_full(options.get("python") or environment.get("python") or "3.12"),
        pre=bool(options.get("prereleases")),
        no_build=bool(options.get("no_build")),
        no_binary=bool(options.get("no_binary")),
    )


def _full(python: str) -> str:
    """Return a version of Python with three numbers; without the third it is the first patch."""
    return python if python.count(".") > 1 else f"{python}.0"


def _files(packages: Mapping[str, Any]) -> Iterator[Wheel]:
    for name, package in packages.items():
        for version, said in package["versions"].items():
            extras = said.get("extras", {})
            requires = list(said.get("requires", ()))
            for extra, texts in extras.items():
                requires += [_under(text, extra) for text in texts]
            tags = said.get("wheel_tags") or ["py3-none-any"]
            shared: dict[str, Any] = {
                "name": name,
                "version": version,
                "requires": tuple(requires),
                "extras": tuple(extras),
                "requires_python": said.get("requires_python", ">=3.12"),
                "yanked": said.get("yanked", False),
            }
            if said.get("wheel", True):
                yield from (Wheel(**shared, tags=tag) for tag in tags)
            if said.get("sdist", True):
                yield Wheel(**shared, is_sdist=True)


def _under(text: str, extra: str) -> str:
    """Return a requirement that holds for an extra."""
    base, _, marker = text.partition(";")
    condition = f'extra == "{extra}"'
    return f"{base.strip()} ; ({marker.strip()}) and {condition}" if marker else f"{base} ; {condition}"
