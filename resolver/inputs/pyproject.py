"""pyproject.toml -> requirements.

``[project]`` (PEP 621) gives pip requirements: ``dependencies`` as category
``main``, each group of ``optional-dependencies`` and of ``[dependency-groups]``
(PEP 735) as a category of its name. ``[tool.conda-lock]`` adds channels,
platforms and conda requirements, in conda-lock's notation.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.errors import InputError
from resolver.inputs.draft import Draft, Read, add_conda_requirement
from resolver.inputs.faults import Faults, did_you_mean
from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement
from resolver.inputs.text import decode_text
from resolver.inputs.toml_places import TomlPlaces, toml_error_place
from resolver.model.names import pypi_name
from resolver.model.origin import Origin
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.requirements import ChannelRequest, Requirements


def parse_pyproject(
    text: str | bytes,
    file: str,
    read: Read | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    extras: Collection[str] | None = None,
) -> Requirements:
    """Return what a pyproject.toml asks for; raises InputErrors with every fault.

    ``extras`` limits the optional groups (None: all).
    """
    faults = Faults()
    draft = Draft(read=read or (lambda _: ""), environ=environ or {}, faults=faults, files=[file])
    try:
        add_pyproject(draft, decode_text(text, file), file, extras)
    except InputError as error:
        faults.add_error(error)
    faults.raise_if_any()
    return draft.finish()


def add_pyproject(draft: Draft, text: str, file: str, extras: Collection[str] | None) -> None:
    """Add the tables of a pyproject.toml to the draft."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        draft.faults.add(*toml_error_place(error, file))
        return
    reader = _Reader(draft, TomlPlaces(text, file), file)
    project, conda = document.get("project"), reader.table(document.get("tool", {}), "conda-lock")
    if project is None and not conda:
        hint = None
        if "poetry" in reader.table(document, "tool"):
            hint = "requirements in Poetry's own table can't be read: write them as `[project] dependencies`"
        draft.faults.add("no `[project]` and no `[tool.conda-lock]`", Origin(file=file), hint)
        return
    if project is not None:
        reader.add_project(reader.table(document, "project"), is_conda=bool(conda))
    reader.add_groups(reader.table(document, "project"), document.get("dependency-groups", {}), extras)
    reader.add_conda_lock(conda)


