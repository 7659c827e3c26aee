"""Small parts of a lock, each in this process: best of nine, in milliseconds.

::

    python -m benchmarks.parts
"""

from __future__ import annotations

import time
from collections.abc import Callable

from lockfiles.formats.conda_lock.text import format_conda_lock, read_conda_lock
from lockfiles.model import CondaLock, LockedPackage, LockMetadata
from resolver.constraints.name_map import NameMap
from resolver.model.records import CondaRecord

PACKAGES = 400


def best(call: Callable[[], object], times: int = 9) -> float:
    """Return the shortest of several runs, in milliseconds."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        found.append(time.perf_counter() - started)
    return min(found) * 1000


def lockfile() -> CondaLock:
    """Return a lockfile of four hundred packages with eight dependencies each."""
    packages = tuple(
        LockedPackage(
            name=f"package-{n:03}",
            version="1.2.3",
            manager="conda",
            platform="linux-64",
            url=f"https://conda.anaconda.org/conda-forge/linux-64/package-{n:03}-1.2.3-h0_0.conda",
            hashes={"md5": f"{n:032x}", "sha256": f"{n:064x}"},
            dependencies={f"dependency-{k}": f">=1.{k},<2.0a0" for k in range(8)},
        )
        for n in range(PACKAGES)
    )
    metadata = LockMetadata(content_hash={"linux-64": "0" * 64}, platforms=("linux-64",))
    return CondaLock(metadata=metadata, packages=packages)


def main() -> None:
    """Print a line for each part."""
    lock = lockfile()
    text = format_conda_lock(lock)
    names = NameMap.load(None)
    records = [
        CondaRecord(
            name="numpy", version=f"1.{n}", build="0", build_number=0, file_name=f"numpy-1.{n}-0.conda",
            depends=("python >=3.9",),
        )
        for n in range(900)
    ]  # fmt: skip
    rows: list[tuple[str, Callable[[], object]]] = [
        (f"write a lockfile of {PACKAGES} packages", lambda: format_conda_lock(lock)),
        ("read it", lambda: read_conda_lock(text, "conda-lock.yml")),
        ("load the name map", lambda: NameMap.load(None)),
        (f"PyPI names of {len(records)} records", lambda: [*map(names.pypi_of, records)]),
    ]
    for what, call in rows:
        print(f"{what:<40} {best(call):.1f} ms")


if __name__ == "__main__":
    main()
