"""`[tool.uv]`: indexes, sources, constraints, overrides and groups for development."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from packaging.markers import InvalidMarker

from resolver.inputs.faults import did_you_mean
from resolver.inputs.marker_platforms import platforms_of_marker
from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement
from resolver.inputs.pyproject.tables import Table, Tables, listed
from resolver.inputs.urls import split_credentials
from resolver.model.names import pypi_name
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.requirements import PypiRequirement

if TYPE_CHECKING:
    from resolver.inputs.workspace import Workspace

_HONOURED = frozenset(
    {"sources", "index", "index-url", "extra-index-url", "find-links", "no-index", "constraint-dependencies"}
    | {"dev-dependencies", "override-dependencies", "exclude-dependencies"}
)
#: Keys that change no answer, or only how uv itself works.
_WITHOUT_EFFECT = frozenset(
    {"managed", "package", "build-backend", "publish-url", "check-url", "trusted-publishing", "preview"}
    | {"cache-dir", "cache-keys", "no-cache", "link-mode", "compile-bytecode", "python-preference"}
    | {"python-downloads", "concurrent-builds", "concurrent-downloads", "concurrent-installs", "native-tls"}
    | {"required-version", "default-groups", "keyring-provider", "python-install-mirror"}
)
#: Keys whose counterpart here is a setting.
_SETTINGS = {
    "exclude-newer": "exclude-newer",
    "index-strategy": "index-strategy",
    "offline": "offline",
    "resolution": "resolution",
    "allow-insecure-host": "trusted-hosts",
    "no-build-isolation-package": "no-build-isolation-package",
    "extra-build-dependencies": "extra-build-dependencies",
    "extra-build-variables": "extra-build-variables",
    "dependency-metadata": "dependency-metadata",
    "no-build-package": "only-binary",
    "no-binary-package": "no-binary",
}


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def add_uv(tables: Tables, uv: Table, optional: Sequence[str] = ()) -> None:
    """Add what `[tool.uv]` says of the requirements read so far; name what it says to no effect.

    ``optional``: requirements of the document that may not have been asked for, among other texts.
    """
    root = tables.draft.member_of
    by_name = _names_of_root(root) | _add_indexes(tables, uv)
    if "dev-dependencies" in uv and tables.draft.groups.groups.takes("dev", tables.file):
        for text in tables.strings(uv["dev-dependencies"], "dev-dependencies"):
            tables.add_requirement(text, "dev")
    for text in tables.strings(uv.get("override-dependencies", []), "override-dependencies"):
        tables.add_override(text)
    for text in tables.strings(uv.get("exclude-dependencies", []), "exclude-dependencies"):
        tables.add_exclusion(text)
    sources = tables.table(uv, "sources")
    _name_idle_sources(tables, sources, [*optional, *tables.strings(uv.get("dev-dependencies", []), "")])
    own = {pypi_name(project) for project in sources}
    inherited = {
        name: value for name, value in (root.sources if root else {}).items() if pypi_name(name) not in own
    }
    for project, value in {**inherited, **sources}.items():
        _apply_source(tables, project, value, by_name)
    for text in tables.strings(uv.get("constraint-dependencies", []), "constraint-dependencies"):
        tables.add_requirement(text, is_constraint=True)
    _name_the_rest(tables, uv)


def _names_of_root(root: Workspace | None) -> dict[str, str]:
    """Return the indexes that a workspace's root names, which its sources may speak of."""
    rows = root.indexes if root is not None else ()
    return {str(row["name"]): str(row["url"]) for row in rows if row.get("name") and row.get("url")}


def _name_idle_sources(tables: Tables, sources: Table, optional: Sequence[str]) -> None:
    """Name sources of projects that no requirement of the document is on: uv too passes over them."""
    known = {line.name for line in tables.draft.pypi} | {o.name for o in tables.draft.overrides}
    known |= {pypi_name(found[0]) for text in optional if (found := _NAME.match(text.strip()))}
    idle = [project for project in sources if pypi_name(project) not in known]
    if idle:
        told = f"no requirement of the file is on {listed(idle)}"
        tables.say("table-not-honoured", f"`[tool.uv.sources]` without effect: {told}")


def _name_the_rest(tables: Tables, uv: Table) -> None:
    honoured = _HONOURED | ({"workspace"} if tables.draft.finds_members else set())
    left = [key for key in uv if key not in honoured | _WITHOUT_EFFECT and uv[key] not in ([], {}, False)]
    if left:
        settings = [_SETTINGS[key] for key in left if key in _SETTINGS]
        hint = f" (settings of `[tool.lockstack]`: {listed(settings)})" if settings else ""
        tables.say("table-not-honoured", f"`[tool.uv]`: not honoured: {listed(left)}{hint}")


def _add_indexes(tables: Tables, uv: Table) -> dict[str, str]:
    """Add the indexes that serve every project, in uv's order, and return all by name."""
    by_name: dict[str, str] = {}
    for index in tables.tables(uv, "index"):
        url, name = index.get("url"), index.get("name")
        origin = tables.places.of_text(str(url)) if url else tables.places.of_key("index")
        if not isinstance(url, str):
            tables.fault("`[[tool.uv.index]]` without `url`", origin)
            continue
        if isinstance(name, str):
            by_name[name] = url
        if index.get("default") is True:
            tables.draft.index_url = (url, origin)
        elif index.get("format") == "flat":
            tables.draft.find_links.append(url)
        elif index.get("explicit") is not True:
            tables.draft.extra_index_urls.append(url)
    if isinstance(uv.get("index-url"), str):
        tables.draft.index_url = (uv["index-url"], tables.places.of_key("index-url"))
    tables.draft.extra_index_urls.extend(tables.strings(uv.get("extra-index-url", []), "extra-index-url"))
    tables.draft.find_links.extend(tables.strings(uv.get("find-links", []), "find-links"))
    tables.draft.no_index = tables.draft.no_index or uv.get("no-index") is True
    return by_name


