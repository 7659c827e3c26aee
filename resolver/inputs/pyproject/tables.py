"""What every reader of a pyproject.toml uses: checked tables, and requirements put in the draft."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from resolver.errors import InputError
from resolver.inputs.draft import Draft, add_conda_requirement
from resolver.inputs.faults import did_you_mean
from resolver.inputs.marker_platforms import platforms_of_marker
from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement
from resolver.inputs.toml_places import TomlPlaces
from resolver.model.findings import Severity
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.requirements import ChannelRequest, Override, PypiRequirement

Table = Mapping[str, Any]


class Origins(msgspec.Struct, kw_only=True):
    """Where the requirements of a document come from, as its tables say.

    ``as_conda``: a requirement without a source of its own is a conda one, as
    conda-lock's ``default-non-conda-source`` says; ``from_pypi`` are exempt.
    """

    as_conda: bool = False
    from_pypi: frozenset[PypiName] = frozenset()
    has_conda: bool = False  #: conda-lock's or pixi's table stands in the document: python is a conda package


class Tables:
    """One document on its way into a draft; every value is checked, for TOML has no schema."""

    def __init__(self, draft: Draft, text: str, file: str) -> None:
        self.draft, self.file = draft, file
        self.places = TomlPlaces(text, file)
        self.origins = Origins()

    # ------------------------------------------------------------ values

    def table(self, parent: Any, *keys: str) -> Table:
        """Return a table below others, empty where it is absent or (a fault) something else."""
        value: Any = parent
        for key in keys:
            value = value.get(key, {}) if isinstance(value, Mapping) else {}
            if not isinstance(value, Mapping):
                self.fault(f"`{key}` is not a table", self.places.of_key(key))
                return {}
        found: Table = value
        return found

    def tables(self, parent: Table, key: str) -> list[Table]:
        """Return a list of tables; anything else is a fault."""
        value = parent.get(key, [])
        if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            return value
        self.fault(f"`{key}` is not a list of tables", self.places.of_key(key))
        return []

    def strings(self, value: Any, key: str) -> list[str]:
        """Return a list of texts; anything else in it is a fault."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self.fault(f"`{key}` is not a list of texts", self.places.of_key(key))
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def fault(self, message: str, origin: Origin | None = None, hint: str | None = None) -> None:
        """Remember a fault of the document."""
        self.draft.faults.add(message, origin or Origin(file=self.file), hint)

    def say(self, code: str, text: str, *, warning: bool = True) -> None:
        """Remember one line that people are told, beginning with the file."""
        severity = Severity.WARNING if warning else Severity.NOTE
        self.draft.say(code, f"{self.file}: {text}", severity=severity, file=self.file)

    # ------------------------------------------------------------ requirements

    def add_requirement(
        self,
        text: str,
        category: str = "main",
        *,
        origin: Origin | None = None,
        editable: bool = False,
        is_constraint: bool = False,
    ) -> None:
        """Add a PEP 508 requirement, as a conda one where the document says so."""
        origin = origin or self.places.of_text(text)
        context = PipContext(origin=origin, environ={}, category=category, is_constraint=is_constraint)
        try:
            requirement, secret = parse_pip_requirement(text, context, editable=editable)
        except InputError as error:
            self.draft.faults.add_error(error)
            return
        is_conda = self.origins.as_conda and requirement.name not in self.origins.from_pypi
        if is_conda and requirement.direct is None and not is_constraint:
            self._add_as_conda(requirement)
            return
        self.draft.pypi.append(requirement)
        if secret:
            self.draft.secrets.append(secret)

    def add_override(self, text: str, *, origin: Origin | None = None, only_versions: bool = False) -> None:
        """Add what stands in place of every requirement on a project, as PEP 508 text."""
        origin = origin or self.places.of_text(text)
        try:
            requirement, secret = parse_pip_requirement(text, PipContext(origin=origin, environ={}))
        except InputError as error:
            self.draft.faults.add_error(error)
            return
        if requirement.name is None:
            self.fault(f"`{text}` names no project", origin, "write `NAME @ ADDRESS`")
            return
        self.draft.overrides.append(
            Override(
                name=requirement.name, origin=origin, requirement=requirement, only_versions=only_versions
            )
        )
        if secret:
            self.draft.secrets.append(secret)

    def add_exclusion(self, text: str) -> None:
        """Add a project that nothing asks for any more."""
        self.draft.overrides.append(Override(name=pypi_name(text), origin=self.places.of_text(text)))

    def _add_as_conda(self, requirement: PypiRequirement) -> None:
        """Add a project's requirement under the conda name of the project."""
        project = PypiName(requirement.name or "")
        name = self.draft.conda_name_of(project)
        if name != project:
            self.say("conda-name", f"`{project}` is asked for as conda's `{name}`", warning=False)
        if requirement.extras:
            extras = ", ".join(f"`{extra}`" for extra in sorted(requirement.extras))
            self.say(
                "extra-of-conda", f"`{project}`: conda packages have no extras, so {extras} brings nothing in"
            )
        platforms = None
        if requirement.marker:
            platforms, unsettled = platforms_of_marker(requirement.marker)
            if unsettled:
                self.say(
                    "marker-of-conda",
                    f"`{requirement.text}` is a conda package here: its marker can't be told, so it counts",
                )
        specifier = requirement.specifier.replace("===", "==")
        add_conda_requirement(
            self.draft,
            f"{name} {specifier}".strip(),
            requirement.origin,
            category=requirement.category,
            platforms=platforms,
        )

    @contextmanager
    def from_pypi(self, project: str | None) -> Iterator[None]:
        """Take a project from an index meanwhile, whatever the document says; None: change nothing."""
        before = self.origins.from_pypi
        if project is not None:
            self.origins.from_pypi = before | {pypi_name(project)}
        yield
        self.origins.from_pypi = before

    def add_python(self, specifier: str, origin: Origin) -> None:
        """Add what the project asks of the interpreter: a conda package beside tables of conda's."""
        if self.origins.has_conda:
            add_conda_requirement(self.draft, f"python {specifier}".strip(), origin)
        elif specifier:
            self.draft.requires_python.append(specifier)

    def add_requires_python(self, table: Table) -> None:
        """Add ``requires-python``; one that is no specifier is a fault."""
        python = table.get("requires-python")
        if python is None:
            return
        origin = self.places.of_key("requires-python")
        try:
            self.add_python(str(SpecifierSet(str(python))), origin)
        except InvalidSpecifier:
            self.fault(f"`requires-python = {python!r}` is not a specifier", origin, "write it as `>=3.10`")

    # ------------------------------------------------------------ channels and platforms

    def add_channels(self, texts: list[str]) -> None:
        """Add channels in their order."""
        for text in texts:
            self.draft.channels.append(ChannelRequest(text=text, origin=self.places.of_text(text)))

    def add_platforms(self, texts: list[str]) -> None:
        """Add platforms; one that conda doesn't know is a fault."""
        for text in texts:
            origin = self.places.of_text(text)
            if text not in KNOWN_SUBDIRS:
                self.fault(f"unknown platform `{text}`", origin, did_you_mean(text, KNOWN_SUBDIRS))
            self.draft.platforms.append((text, origin))


def listed(names: object) -> str:
    """Return names in backticks, with commas."""
    return ", ".join(f"`{name}`" for name in names) if isinstance(names, (list, tuple, set, dict)) else ""


def is_own(text: str, project: str) -> re.Match[str] | None:
    """Match ``project[extra, ...]`` of the project itself; group 2 are the extras."""
    found = re.match(r"^([A-Za-z0-9._-]+)\s*\[([^\]]*)\]\s*$", text)
    return found if found and project and pypi_name(found[1]) == pypi_name(project) else None
