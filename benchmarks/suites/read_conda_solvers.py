"""pytest-conda-solvers: YAML cases of conda's solver tests, with their repodata.

FOLDER is the installed package (``pytest_conda_solvers``), or a wheel of it unpacked. A case is put as
a lock over an earlier one:

* what was installed is the earlier lockfile; history and new specs are the lines, a new one in place of
  an old one of its name;
* what is named anew moves to its newest (``update_specs``, conda's default), with all it needs for
  ``update_deps``; ``freeze_installed`` moves nothing that can stay, ``update_all`` forgets the lockfile;
* a line of history whose package is to move for another reason than its being named counts by its name
  alone, as conda has it; python keeps its minor version unless it is named;
* ``pinned_packages`` are constraints; ``only_deps`` takes the lines out of the answer, but for what
  another of them needs;
* what is installed and fits stays there, though nothing needs it, unless all or python is to move;
* a diff is compared as what there is after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import rattler
import yaml

from benchmarks.suites.case import Channel, CondaCase, Expected, Package, Passed, Read, Verdict, required

SUITE = "pytest-conda-solvers"
MACHINE = {"__unix": "0", "__linux": "6.1", "__glibc": "2.35", "__archspec": "1"}
#: conda's own words for what asks about a prefix and not about a solution
INTERNALS = "asks about a prefix"


def read(folder: Path) -> Read:
    """Yield the cases; raises MissingSuiteError."""
    package, data = _places(folder)
    yamls = next((p for p in (package, folder) if (p / "conda-solver-tests").is_dir()), package)
    for path in sorted(required(yamls / "conda-solver-tests").glob("*.yaml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            yield _case(test, data)


def channel_of(folder: Path, name: str) -> Channel:
    """Return a channel of the suite; raises MissingSuiteError."""
    return _channel(_places(folder)[1], name, add_pip=False)


def _places(folder: Path) -> tuple[Path, Path]:
    package = next((p for p in (folder / "pytest_conda_solvers", folder) if (p / "data").is_dir()), folder)
    return package, required(package / "data")


def _case(test: Mapping[str, Any], data: Path) -> CondaCase | Passed:
    asked = test["input"]
    why = _internals(test)
    if why:
        return Passed(suite=SUITE, name=test["id"], why=why)
    installed = [_package(text) for text in _listed(asked.get("prefix"))]
    names = frozenset(_name(spec) for spec in _listed(asked.get("specs_to_add")))
    channels = {
        name: _channel(data, name, add_pip=bool(asked.get("add_pip")))
        for name in map(str, _listed(asked.get("channels")))
    }
    modifier = asked.get("update_modifier", "update_specs")
    moving = _moving(asked, modifier, names, channels)
    only_deps = asked.get("deps_modifier") == "only_deps"
    return CondaCase(
        suite=SUITE,
        name=test["id"],
        channels=channels,
        specs=tuple(_lines(asked, names, moving - names, is_all=modifier == "update_all")),
        expected=_expected(test, installed),
        constraints=(*_pinned(asked), *_python_as_it_is(installed, names)),
        priority=asked.get("channel_priority", "flexible"),
        virtual=_virtual(asked),
        locked=tuple(installed),
        updated=moving & {package.name for package in installed},
        update_all=modifier == "update_all",
        keep_all=modifier != "update_all" and "python" not in names,
        leave_out=frozenset(n for n in names if n not in _needed(names - {n}, channels))
        if only_deps
        else frozenset(),
    )


def _internals(test: Mapping[str, Any]) -> str:
    asked = test["input"]
    if test["kind"] == "determine_constricting_specs":
        return "asks which installed package holds another back"
    if asked.get("deps_modifier") == "no_deps":
        return "asks for a package without what it needs"
    if asked.get("auto_update_conda") and asked.get("set_sys_prefix"):
        return "asks that conda update itself where it runs"
    return ""


def _listed(value: Any) -> list[Any]:
    return [] if value in (None, "") else list(value) if isinstance(value, list) else [value]


def _name(spec: str) -> str:
    return str(rattler.MatchSpec(spec).name.normalized)


def _lines(
    asked: Mapping[str, Any], named: frozenset[str], moving: frozenset[str], *, is_all: bool
) -> list[str]:
    found = []
    for spec in _listed(asked.get("history_specs")):
        name = _name(spec)
        if name not in named:
            found.append(name if is_all or name in moving else spec)
    return found + _listed(asked.get("specs_to_add"))


def _python_as_it_is(installed: Iterable[Package], named: frozenset[str]) -> list[str]:
    """Return conda's rule that a minor version of python stays, unless python itself is named."""
    if "python" in named:
        return []
    minor = [package.version.rpartition(".")[0] for package in installed if package.name == "python"]
    return [f"python={version}" for version in minor]


