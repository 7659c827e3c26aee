"""What an environment file asks for, read by a small reader that shares no code with the project's own.

PyYAML's loader of plain text (`3.10` stays `3.10`), ``packaging`` for pip's lines, py-rattler for match
specs. What is asked for is compared with what the project read (:func:`missing_in_requirements`), and with
a lockfile and the lines that were printed beside it (:func:`missing_in_lockfile`). Both return one line for
each thing that is neither there nor named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.oracles.conda_checker import matches, spec_name

#: Keys that say nothing of what is to be installed, or only conda-lock's own way of asking.
KNOWN_KEYS = frozenset(
    {"name", "channels", "dependencies", "platforms", "platform", "category", "pip-repositories",
     "allow-pypi-requests", "variables", "prefix", "python", "build_dependencies"}
)  # fmt: skip
_SELECTOR = re.compile(r"^\s*-\s+(?P<item>.+?)\s+#\s*\[(?P<words>[^\]]+)\]\s*$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HASH = re.compile(r"\s--hash[= ]\S+")
_OPTION = re.compile(r"^(--?[A-Za-z][\w-]*)(?:[=\s]\s*(.*))?$")
_SHORT = re.compile(r"^(-[rcief])\s*(\S.*)$")
_LONG = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-i": "--index-url",
    "-e": "--editable",
    "-f": "--find-links",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One requirement as written, and the platforms it is for (None: all)."""

    text: str
    selector: str | None = None

    def is_for(self, subdir: str) -> bool:
        """Tell whether the selector is true of a platform; words are joined by `or`, `and`, `not`."""
        if self.selector is None:
            return True
        system, _, bits = subdir.partition("-")
        facts = {"linux": system == "linux", "osx": system == "osx", "win": system == "win",
                 "unix": system != "win", subdir.replace("-", ""): True, "arm64": bits == "arm64",
                 "aarch64": bits == "aarch64", "x86_64": bits == "64"}  # fmt: skip
        words = [w if w in ("and", "or", "not") else str(facts.get(w, False)) for w in self.selector.split()]
        return bool(eval(" ".join(words), {}))  # noqa: S307 - words of three kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that a file asks for."""

    name: str | None = None
    prefix: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    conda: tuple[Line, ...] = ()
    pip: tuple[Line, ...] = ()
    options: tuple[tuple[str, str], ...] = ()  #: pip's, long names
    other_keys: tuple[str, ...] = ()


def read_asked(text: str) -> Asked | None:
    """Return what an environment file asks for; None where the text is no such file."""
    try:
        data = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - makes text, lists and mappings alone
    except yaml.YAMLError:
        return None
    if not isinstance(data, dict) or not isinstance(data.get("dependencies"), list):
        return None
    selectors = {m["item"].strip("'\""): m["words"] for m in map(_SELECTOR.match, text.splitlines()) if m}
    conda, pip, options = [], [], []
    items = _items(data["dependencies"], None)
    if "build_dependencies" in data:  # MLflow's python_env.yaml: pip's lines in both lists
        items = iter([({"pip": [*data["build_dependencies"], *data["dependencies"]]}, None)])
    for item, selector in items:
        if isinstance(item, str):
            conda.append(Line(text=item, selector=selector or selectors.get(item)))
            continue
        for line in item["pip"] if isinstance(item["pip"], list) else ():
            given = _HASH.sub("", _COMMENT.sub("", line)).strip()
            if given.startswith("-"):
                options.append(_option(given))
            elif given:
                pip.append(Line(text=given, selector=selector or selectors.get(line)))
    return Asked(
        name=data.get("name") or None, prefix=data.get("prefix") or None,
        variables=dict(data.get("variables") or {}), channels=tuple(data.get("channels") or ()),
        platforms=tuple(data.get("platforms") or ()), repositories=tuple(data.get("pip-repositories") or ()),
        conda=tuple(conda), pip=tuple(pip), options=tuple(options),
        other_keys=tuple(key for key in data if key not in KNOWN_KEYS),
    )  # fmt: skip


