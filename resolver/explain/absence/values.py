"""What is not there at all, as values; and the words that its causes share."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from resolver.errors import LockstackError
from resolver.explain.budget import Meter
from resolver.explain.members import Bench
from resolver.model.choices import StrEnum
from resolver.model.match_spec import version_spec_matches
from resolver.model.names import PypiName


class AbsenceKind(StrEnum):
    """Why nothing is there."""

    UNKNOWN = "unknown-name"
    OTHER_CHANNEL = "other-channel"
    OTHER_PLATFORM = "other-platform"
    ONLY_PYPI = "only-pypi"
    ONLY_CONDA = "only-conda"
    HIDDEN = "channel-priority"
    DATE = "exclude-newer"
    YANKED = "yanked"
    NO_FILE = "no-file"
    VIRTUAL = "virtual-package"
    NO_VERSION = "no-version"
    NO_BUILD = "no-build"
    LOCAL = "local-version"
    EMPTY = "empty-range"
    QUARANTINED = "quarantined"


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, in words, with what could be used in place.

    ``values``: names that may have been meant, channels or platforms that have it, versions that there are.
    ``platforms``: of a file that doesn't fit, the well-known platforms that have one.
    """

    kind: AbsenceKind
    message: str
    values: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()


#: Platforms that are looked at where the target's own has nothing.
PLATFORMS = ("linux-64", "osx-arm64", "osx-64", "win-64", "linux-aarch64")


def range_words(versions: Sequence[str]) -> str:
    """Return ``is only 1.0`` or ``are 1.0 to 2.3``; ``versions`` is ascending."""
    if not versions:
        return "is none"
    if len(versions) == 1:
        return f"is only {versions[0]}"
    return f"are {versions[0]} to {versions[-1]}"


def lacking_words(name: str, where: str) -> str:
    """Return that a project isn't there; ``where`` it was looked for, empty: nowhere."""
    return f"no project `{name}` on {where}" if where else f"no index is asked for `{name}` (`--no-index`)"


def nearest_words(versions: Sequence[str], asked: str) -> str:
    """Return ``, nearest 1.2 and 1.4``: the versions around the first one that a spec names."""

    def key(text: str) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", text)]

    literal = re.search(r"\d[\w.]*", asked)
    if literal is None or len(versions) < 3:
        return ""
    below = [v for v in versions if key(v) <= key(literal.group())]
    above = [v for v in versions if key(v) > key(literal.group())]
    around = [*below[-1:], *above[:1]]
    if set(around) <= {versions[0], versions[-1]}:
        return ""
    return f", nearest {' and '.join(around)}"


def index_has(bench: Bench, name: PypiName, version: str | None, meter: Meter) -> bool:
    """Tell whether the package index has a project (and one of its files is of a conda version spec).

    An index that fails is noted on the meter; it has nothing then.
    """
    meter.count(f"project {name}")
    try:
        page = bench.indexes.project(name)
    except LockstackError as error:
        meter.failures.append(error)
        return False
    if page is None or not page.files:
        return False
    return version is None or any(version_spec_matches(version, v) for v in {f.version for f in page.files})
