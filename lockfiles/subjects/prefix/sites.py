"""Where packages of Python lie in an environment."""

from __future__ import annotations

from pathlib import Path

#: Below a prefix.
_SITES = (
    "lib/python3*/site-packages",
    "lib/python3*/dist-packages",
    "lib64/python3*/site-packages",
    "lib/pypy3*/site-packages",
    "Lib/site-packages",
)


def sites_of(prefix: Path) -> list[Path]:
    """Return the folders of packages, each once however it is called (``lib64`` is often a link)."""
    found: dict[Path, Path] = {}
    for pattern in _SITES:
        for path in sorted(prefix.glob(pattern)):
            if path.is_dir():
                found.setdefault(path.resolve(), path)
    return list(found.values())