def _items(given: Iterable[Any], selector: str | None) -> Iterator[tuple[Any, str | None]]:
    """Yield plain items and pip sections, with the words of ``sel(...)`` around them."""
    for item in given:
        if not isinstance(item, dict):
            yield item, selector
            continue
        for key, value in item.items():
            found = re.fullmatch(r"sel\((.+)\)", key)
            if found:
                yield from _items(value if isinstance(value, list) else [value], found[1])
            else:
                yield {"pip": value}, selector


def _option(text: str) -> tuple[str, str]:
    found = _SHORT.match(text) or _OPTION.match(text)
    assert found, text
    return _LONG.get(found[1], found[1]), (found[2] or "").strip().strip("'\"")


def missing_in_requirements(asked: Asked, read: Any, *, said: str) -> list[str]:
    """Return what of a file is neither in the project's own reading (``Requirements``) nor said."""
    lost = [
        f"conda line `{line.text}`"
        for line in asked.conda
        if _bare(line.text) not in {_bare(one.spec) for one in read.conda}
    ]
    lost += [
        f"pip line `{line.text}`" for line in asked.pip if not any(_same(line.text, one) for one in read.pypi)
    ]
    if [one.text for one in read.channels] != list(asked.channels):
        lost.append(f"channels {asked.channels}")
    if set(read.platforms) != set(asked.platforms):
        lost.append(f"platforms {asked.platforms}")
    if (read.name or None) != asked.name:
        lost.append(f"name `{asked.name}`")
    lost += [f"option {name} {value}" for name, value in asked.options if not _heeds(read, name, value, said)]
    lost += [f"index `{url}`" for url in asked.repositories if url not in read.indexes.extra_index_urls]
    return lost + _unsaid(asked, said)


def _unsaid(asked: Asked, said: str) -> list[str]:
    """Return what no lockfile has a place for, and is not named."""
    lost = [f"variable `{name}`" for name in asked.variables if name not in said]
    if asked.prefix and "prefix" not in said:
        lost.append(f"prefix `{asked.prefix}`")
    return lost + [f"key `{key}`" for key in asked.other_keys if f"`{key}`" not in said]


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", _COMMENT.sub("", text)).lower()


def _same(text: str, read: Any) -> bool:
    """Tell whether a requirement that the project read says what the line says."""
    try:
        line = Requirement(text)
    except InvalidRequirement:
        return _bare(text) == _bare(read.text)  # an address or a path
    if read.name != canonicalize_name(line.name) or read.extras != {
        canonicalize_name(e) for e in line.extras
    }:
        return False
    marker = Marker(read.marker) if read.marker else None
    place = read.direct is not None if line.url else read.direct is None
    return SpecifierSet(read.specifier) == line.specifier and marker == line.marker and place


def _heeds(read: Any, name: str, value: str, said: str) -> bool:
    indexes = read.indexes
    if name in ("--requirement", "--constraint"):
        value = re.sub(r"\s+\[--no-deps\]$|^file:", "", value)  # a word that pip drops; a path
        return any(file.endswith(value.removeprefix("./")) for file in read.files)
    if name == "--editable":
        return any(_bare(value) in _bare(one.text) for one in read.pypi)
    if name == "--index-url":
        return bool(indexes.index_url == value)
    if name == "--extra-index-url":
        return value in indexes.extra_index_urls
    if name == "--find-links":
        return any(place.endswith(value.removeprefix("./")) for place in indexes.find_links)
    return name in said


