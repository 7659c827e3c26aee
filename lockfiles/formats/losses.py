"""What a format has no place for: of the features that a lockfile has, those that are lost in writing it.

A feature is what some formats hold and others don't; the rows of :mod:`lockfiles.formats.names` say which
format holds which. ``view`` gives what is kept where it is held, to be compared after reading it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from lockfiles.formats.conda_lock.assemble import split_match_specs
from lockfiles.formats.reading import MAIN
from resolver.model.requirements import DirectKind
from resolver.model.resolution import PypiPin, Resolution

View = Callable[[Resolution], Mapping[str, Any]]


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that formats may hold; ``view`` is empty where a resolution has nothing of it."""

    id: str
    words: str  #: in the plural, or a noun without article
    view: View


def _conda(field: str) -> View:
    def view(resolution: Resolution) -> dict[str, Any]:
        pairs = ((pin.name, getattr(pin.record, field)) for pin in resolution.conda if not pin.source)
        return {name: value for name, value in pairs if value}

    return view


def _pypi(value: Callable[[PypiPin], Any]) -> View:
    def view(resolution: Resolution) -> dict[str, Any]:
        pairs = ((str(pin.name), value(pin)) for pin in resolution.pypi)
        return {name: found for name, found in pairs if found}

    return view


def _depends(resolution: Resolution) -> dict[str, Any]:
    """Return what conda packages depend on, by name: several specs of one name are one, as they all hold."""
    pairs = ((pin.name, split_match_specs(pin.record.depends)) for pin in resolution.conda)
    return {name: needs for name, needs in pairs if needs}


def _groups(resolution: Resolution) -> dict[str, Any]:
    found = {f"conda {pin.name}": pin.categories for pin in resolution.conda}
    found |= {f"pip {pin.name}": pin.categories for pin in resolution.pypi}
    return {name: categories for name, categories in found.items() if categories != {MAIN}}


def _virtual_packages(resolution: Resolution) -> dict[str, Any]:
    return {one.name: (one.version, one.build) for one in resolution.target.virtual_packages}


def _revision(pin: PypiPin) -> str | None:
    """Return the branch or tag that was asked for, of a repository whose commit is known."""
    direct = pin.direct
    is_vcs = direct is not None and direct.kind is DirectKind.VCS and direct.revision != pin.commit
    return direct.revision if direct is not None and is_vcs and pin.commit else None


def _sources(resolution: Resolution) -> dict[str, Any]:
    return {pin.name: pin.source for pin in resolution.conda if pin.source}


#: In the order in which they are named.
FEATURES = (
    Feature(id="sources", words="packages that are built from source", view=_sources),
    Feature(id="groups", words="groups", view=_groups),
    Feature(id="virtual-packages", words="the target's virtual packages", view=_virtual_packages),
    Feature(id="depends", words="what conda packages depend on", view=_depends),
    Feature(id="constrains", words="what they constrain", view=_conda("constrains")),
    Feature(id="licenses", words="licences", view=_conda("license")),
    Feature(id="conda-sizes", words="sizes of conda packages", view=_conda("size")),
    Feature(id="timestamps", words="dates of conda packages", view=_conda("timestamp")),
    Feature(
        id="pypi-needs",
        words="what pip's packages depend on",
        view=_pypi(lambda pin: frozenset(pin.dependencies)),
    ),
    Feature(
        id="pypi-specifiers",
        words="the versions that they accept",
        view=_pypi(lambda pin: {name: spec for name, spec in pin.dependencies.items() if spec}),
    ),
    Feature(
        id="requires-python",
        words="the Pythons that they accept",
        view=_pypi(lambda pin: pin.requires_python),
    ),
    Feature(id="extras", words="extras of pip's packages", view=_pypi(lambda pin: pin.extras)),
    Feature(
        id="editable",
        words="which of them are editable",
        view=_pypi(lambda pin: pin.direct is not None and pin.direct.editable),
    ),
    Feature(id="indexes", words="which index each comes from", view=_pypi(lambda pin: pin.index)),
    Feature(id="revisions", words="branches and tags of repositories", view=_pypi(_revision)),
    Feature(
        id="pypi-sizes",
        words="sizes of pip's files",
        view=_pypi(lambda pin: pin.file.size if pin.file and not pin.direct else None),
    ),
)


def losses(resolutions: Sequence[Resolution], held: frozenset[str]) -> str | None:
    """Return one line that names what the resolutions have and a format doesn't hold; None: nothing."""
    lost = [
        feature.words
        for feature in FEATURES
        if feature.id not in held and any(feature.view(resolution) for resolution in resolutions)
    ]
    if not lost:
        return None
    listed = lost[0] if len(lost) == 1 else f"{', '.join(lost[:-1])} and {lost[-1]}"
    return f"the format has no place for {listed}"
