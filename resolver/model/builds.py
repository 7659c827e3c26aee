"""What the user says of builds: what they need besides, where they run, or what they would tell."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from resolver.model.digests import sha256
from resolver.model.names import PypiName


class BuildRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules for the builds of some projects; names are normalised.

    ``extra``: requirements that a build gets besides those it asks for; ``variables``: what its environment
    holds besides the few that all builds get. ``in_place``: projects
    that are built in the environment that runs this program, as pip's ``--no-build-isolation``.
    ``metadata``: ``NAME`` or ``NAME==VERSION`` -> what it requires, by hand.
    """

    extra: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    variables: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    in_place: tuple[str, ...] = ()
    metadata: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    network: bool = False  #: backends may use the network
    timeout: float = 600.0  #: seconds for one build, its tools included

    def requires(self, name: PypiName, version: str) -> tuple[str, ...] | None:
        """Return what a release requires, as given by hand; None where nothing is given."""
        if not self.metadata:
            return None
        from packaging.utils import canonicalize_version

        asked = canonicalize_version(version)
        given = (key for key in self.metadata if key.startswith(f"{name}=="))
        found = next((key for key in given if canonicalize_version(key.partition("==")[2]) == asked), name)
        return self.metadata.get(found)

    def of_tree(self, name: PypiName | None, version: str | None) -> tuple[str, tuple[str, ...]] | None:
        """Return the version of a source tree and what it requires, as given by hand; None where that isn't.

        ``version``: the one that the tree is known to have. Where it isn't known, the only one that is
        given by hand for the project is meant.
        """
        if name is None:
            return None
        if version is None:
            versions = [key.partition("==")[2] for key in self.metadata if key.startswith(f"{name}==")]
            if len(versions) != 1:
                return None
            version = versions[0]
        requires = self.requires(name, version)
        return None if requires is None else (version, requires)

    def state_of_tree(self, name: PypiName | None) -> str:
        """Return a text that is another one where these rules make another thing of a source tree.

        Of a tree without a known name all rules count.
        """
        rules = [
            (kind, key, value)
            for kind, table in (
                ("extra", self.extra),
                ("variables", self.variables),
                ("by hand", self.metadata),
            )
            for key, value in sorted(table.items())
            if name is None or key.partition("==")[0] == name
        ]
        in_place = [found for found in self.in_place if name in (None, found)]
        if not rules and not in_place:
            return ""
        return sha256(repr((rules, sorted(in_place))).encode()).hexdigest()

    def state(self, name: PypiName | None, version: str) -> str:
        """Return a text that is another one where these rules make another thing of a release."""
        if name is None:
            return ""
        given = self.requires(name, version)
        variables = self.variables.get(name, {})
        if given is None and not variables and name not in self.extra and name not in self.in_place:
            return ""
        lines = [*self.extra.get(name, ()), f"in place: {name in self.in_place}"]
        lines += [f"{key}={value}" for key, value in sorted(variables.items())]
        text = "\n".join(lines if given is None else [*lines, "by hand:", *given])
        return sha256(text.encode()).hexdigest()
