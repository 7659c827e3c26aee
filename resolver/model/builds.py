"""What the user says of builds: what they need besides, where they run, or what they would tell."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from resolver.model.names import PypiName


class BuildRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules for the builds of some projects; names are normalised.

    ``extra``: requirements that a build gets besides those it asks for. ``in_place``: projects
    that are built in the environment that runs this program, as pip's ``--no-build-isolation``.
    ``metadata``: ``NAME`` or ``NAME==VERSION`` (no zeros at its end) -> what it requires, by hand.
    """

    extra: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    in_place: tuple[str, ...] = ()
    metadata: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    network: bool = False  #: backends may use the network
    timeout: float = 600.0  #: seconds for one build, its tools included

    def requires(self, name: PypiName, version: str) -> tuple[str, ...] | None:
        """Return what a release requires, as given by hand; None where nothing is given."""
        from packaging.utils import canonicalize_version

        found = self.metadata.get(f"{name}=={canonicalize_version(version)}")
        return self.metadata.get(name) if found is None else found

    def state(self, name: PypiName | None, version: str) -> str:
        """Return a text that is another one where these rules make another thing of a release."""
        if name is None:
            return ""
        given = self.requires(name, version)
        if given is None and name not in self.extra and name not in self.in_place:
            return ""
        lines = [*self.extra.get(name, ()), f"in place: {name in self.in_place}"]
        text = "\n".join(lines if given is None else [*lines, "by hand:", *given])
        return hashlib.sha256(text.encode()).hexdigest()
