"""conda archives that a lockfile names by a path (``conda: ./pkgs/a-1.0-h0_0.conda``): of no channel."""

from __future__ import annotations

import os.path
from pathlib import Path

from resolver.model.channels import Channel
from resolver.model.platforms import KNOWN_SUBDIRS

#: Stands where a channel does.
FILES = Channel(name="(file)", base_url="")


def is_path(url: str) -> bool:
    """Tell whether an archive is named by a path, of the lockfile's folder or absolute."""
    return bool(url) and "://" not in url and not url.startswith("file:")


def subdir_of(url: str, told: str | None, otherwise: str) -> str:
    """Return the subdir of such an archive: as told, else its folder's name where that is one."""
    folder = url.replace("\\", "/").rpartition("/")[0].rpartition("/")[2]
    return told or (folder if folder in (*KNOWN_SUBDIRS, "noarch") else otherwise)


def as_address(url: str, folder: Path) -> str:
    """Return the address of such an archive; ``folder``: the lockfile's, from the root."""
    return Path(os.path.normpath(folder / url)).as_uri()
