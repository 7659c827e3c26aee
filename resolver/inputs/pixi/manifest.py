"""A pixi manifest: the environments that are asked for, else the default one with the features asked for.

The default environment has the manifest's own tables and the features that
`[environments] default` lists; any other feature comes in as a group.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from resolver.inputs.draft import Draft
from resolver.inputs.pixi.environments import (
    MAIN,
    ManifestEnvironment,
    category_of,
    chosen_environments,
    limit_of,
    offered,
    platforms_of,
    read_environments,
)
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
    except (ValueError, RecursionError) as error:
        draft.faults.add(*toml_error_place(error, file))
        return
    add_pixi(Tables(draft, text, file), document, lead="")


def add_pixi(tables: Tables, root: Table, *, lead: str) -> None:
    """Add a manifest; ``lead`` stands before the names of its tables where they are told (``tool.pixi.``).

    Without environments that are asked for, the default one is read; any other feature comes in as a group.
    """
    workspace = tables.table(root, "workspace") or tables.table(root, "project")
    features = tables.table(root, "feature")
    every = read_environments(tables, root)
    _check_features(tables, every, features)
    platforms = tables.strings(workspace.get("platforms", []), "platforms")
    tables.draft.environments.extend(offered(every, root, platforms))
    name = workspace.get("name")
    tables.draft.name = tables.draft.name or (name if isinstance(name, str) else None)
    chosen = chosen_environments(tables, every)
    if tables.draft.groups.environments:
        _add_chosen(tables, root, chosen, platforms, lead)
        _say_left_alone(tables, every, chosen)
    else:
        _add_default(tables, root, every[0], lead)
        tables.add_platforms(platforms)
    _name_the_rest(tables, root, workspace, lead)


def _add_default(tables: Tables, root: Table, default: ManifestEnvironment, lead: str) -> None:
    """Add the default environment, and the features that are asked for as groups."""
    features = tables.table(root, "feature")
    taken = []
    for name in features:
        if name in default.features:
            tables.draft.groups.groups.known.setdefault(name, name)
            taken.append(name)
        elif tables.draft.groups.groups.takes(name, tables.file):
            taken.append(name)
    _say_other_environments(tables, root)
    _add_all_channels(tables, root, taken)
    path = tuple(lead.split(".")[:-1])
    add_feature(tables, root, category=MAIN, lead=lead, path=path)
    for name in taken:
        feature = tables.table(features, name)
        category = MAIN if name in default.features else name
        own, inner = f"{lead}feature.{name}.", (*path, "feature", name)
        add_feature(tables, feature, category=category, lead=own, path=inner)
        if "platforms" in feature:
            tables.say("table-not-honoured", f"not honoured: {listed([f'{lead}feature.{name}.platforms'])}")


def _add_chosen(
    tables: Tables, root: Table, chosen: Sequence[ManifestEnvironment], platforms: Sequence[str], lead: str
) -> None:
    """Add environments that are read together; what one environment alone has is its main part."""
    features, draft, path = tables.table(root, "feature"), tables.draft, tuple(lead.split(".")[:-1])
    names = list(dict.fromkeys(name for one in chosen for name in one.features if name in features))
    has_main = any(one.has_default_feature for one in chosen)
    _add_all_channels(tables, root, names)
    tables.add_platforms(
        [
            platform
            for platform in platforms
            if any(platform in platforms_of(one, root, platforms) for one in chosen)
        ]
    )
    if has_main:
        limit = limit_of(None, chosen, root, platforms)
        add_feature(tables, root, category=MAIN, lead=lead, path=path, limit=limit)
    else:  # of a pyproject.toml, what its project asks for stands there already
        draft.conda = [line for line in draft.conda if line.category != MAIN]
        draft.pypi = [line for line in draft.pypi if line.category != MAIN]
    for name in names:
        limit = limit_of(name, chosen, root, platforms)
        own = f"{lead}feature.{name}."
        inner = (*path, "feature", name)
        add_feature(tables, features[name], category=category_of(name), lead=own, path=inner, limit=limit)
    if len(chosen) == 1:
        draft.conda = [replace(line, category=MAIN) for line in draft.conda]
        draft.pypi = [replace(line, category=MAIN) for line in draft.pypi]


def _say_other_environments(tables: Tables, root: Table) -> None:
    names = [name for name in tables.table(root, "environments") if name != "default"]
    if names:
        text = f"environments left out: {listed(names)} (`--environment NAME`, `--all-environments`)"
        tables.say("environments-left-out", text, warning=False)


def _say_left_alone(
    tables: Tables, every: Sequence[ManifestEnvironment], chosen: Sequence[ManifestEnvironment]
) -> None:
    """Say which environments of a solve-group are not read: they may get other versions."""
    for one in chosen:
        others = [
            o.name for o in every if o.solve_group and o.solve_group == one.solve_group and o not in chosen
        ]
        if others:
            tables.say(
                "solve-group-alone",
                f"`{one.name}` is locked without {listed(others)} of its solve-group, which may get other "
                "versions (`--output pixi.lock` locks all of it)",
            )


def _check_features(tables: Tables, environments: Sequence[ManifestEnvironment], features: Table) -> None:
    """Report a feature that isn't there; those of a pyproject.toml may be groups and extras too."""
    groups = tables.draft.groups
    for one in environments:
        for feature in one.features:
            if feature not in (*features, *groups.extras.known, *groups.groups.known):
                tables.fault(f"no feature `{feature}`", tables.places.of_text(feature))


def _add_all_channels(tables: Tables, root: Table, features: Sequence[str]) -> None:
    """Add channels: those of features come before the workspace's, as in pixi."""
    for name in features:
        _add_channels(tables, tables.table(root, "feature", name))
    _add_channels(tables, tables.table(root, "workspace") or tables.table(root, "project"))


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
