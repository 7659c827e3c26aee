"""What the user says by hand of a release: it stands in place of what its files say of themselves."""

from __future__ import annotations

from resolver.model.builds import BuildRules
from resolver.model.names import PypiName, pypi_name
from resolver.model.patterns import pattern
from resolver.model.records import CoreMetadata

_EXTRA = pattern(r"""\bextra\s*==\s*['"]([^'"]+)['"]""")


def given_metadata(rules: BuildRules, file_name: str) -> CoreMetadata | None:
    """Return what the user says that the release of a wheel or sdist requires; None where nothing is said."""
    if not rules.metadata:
        return None
    from resolver.metadata.file_names import parse_file_name

    parsed = parse_file_name(file_name)
    requires = None if parsed is None else rules.requires(parsed[0], parsed[1])
    return None if parsed is None or requires is None else _metadata(parsed[0], parsed[1], requires)


def given_of_tree(rules: BuildRules, name: PypiName | None, version: str | None) -> CoreMetadata | None:
    """Return what the user says that a source tree requires; None where that is not said.

    ``version``: what the tree itself says of it, if it does.
    """
    found = rules.of_tree(name, version)
    return None if found is None or name is None else _metadata(name, *found)


def _metadata(name: PypiName, version: str, requires: tuple[str, ...]) -> CoreMetadata:
    extras = {pypi_name(found) for text in requires for found in _EXTRA.findall(text)}
    return CoreMetadata(name=name, version=version, requires_dist=requires, extras=tuple(sorted(extras)))
