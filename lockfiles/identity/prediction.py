"""Whether a definition will reuse the image of an earlier one, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from lockfiles.difference import ChangeKind, diff_resolutions
from lockfiles.difference import Difference as PackageDifference
from lockfiles.identity.anonymous import anonymous_version
from lockfiles.identity.definition import EnvironmentDefinition
from lockfiles.identity.differences import DefinitionDifference, DifferenceKind, find_differences, service_key
from lockfiles.identity.items import iter_items
from lockfiles.identity.sdk_versions import SdkFormula, formula_for
from lockfiles.identity.secret_scan import credential_places
from resolver.model.images import split_reference
from resolver.model.names import pypi_name
from resolver.model.resolution import Resolution


class Stale(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement that a reused image answered when it was first built."""

    where: str
    text: str
    frozen: str | None = None  #: version in the image, where the earlier lockfile is known
    fresh: str | None = None  #: version that a build today brings, where a resolution is known

    def to_json(self) -> dict[str, str | None]:
        """Return the requirement as JSON values."""
        return {"where": self.where, "requirement": self.text, "frozen": self.frozen, "fresh": self.fresh}


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one definition against an earlier one.

    ``reused`` is None where it can't be told. ``packages`` is None where the two
    resolutions aren't known; with them, ``real`` is a fact instead of a reading.
    """

    new: str
    old: str
    reused: bool | None
    reason: str
    differences: tuple[DefinitionDifference, ...] = ()
    first: DefinitionDifference | None = None  #: the first one that counts for the image
    same_v2_version: bool | None = None
    packages: PackageDifference | None = None
    stale: tuple[Stale, ...] = ()

    @property
    def real(self) -> bool | None:
        """Tell whether a rebuild brings other packages; None for a reuse or where it can't be told."""
        if self.reused is not False:
            return None
        if self.packages is not None:
            return self._installs_others() or any(
                d.change in {DifferenceKind.IMAGE, DifferenceKind.CONTEXT} for d in self.differences
            )
        return any(d.counts_for_image and not d.cosmetic for d in self.differences)

    def _installs_others(self) -> bool:
        """Tell whether the resolutions hold other files; one that only moved to a mirror is the same."""
        changes = self.packages.changes if self.packages else ()
        return any(change.kind is not ChangeKind.MOVED for change in changes)

    def to_json(self) -> dict[str, object]:
        """Return the prediction as JSON values (10 keys)."""
        return {
            "new": self.new,
            "old": self.old,
            "reused": self.reused,
            "reason": self.reason,
            "first": self.first.to_json() if self.first else None,
            "real": self.real,
            "differences": [difference.to_json() for difference in self.differences],
            "same_v2_version": self.same_v2_version,
            "packages": None if self.packages is None else self.packages.to_json()["changes"],
            "stale": [stale.to_json() for stale in self.stale],
        }


def predict(
    new: EnvironmentDefinition,
    old: EnvironmentDefinition,
    *,
    new_resolution: Resolution | None = None,
    old_resolution: Resolution | None = None,
    frozen: Resolution | None = None,
    formula: SdkFormula | None = None,
) -> Prediction:
    """Return whether ``new`` reuses the image that was built for ``old``.

    Resolutions, where known, turn "asks for something else" into the packages
    that change. ``frozen`` is what the old image was built from (its lockfile):
    with it, what is stale in a reused image has two versions.
    """
    differences = find_differences(new, old)
    counting = [difference for difference in differences if difference.counts_for_image]
    packages = None
    if new_resolution is not None and old_resolution is not None:
        packages = diff_resolutions([old_resolution], [new_resolution])
    reused, reason = _verdict(new, old, counting)
    return Prediction(
        new=new.label,
        old=old.label,
        reused=reused,
        reason=reason,
        differences=differences,
        first=counting[0] if counting and reused is False else None,
        same_v2_version=_same_version(new, old, formula or formula_for()),
        packages=packages,
        stale=tuple(_stale(new, new_resolution, frozen)) if reused else (),
    )


def _verdict(
    new: EnvironmentDefinition, old: EnvironmentDefinition, counting: Sequence[DefinitionDifference]
) -> tuple[bool | None, str]:
    new_key, old_key = service_key(new), service_key(old)
    if new_key == old_key:
        if new_key[0] == "reference":
            return True, "the same registered environment"
        if new_key[0] == "remote":
            return None, "a remote build context: what it holds is not known here"
        if new_key[0] == "as-is":
            return True, "no image is built: both use the base image as it is"
        return True, "what is hashed is the same"
    if "reference" in (new_key[0], old_key[0]):
        return None, "a registered environment is referred to: its definition is not in this file"
    if "secret" in (new_key[0], old_key[0]):
        return None, "a build context holds a credential: it is not hashed"
    if "unknown" in (new_key[0], old_key[0]) and new_key[0] != old_key[0] and new_key[2:] == old_key[2:]:
        return None, "only one of them names its base image; give `--image`"
    if new_key[0] == "as-is":
        return None, "no image is built: the base image is used as it is"
    if counting:
        first = counting[0]
        return False, f"{first.where}: {first.change.value}"
    return False, "the text that is hashed differs"


def _same_version(new: EnvironmentDefinition, old: EnvironmentDefinition, formula: SdkFormula) -> bool | None:
    if new.reference or old.reference or credential_places(new) or credential_places(old):
        return None
    versions = anonymous_version(new, formula), anonymous_version(old, formula)
    return versions[0] == versions[1] if all(versions) else None


def _stale(
    new: EnvironmentDefinition, fresh: Resolution | None, frozen: Resolution | None
) -> Iterator[Stale]:
    """Yield what the first build froze: unpinned packages, and a base image without a digest."""
    if (
        new.image
        and split_reference(new.image)[2] is None
        and split_reference(new.image)[1] in {None, "latest"}
    ):
        yield Stale(where="image", text=new.image)
    for entry, item in iter_items(new.conda or {}):
        if item.pinned or item.is_option:
            continue
        was, now = (_version_of(resolution, item.name, pip=entry.pip) for resolution in (frozen, fresh))
        if was is None or was != now:
            where = "dependencies.pip" if entry.pip else "dependencies"
            yield Stale(where=where, text=entry.text, frozen=was, fresh=now)


def _version_of(resolution: Resolution | None, name: str, *, pip: bool) -> str | None:
    if resolution is None:
        return None
    conda = {pin.record.name: pin.record.version for pin in resolution.conda}
    if not pip:
        return conda.get(name)
    pypi = {str(pin.name): pin.version for pin in resolution.pypi}
    provided = resolution.provided.get(pypi_name(name))
    return pypi.get(name) or (provided[1] if provided else None)
