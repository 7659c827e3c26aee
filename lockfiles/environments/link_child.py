"""Run as a program of its own: link conda packages into a folder (py-rattler).

``python link_child.py REQUEST_FILE``: a JSON object with ``prefix``, ``final`` (the path that the files
are to name), ``platform``, ``cache``, ``packages`` (``path``, ``sha256``), ``same`` (file names of records
that stay), ``ignored`` and ``reinstall`` (names). It imports nothing of this project, so that it runs from
its file alone, and leaves by ``os._exit``: py-rattler's threads abort at an interpreter's ordinary end.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from resolver.errors import iter_causes


async def link(request: dict[str, Any]) -> None:
    """Link the packages; raises what py-rattler raises, ValueError for an archive that was exchanged."""
    from rattler import PackageCache, PrefixRecord, RepoDataRecord, Subdir, ValidationMode, install

    prefix = Path(request["prefix"])
    wanted: list[RepoDataRecord] = [
        PrefixRecord.from_path(prefix / "conda-meta" / name) for name in request["same"]
    ]
    for package in request["packages"]:
        try:
            record = await RepoDataRecord.from_package_archive(package["path"])
        except Exception as error:
            raise ValueError(f"{package['path']} is no package") from error
        found = (record.sha256 or b"").hex()
        if found != package["sha256"]:
            raise ValueError(f"{package['path']} changed while it was read: its sha256 is {found}")
        wanted.append(record)
    await install(
        wanted,
        prefix,
        package_cache=PackageCache.new_layered([request["cache"]], validation_mode=ValidationMode.full()),
        reinstall_packages=set(request["reinstall"]),
        ignored_packages=set(request["ignored"]),
        platform=Subdir(request["platform"]),
        execute_link_scripts=False,
        show_progress=False,
        alternative_target_prefix=request["final"],
    )


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 done, 3 it can't be done (the reason is the last line of stderr)."""
    try:
        asyncio.run(link(json.loads(Path(arguments[0]).read_text("utf-8"))))
    except Exception as error:
        causes = [str(cause) or type(cause).__name__ for cause in iter_causes(error)]
        sys.stderr.write(": ".join(dict.fromkeys(causes)).replace("\n", " ") + "\n")
        return 3
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
