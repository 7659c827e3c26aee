"""`[environments]` of a pixi manifest: names, features, platforms and solve-groups.

An environment has the tables at the manifest's top (the default feature) unless
`no-default-feature` is set, and those of its features. Where several are read together, as those of a
solve-group are, each feature is a category of lines, so that each environment can be told apart again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from resolver.inputs.faults import did_you_mean
from resolver.inputs.pyproject.tables import Table, Tables
from resolver.model.origin import Origin
from resolver.model.requirements import OfferedEnvironment

#: The environment that is there though nobody lists it, and the category of the tables at the top.
DEFAULT, MAIN = "default", "main"
#: So many environments of one manifest are taken.
MOST = 200


class ManifestEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table; ``features`` in order, without the default one."""

    name: str
    features: tuple[str, ...] = ()
    has_default_feature: bool = True
    solve_group: str | None = None

    @property
    def categories(self) -> frozenset[str]:
        """Categories of its lines, where several environments are read together."""
        return frozenset({*map(category_of, self.features), *([MAIN] if self.has_default_feature else [])})


def category_of(feature: str) -> str:
    """Return the category of a feature's lines; the default feature's is another one in any case."""
    return feature if feature != MAIN else f"{MAIN}-feature"


def read_environments(tables: Tables, root: Table) -> tuple[ManifestEnvironment, ...]:
    """Return the environments of a manifest, the default one first; a fault for what is none."""
    rows = tables.table(root, "environments")
    found = [] if DEFAULT in rows else [ManifestEnvironment(name=DEFAULT)]
    if len(rows) > MOST:
        tables.fault(
            f"{len(rows)} environments: at most {MOST} are taken", tables.places.of_key("environments")
        )
        return tuple(found)
    for name, value in rows.items():
        if not isinstance(value, (list, Mapping)):
            tables.fault(f"environment `{name}` is no list of features", tables.places.of_key(name))
            continue
        table = value if isinstance(value, Mapping) else {}
        group = table.get("solve-group")
        found.append(
            ManifestEnvironment(
                name=name,
                features=features_of(value),
                has_default_feature=table.get("no-default-feature") is not True,
                solve_group=group if isinstance(group, str) else None,
            )
        )
    return tuple(sorted(found, key=lambda one: one.name != DEFAULT))


def features_of(environment: Any) -> tuple[str, ...]:
    """Return the features that an environment lists, in either of its two forms."""
    value = environment.get("features", []) if isinstance(environment, Mapping) else environment
    names = (name for name in value if isinstance(name, str)) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(names))


def chosen_environments(
    tables: Tables, every: Sequence[ManifestEnvironment]
) -> tuple[ManifestEnvironment, ...]:
    """Return the environments that are asked for; a fault for one that isn't there."""
    by_name = {one.name: one for one in every}
    wanted = tables.draft.groups.environments
    for name in wanted:
        if name not in by_name:
            known = ", ".join(f"`{one}`" for one in by_name)
            hint = did_you_mean(name, by_name) or f"there are {known}"
            tables.fault(f"no environment `{name}`", Origin(file=tables.file), hint)
    return tuple(by_name[name] for name in wanted if name in by_name)


def platforms_of(environment: ManifestEnvironment, root: Table, workspace: Sequence[str]) -> tuple[str, ...]:
    """Return where an environment is for: what the workspace and all of its features name."""
    features = root.get("feature")
    found = list(workspace)
    for name in environment.features:
        table = features.get(name) if isinstance(features, Mapping) else None
        own = table.get("platforms") if isinstance(table, Mapping) else None
        if isinstance(own, list):
            found = [platform for platform in found if platform in own]
    return tuple(found)


def offered(
    every: Sequence[ManifestEnvironment], root: Table, workspace: Sequence[str]
) -> tuple[OfferedEnvironment, ...]:
    """Return the environments as what the whole input offers."""
    return tuple(
        OfferedEnvironment(
            name=one.name,
            categories=one.categories,
            platforms=platforms_of(one, root, workspace),
            solve_group=one.solve_group,
        )
        for one in every
    )


def limit_of(
    feature: str | None, chosen: Sequence[ManifestEnvironment], root: Table, workspace: Sequence[str]
) -> frozenset[str] | None:
    """Return the platforms of the environments that have a feature (None: the default one); None: all."""
    having: Collection[ManifestEnvironment] = [
        one for one in chosen if (one.has_default_feature if feature is None else feature in one.features)
    ]
    found = frozenset(p for one in having for p in platforms_of(one, root, workspace))
    every = frozenset(p for one in chosen for p in platforms_of(one, root, workspace))
    return None if found == every else found
