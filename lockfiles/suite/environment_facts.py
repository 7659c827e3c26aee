"""What a lockfile says of an environment, and what is installed there. Nothing is imported to find out."""

import json
import platform
import re
import sys
from pathlib import Path
from typing import Any, Dict, Iterable, List, Set, Tuple

_SYSTEMS = {"linux": "linux", "darwin": "osx", "win32": "win"}
_MACHINES = {"x86_64": "64", "amd64": "64", "i686": "32", "arm64": "arm64", "aarch64": "aarch64"}
#: Folders beside packages that are no packages, though files lie in them.
_NO_MODULES = {"bin", "docs", "doc", "examples", "example", "include", "share", "test", "tests", "benchmarks"}
_MODULE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\.py|(?:\.[\w-]+)?\.(?:so|pyd))$")
_SITE = re.compile(r"(?:^|.*/)(?:site|dist)-packages/")


def this_platform() -> str:
    """Return conda's name of the platform that this Python runs on."""
    machine = platform.machine().lower()
    return "{}-{}".format(_SYSTEMS.get(sys.platform, sys.platform), _MACHINES.get(machine, machine))


def read_locked(path: Path) -> Dict[str, Any]:
    """Return what a ``locked.json`` holds for this platform; empty where it holds nothing for it."""
    found: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["platforms"].get(this_platform(), {})
    return found


def conda_packages(prefix: Path) -> Dict[str, Dict[str, Any]]:
    """Return name -> record of the conda packages of an environment."""
    records = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(prefix.glob("conda-meta/*.json"))
    ]
    return {record["name"]: record for record in records}


def modules_of(files: Iterable[str]) -> List[str]:
    """Return what a package's files let one import: names without a package above them, sorted.

    ``files`` are paths below ``site-packages``, or any that hold such a folder. A folder without an
    ``__init__.py`` is no package of its own: of ``google/protobuf`` that is ``google.protobuf``.
    """
    packages: Set[Tuple[str, ...]] = set()
    modules: Set[str] = set()
    for name in files:
        parts = _SITE.sub("", name.replace("\\", "/")).split("/")
        if parts[-1] == "__init__.py" and len(parts) > 1:
            packages.add(tuple(parts[:-1]))
        elif len(parts) == 1 and _MODULE.match(parts[0]):
            modules.add(parts[0].split(".")[0])
    for package in packages:
        is_inside = any(package[:count] in packages for count in range(1, len(package)))
        is_named = all(part.isidentifier() and not part.startswith("_") for part in package)
        if is_named and not is_inside and package[0].lower() not in _NO_MODULES:
            modules.add(".".join(package))
    return sorted(modules)