def missing_in_lockfile(asked: Asked, lockfile: str, *, subdir: str, python: str, said: str) -> list[str]:
    """Return what of a file is neither in its lockfile for a platform nor named in what was printed."""
    data = yaml.load(lockfile, yaml.BaseLoader)  # noqa: S506 - as above
    packages = [one for one in data["package"] if one["platform"] == subdir]
    conda = {one["name"].lower(): one for one in packages if one["manager"] == "conda"}
    pip = {canonicalize_name(one["name"]): one for one in packages if one["manager"] == "pip"}
    shipped = {canonicalize_name(name): one for name, one in conda.items()}
    lost = [
        f"conda line `{line.text}`"
        for line in asked.conda
        if line.is_for(subdir) and not _meets(line.text, conda) and spec_name(_spec(line.text)) not in said
    ]
    environment = _environment(subdir, python)
    for line in asked.pip:
        wanted = _wanted(line, subdir, environment)
        if wanted is not None and not _fits(wanted, pip, shipped) and wanted.name not in said:
            lost.append(f"pip line `{line.text}`")
    return lost + _lost_beside(asked, data["metadata"], said) + _unsaid(asked, said)


def _lost_beside(asked: Asked, metadata: Mapping[str, Any], said: str) -> list[str]:
    custom = metadata.get("custom_metadata") or {}
    lost = []
    listed = [one["url"].rstrip("/").rsplit("/", 1)[-1] for one in metadata["channels"]]
    for channel in asked.channels:
        last = channel.rstrip("/").rsplit("/", 1)[-1]
        if channel not in ("nodefaults", "defaults") and last not in listed and channel not in said:
            lost.append(f"channel `{channel}`")
    if asked.name and custom.get("lockstack.name") != asked.name:
        lost.append(f"name `{asked.name}`")
    for name, value in asked.options:
        if name.endswith("index-url") and _host(value) not in str(custom) and _host(value) not in said:
            lost.append(f"index `{value}`")
    return lost


def _host(url: str) -> str:
    return re.sub(r"^\w+://(?:[^@/]*@)?", "", url).split("/")[0]


def _spec(text: str) -> str:
    return _COMMENT.sub("", text).strip()


def _meets(text: str, conda: Mapping[str, Mapping[str, Any]]) -> bool:
    spec = _spec(text)
    found = conda.get(spec_name(spec))
    if found is None:
        return False
    build = found["url"].rsplit("-", 1)[-1].removesuffix(".conda").removesuffix(".tar.bz2")
    number = re.search(r"(\d+)$", build)
    return matches(spec, found["name"], found["version"], build, int(number[1]) if number else 0)


def _environment(subdir: str, python: str) -> dict[str, str]:
    system, _, bits = subdir.partition("-")
    return {
        "python_version": ".".join(python.split(".")[:2]), "python_full_version": python,
        "implementation_version": python, "implementation_name": "cpython", "extra": "",
        "platform_python_implementation": "CPython",
        "sys_platform": {"linux": "linux", "osx": "darwin", "win": "win32"}[system],
        "platform_system": {"linux": "Linux", "osx": "Darwin", "win": "Windows"}[system],
        "os_name": "nt" if system == "win" else "posix",
        "platform_machine": {"64": "x86_64", "arm64": "arm64", "aarch64": "aarch64"}[bits],
        "platform_release": "", "platform_version": "",
    }  # fmt: skip


def _wanted(line: Line, subdir: str, environment: dict[str, str]) -> Requirement | None:
    """Return the requirement of a line that holds on a platform; None: it doesn't, or names a place."""
    if not line.is_for(subdir):
        return None
    try:
        found = Requirement(line.text)
    except InvalidRequirement:
        return None
    return found if found.marker is None or found.marker.evaluate(environment) else None


def _fits(
    wanted: Requirement, pip: Mapping[str, Mapping[str, Any]], shipped: Mapping[str, Mapping[str, Any]]
) -> bool:
    name = canonicalize_name(wanted.name)
    found = pip.get(name) or shipped.get(name)
    if found is None:
        return False
    return wanted.url is not None or wanted.specifier.contains(found["version"], prereleases=True)


def draw(names: Sequence[str], count: int, seed: int) -> list[str]:
    """Return so many names at random: the same for a seed."""
    import random

    return sorted(random.Random(seed).sample(sorted(names), min(count, len(names))))  # noqa: S311
