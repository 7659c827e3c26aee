"""A pixi manifest: one environment of it, the default one with the features asked for.

The default environment has the manifest's own tables and the features that
`[environments] default` lists; any other feature comes in as a group.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from resolver.inputs.draft import Draft
from resolver.inputs.pixi.feature import IDLE_KEYS, TABLES, add_feature
from resolver.inputs.pyproject.tables import Table, Tables, listed
from resolver.inputs.toml_places import toml_error_place

#: Keys of `[workspace]` with a reader, and those that change no answer.
_WORKSPACE = frozenset({"channels", "platforms", "name"})
_IDLE_WORKSPACE = frozenset(
    {"version", "description", "authors", "license", "license-file", "readme", "homepage", "repository"}
    | {
        "documentation",
        "conda-pypi-map",
        "preview",
        "requires-pixi",
        "build-variants",
        "build-variants-files",
    }
)
_SETTINGS = {
    "channel-priority": "channel-priority",
    "exclude-newer": "exclude-newer",
    "s3-options": "",
    "solve-strategy": "resolution",
}


def add_pixi_toml(draft: Draft, text: str, file: str) -> None:
    """Add a pixi.toml to the draft."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        draft.faults.add(*toml_error_place(error, file))
        return
    add_pixi(Tables(draft, text, file), document, lead="")


def add_pixi(tables: Tables, root: Table, *, lead: str) -> None:
    """Add a manifest; ``lead`` stands before the names of its tables where they are told (``tool.pixi.``)."""
    workspace = tables.table(root, "workspace") or tables.table(root, "project")
    features = tables.table(root, "feature")
    environments = tables.table(root, "environments")
    _check_environments(tables, environments, features)
    own = _features_of(environments.get("default"))
    taken = []
    for name in features:
        if name in own:
            tables.draft.groups.groups.known.setdefault(name, name)
            taken.append(name)
        elif tables.draft.groups.groups.takes(name, tables.file):
            taken.append(name)
    for name in taken:  # their channels come before the workspace's, as in pixi
        _add_channels(tables, tables.table(features, name))
    _add_channels(tables, workspace)
    tables.add_platforms(tables.strings(workspace.get("platforms", []), "platforms"))
    workspace_name = workspace.get("name")
    tables.draft.name = tables.draft.name or (workspace_name if isinstance(workspace_name, str) else None)
    add_feature(tables, root, category="main", lead=lead)
    for name in taken:
        feature = tables.table(features, name)
        add_feature(tables, feature, category="main" if name in own else name, lead=f"{lead}feature.{name}.")
        if "platforms" in feature:
            tables.say("table-not-honoured", f"not honoured: {listed([f'{lead}feature.{name}.platforms'])}")
    _name_the_rest(tables, root, workspace, lead)


def _features_of(environment: Any) -> tuple[str, ...]:
    """Return the features that an environment lists, in either of its two forms."""
    value = environment.get("features", []) if isinstance(environment, Mapping) else environment
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _check_environments(tables: Tables, environments: Table, features: Table) -> None:
    """Report an environment that is none; one of a pyproject.toml may list groups and extras too."""
    groups = tables.draft.groups
    for name, value in environments.items():
        if not isinstance(value, (list, Mapping)):
            tables.fault(f"environment `{name}` is no list of features", tables.places.of_key(name))
        for feature in _features_of(value):
            if feature not in (*features, *groups.extras.known, *groups.groups.known):
                tables.fault(f"no feature `{feature}`", tables.places.of_text(feature))


def _add_channels(tables: Tables, table: Table) -> None:
    """Add channels, those with a higher ``priority`` first."""
    value = table.get("channels", [])
    if not isinstance(value, list):
        tables.strings(value, "channels")
        return
    ranked: list[tuple[int, str]] = []
    for item in value:
        channel = item.get("channel") if isinstance(item, Mapping) else item
        priority = item.get("priority", 0) if isinstance(item, Mapping) else 0
        if not isinstance(channel, str) or not isinstance(priority, int):
            tables.fault("an item of `channels` is no channel", tables.places.of_key("channels"))
            continue
        ranked.append((-priority, channel))
    known = {channel.text for channel in tables.draft.channels}
    in_order = [channel for _, channel in sorted(ranked, key=lambda pair: pair[0])]
    tables.add_channels([channel for channel in in_order if channel not in known])


def _name_the_rest(tables: Tables, root: Table, workspace: Table, lead: str) -> None:
    known = {"workspace", "project", "feature", "environments", *TABLES, *IDLE_KEYS}
    left = [f"{lead}{key}" for key in root if key not in known and root[key]]
    if left:
        tables.say("table-not-honoured", f"not honoured: {listed(left)}")
    settings = [key for key in workspace if key not in _WORKSPACE | _IDLE_WORKSPACE]
    if settings:
        known_here = [name for key in settings if (name := _SETTINGS.get(key))]
        hint = f" (settings of lockstack.toml: {listed(known_here)})" if known_here else ""
        names = [f"{lead}workspace.{key}" for key in settings]
        tables.say("table-not-honoured", f"not honoured: {listed(names)}{hint}")