def _pinned(asked: Mapping[str, Any]) -> list[str]:
    return [] if asked.get("ignore_pinned") else _listed(asked.get("pinned_packages"))


def _virtual(asked: Mapping[str, Any]) -> dict[str, str]:
    found = dict(MACHINE)
    if asked.get("override_cuda"):
        found["__cuda"] = asked["override_cuda"]
    if asked.get("override_glibc"):
        found["__glibc"] = asked["override_glibc"]
    return found


def _moving(
    asked: Mapping[str, Any], modifier: str, names: frozenset[str], channels: Mapping[str, Channel]
) -> frozenset[str]:
    """Return the packages that are to move to their newest."""
    if modifier == "freeze_installed":
        return frozenset()
    moving = names | frozenset(_listed(asked.get("aggressive_update_packages")))
    return moving | _needed(names, channels) if modifier == "update_deps" else moving


def _needed(names: frozenset[str], channels: Mapping[str, Channel]) -> frozenset[str]:
    """Return what any build of these may come to need."""
    needs: dict[str, set[str]] = {}
    for channel in channels.values():
        for files in channel.values():
            for record in files.values():
                found = needs.setdefault(record["name"], set())
                found.update(text.split()[0] for text in record.get("depends", ()))
    reached: set[str] = set()
    open_ones = list(names)
    while open_ones:
        for other in needs.get(open_ones.pop(), set()) - reached:
            reached.add(other)
            open_ones.append(other)
    return frozenset(reached)


def _expected(test: Mapping[str, Any], installed: Iterable[Package]) -> Expected:
    if test["kind"] == "unsatisfiable":
        return Expected(verdict=Verdict.NONE)
    output = test["output"]
    if test["kind"] == "solve":
        state = output.get("final_state")
        whole = None if state is None else tuple(_package(text) for text in _listed(state))
        return Expected(verdict=Verdict.SOLUTION, exactly=whole)
    gone = {_package(text).name for text in _listed(output.get("unlink_precs"))}
    come = [_package(text) for text in _listed(output.get("link_precs"))]
    stay = [package for package in installed if package.name not in gone]
    return Expected(verdict=Verdict.SOLUTION, exactly=(*stay, *come))


def _package(text: str) -> Package:
    name, version, build = text.rpartition("::")[2].rsplit("-", 2)
    return Package(name=name, version=version, build=build)


@cache
def _channel(data: Path, name: str, *, add_pip: bool) -> Channel:
    """Return a channel of the suite; ``add_pip``: every Python needs pip, as conda may say."""
    found = {}
    for subdir, part in (("linux-64", "non-noarch"), ("noarch", "noarch")):
        path = data / f"{name}_{part}.json"
        lying = data / name / subdir / "repodata.json"
        if lying.is_file():
            packed = json.loads(lying.read_text(encoding="utf-8"))
            files = packed.get("packages", {}) | packed.get("packages.conda", {})
        else:
            files = json.loads(required(path).read_text(encoding="utf-8"))
        found[subdir] = {n: _with_pip(record) for n, record in files.items()} if add_pip else files
    return found


def _with_pip(record: Mapping[str, Any]) -> Mapping[str, Any]:
    if record["name"] == "python" and record["version"].startswith(("2.", "3.")):
        return {**record, "depends": [*record["depends"], "pip"]}
    return record
