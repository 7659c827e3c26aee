"""``conda-lock.yml`` -> its resolutions."""

from __future__ import annotations

from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.conda_lock.text import read_conda_lock
from lockfiles.formats.reading import LockContent, LockReadOptions


def read(text: str, file: str, options: LockReadOptions) -> LockContent:  # noqa: ARG001  (the file names all it needs)
    """Return what a conda-lock.yml of version 1 holds; raises InputError or InputErrors."""
    lock = read_conda_lock(text, file)
    return LockContent(resolutions=resolutions_of_lock(lock, file), metadata=lock.metadata)