class _Reader:
    """Adds one document's tables; every value is checked, for TOML has no schema."""

    def __init__(self, draft: Draft, places: TomlPlaces, file: str) -> None:
        self.draft, self.places, self.file = draft, places, file

    def table(self, parent: Any, key: str) -> Mapping[str, Any]:
        """Return a table, empty where it is absent or (a fault) something else."""
        value = parent.get(key, {}) if isinstance(parent, Mapping) else {}
        if isinstance(value, Mapping):
            return value
        self.draft.faults.add(f"`{key}` is not a table", self.places.of_key(key))
        return {}

    def strings(self, value: Any, key: str) -> list[str]:
        """Return a list of texts; anything else in it is a fault."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self.draft.faults.add(f"`{key}` is not a list of texts", self.places.of_key(key))
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def add_project(self, project: Mapping[str, Any], *, is_conda: bool) -> None:
        self.draft.has_pip_section = True
        dynamic = project.get("dynamic", [])
        if isinstance(dynamic, list) and "dependencies" in dynamic:
            self.draft.faults.add(
                "`dependencies` is dynamic: only a build of the project knows them",
                self.places.of_key("dynamic"),
                "lock a requirements file with `-e .` instead",
            )
        for text in self.strings(project.get("dependencies", []), "dependencies"):
            self.add_requirement(text, "main")
        python = project.get("requires-python")
        if python is None:
            return
        origin = self.places.of_key("requires-python")
        try:
            specifier = str(SpecifierSet(str(python)))
        except InvalidSpecifier:
            self.draft.faults.add(
                f"`requires-python = {python!r}` is not a specifier", origin, "write it as `>=3.10`"
            )
            return
        if is_conda:
            add_conda_requirement(self.draft, f"python {specifier}".strip(), origin)
        elif specifier:
            self.draft.requires_python.append(specifier)

    def add_requirement(self, text: str, category: str) -> None:
        origin = self.places.of_text(text)
        try:
            context = PipContext(origin=origin, environ={}, category=category)
            requirement, secret = parse_pip_requirement(text, context)
        except InputError as error:
            self.draft.faults.add_error(error)
            return
        self.draft.pypi.append(requirement)
        if secret:
            self.draft.secrets.append(secret)

    def add_groups(self, project: Mapping[str, Any], groups: Any, extras: Collection[str] | None) -> None:
        optional = self.table(project, "optional-dependencies")
        groups = self.table({"dependency-groups": groups}, "dependency-groups")
        wanted = None if extras is None else {pypi_name(extra) for extra in extras}
        known = {pypi_name(name) for name in (*optional, *groups)}
        for absent in sorted((wanted or set()) - known):
            self.draft.faults.add(
                f"no group `{absent}` in `[project.optional-dependencies]` or `[dependency-groups]`",
                Origin(file=self.file),
                did_you_mean(absent, known),
            )
        for name, items in optional.items():
            if wanted is None or pypi_name(name) in wanted:
                for text in self.strings(items, name):
                    self.add_own_or_requirement(text, name, project, optional)
        for name in groups:
            if wanted is None or pypi_name(name) in wanted:
                self.add_group(name, name, groups, ())

    def add_own_or_requirement(
        self, text: str, category: str, project: Mapping[str, Any], optional: Mapping[str, Any]
    ) -> None:
        """Add a requirement; ``project[a,b]`` of the project itself stands for its own groups."""
        found = re.match(r"^([A-Za-z0-9._-]+)\s*\[([^\]]*)\]\s*$", text)
        if not found or pypi_name(found[1]) != pypi_name(str(project.get("name", ""))):
            self.add_requirement(text, category)
            return
        by_name = {pypi_name(name): name for name in optional}
        for extra in found[2].split(","):
            own = by_name.get(pypi_name(extra))
            if own is None:
                self.draft.faults.add(f"no group `{extra.strip()}`", self.places.of_text(text))
            elif own != category:
                for item in self.strings(optional[own], own):
                    if not re.match(rf"^{re.escape(found[1])}\s*\[", item):
                        self.add_requirement(item, category)

    def add_group(
        self, name: str, category: str, groups: Mapping[str, Any], parents: tuple[str, ...]
    ) -> None:
        """Add a dependency group with the groups it includes (PEP 735)."""
        by_name = {pypi_name(key): key for key in groups}
        key = by_name.get(pypi_name(name))
        if key is None or pypi_name(name) in parents:
            what = "includes itself" if key else "does not exist"
            self.draft.faults.add(
                f"dependency group `{name}` {what}", self.places.of_key("dependency-groups")
            )
            return
        items = groups[key]
        for item in items if isinstance(items, list) else [items]:
            if isinstance(item, str):
                self.add_requirement(item, category)
            elif isinstance(item, Mapping) and isinstance(item.get("include-group"), str) and len(item) == 1:
                self.add_group(item["include-group"], category, groups, (*parents, pypi_name(name)))
            else:
                self.draft.faults.add(f"an item of group `{name}` is no requirement", self.places.of_key(key))

    def add_conda_lock(self, table: Mapping[str, Any]) -> None:
        for text in self.strings(table.get("channels", []), "channels"):
            self.draft.channels.append(ChannelRequest(text=text, origin=self.places.of_text(text)))
        for text in self.strings(table.get("platforms", []), "platforms"):
            origin = self.places.of_text(text)
            if text not in KNOWN_SUBDIRS:
                self.draft.faults.add(f"unknown platform `{text}`", origin, did_you_mean(text, KNOWN_SUBDIRS))
            self.draft.platforms.append((text, origin))
        for url in self.strings(table.get("pip-repositories", []), "pip-repositories"):
            self.draft.add_repository(url, self.places.of_text(url))
        for name, value in self.table(table, "dependencies").items():
            self.add_conda_dependency(name, value)

    def add_conda_dependency(self, name: str, value: Any) -> None:
        """Add ``name = "version"`` or ``name = {version, build, channel, source}``."""
        origin = self.places.of_key(name)
        fields = {"version": value} if isinstance(value, str) else value
        if not isinstance(fields, Mapping) or not all(isinstance(item, str) for item in fields.values()):
            self.draft.faults.add(f"`{name}` is neither a version nor a table of texts", origin)
            return
        version = fields.get("version", "").strip()
        version = "" if version == "*" else version
        if fields.get("source") == "pypi":
            operator = "" if not version or version[0] in "<>=!~" else "=="
            self.add_requirement(f"{name}{operator}{version}", "main")
            return
        channel = f"{fields['channel']}::" if "channel" in fields else ""
        spec = f"{channel}{name} {version or '*'} {fields.get('build', '')}".strip()
        add_conda_requirement(self.draft, spec.removesuffix(" *"), origin)
