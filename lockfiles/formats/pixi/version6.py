"""``pixi.lock``, version 6: what older pixi, rattler and conda's lockfile plugin read.

It has no place for the target's virtual packages, and names a source by its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from lockfiles.canonical import to_yaml
from lockfiles.formats.export import ExportedFile, ExportRequest
from lockfiles.formats.pixi.writing import environments_of, every_resolution, iter_packages

FORMAT_VERSION = 6


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``pixi.lock`` of version 6."""
    text = to_yaml(
        {
            "version": FORMAT_VERSION,
            "environments": environments_of(request, FORMAT_VERSION),
            "packages": list(iter_packages(every_resolution(request), FORMAT_VERSION)),
        }
    )
    return (ExportedFile(name="pixi.lock", text=text),)