def _apply_source(tables: Tables, project: str, value: Any, by_name: Mapping[str, str]) -> None:
    """Replace the requirements of a project, and its overrides, by ones that come from its sources."""
    name, draft = pypi_name(project), tables.draft
    found = [r for r in draft.pypi if r.name == name and r.direct is None and not r.is_constraint]
    made = _from_sources(tables, found, value, by_name)
    draft.pypi[:] = [r for r in draft.pypi if r not in found] + made
    for override in [o for o in draft.overrides if o.name == name and o.requirement is not None]:
        if override.requirement is None or override.requirement.direct is not None:
            continue
        places = _from_sources(tables, [override.requirement], value, by_name)
        at = draft.overrides.index(override)
        draft.overrides[at : at + 1] = [replace(override, requirement=place) for place in places]


def _from_sources(
    tables: Tables,
    found: Sequence[PypiRequirement],
    value: Any,
    by_name: Mapping[str, str],
) -> list[PypiRequirement]:
    """Return requirements of a project as its sources give them; unchanged where these can't be honoured."""
    if not found:
        return []  # uv too looks at sources of direct requirements alone
    sources = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, Mapping)]
    made: list[PypiRequirement] = []
    for requirement in found:
        places = _places_of(tables, requirement, [s for s in sources if _is_for(s, requirement)], by_name)
        if places is None:
            return [*found]
        made.extend(places)
    return made


def _is_for(source: Table, requirement: PypiRequirement) -> bool:
    """Tell whether a source is for a requirement: ``extra`` and ``group`` limit it to those of one."""
    asked = next((source[key] for key in ("extra", "group") if key in source), None)
    return asked is None or pypi_name(str(asked)) == pypi_name(requirement.category)


def _places_of(
    tables: Tables, requirement: PypiRequirement, sources: Sequence[Table], by_name: Mapping[str, str]
) -> list[PypiRequirement] | None:
    """Return a requirement once for each source, on its platforms; None where one can't be honoured."""
    everywhere = frozenset(KNOWN_SUBDIRS)
    left = everywhere
    made: list[PypiRequirement] = []
    for source in sources:
        limits = _limits(tables, requirement.name, source)
        one = None if limits is None else _from_source(tables, requirement, source, by_name)
        if limits is None or one is None:
            return None
        made.append(one if limits == everywhere else replace(one, platforms=limits & left))
        left -= limits
    if left:
        made.append(requirement if left == everywhere else replace(requirement, platforms=left))
    return made


def _limits(tables: Tables, project: str | None, source: Table) -> frozenset[str] | None:
    """Return the platforms of a source; None where they can't be told, which is said."""
    marker = source.get("marker")
    if not isinstance(marker, str):
        return frozenset(KNOWN_SUBDIRS)
    try:
        limits, unsettled = platforms_of_marker(marker)
    except InvalidMarker:
        tables.fault(f"`{marker}` is not a marker", tables.places.of_text(marker))
        return None
    if unsettled:
        tables.say(
            "table-not-honoured",
            f"`tool.uv.sources.{project}`: not honoured: a marker on {listed(sorted(unsettled))}",
        )
        return None
    return limits


def _from_source(
    tables: Tables, requirement: PypiRequirement, source: Table, by_name: Mapping[str, str]
) -> PypiRequirement | None:
    """Return a requirement that comes from a source; None (and a word) where it can't."""
    project = requirement.name
    index = source.get("index")
    if isinstance(index, str):
        if index not in by_name:
            origin = tables.places.of_key(str(project))
            tables.fault(f"no `[[tool.uv.index]]` is named `{index}`", origin, did_you_mean(index, by_name))
            return None
        clean, secret = split_credentials(by_name[index])
        if secret:
            tables.draft.secrets.append(secret)
        return replace(requirement, index=clean)
    if source.get("workspace") is True and project is not None:
        tables.draft.members[project] = tables.file
        return requirement  # whether it is among the files is known when all are read
    place = _place(source)
    if place is None:
        tables.say("table-not-honoured", f"`tool.uv.sources.{project}`: not honoured: {listed(list(source))}")
        return None
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    editable = source.get("editable") is True
    head = f"{place}{extras}" if editable else f"{project}{extras} @ {place}"
    text = f"{head} ; {requirement.marker}" if requirement.marker else head
    context = PipContext(origin=requirement.origin, environ={}, category=requirement.category)
    made, secret = parse_pip_requirement(text, context, editable=editable)
    if secret:
        tables.draft.secrets.append(secret)
    return made


def _place(source: Table) -> str | None:
    subdirectory = source.get("subdirectory")
    behind = f"#subdirectory={subdirectory}" if isinstance(subdirectory, str) else ""
    for key in ("git", "url", "path"):
        value = source.get(key)
        if isinstance(value, str):
            if key != "git":
                return value + behind
            revision = next((source[key] for key in ("rev", "tag", "branch") if key in source), None)
            return f"git+{value.removeprefix('git+')}{f'@{revision}' if revision else ''}{behind}"
    return None
