"""The records of a large synthetic channel: the sample's conda-forge, and filler around it.

Everything is drawn from generators seeded with text, so that the same number of records is
the same records on every machine; the records of one name at a time are made.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.make_sample import ensure_sample

_EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SAMPLE = _EXAMPLES / "sample" / "conda"
CHANNEL = "conda-forge"
#: share of the records; conda-forge's own is near it
SHARES = {"linux-64": 0.7, "noarch": 0.3}

Record = dict[str, Any]
Group = dict[str, Record]  #: the records of one name, by file name

_FIRST = (
    "py", "python-", "lib", "r-", "perl-", "rust-", "go-", "azure-", "google-cloud-", "aws-", "types-",
    "pytest-", "jupyter-", "sphinx-", "django-", "flask-", "ros-", "qt6-", "xorg-", "gst-", "", "", "", "",
)  # fmt: skip
_MIDDLE = (
    "array", "atlas", "audio", "batch", "beam", "bio", "block", "cache", "chem", "cloud", "cluster",
    "codec", "color", "config", "core", "crypto", "curve", "data", "delta", "disk", "event", "field",
    "flow", "font", "frame", "gene", "geo", "graph", "grid", "hash", "image", "index", "kernel", "label",
    "layer", "lattice", "lens", "linear", "loader", "log", "map", "matrix", "mesh", "metric", "model",
    "net", "node", "optic", "orbit", "parser", "path", "pixel", "plot", "pool", "proto", "quant", "query",
    "queue", "ray", "render", "sample", "scan", "schema", "seq", "shape", "signal", "spark", "sparse",
    "spectra", "stat", "stream", "table", "tensor", "text", "tile", "token", "trace", "tree", "vector",
    "wave",
)  # fmt: skip
_LAST = ("", "", "", "-core", "-utils", "-tools", "-client", "-base", "kit", "lib", "io", "x", "-cli", "2")
_PYTHONS = ("39", "310", "311", "312", "313")
#: bounds as conda-forge's compilers and pins write them
_LIBRARIES = (
    "__glibc >=2.17,<3.0.a0", "libgcc >=13", "libstdcxx >=13", "libzlib >=1.3.1,<2.0a0",
    "openssl >=3.3.1,<4.0a0", "libcurl >=8.9.1,<9.0a0", "libsqlite >=3.46.0,<4.0a0",
    "zstd >=1.5.6,<1.6.0a0", "libpng >=1.6.43,<1.7.0a0",
)  # fmt: skip
_PYTHON_LIBRARIES = (
    "numpy >=1.19,<3", "packaging", "python-dateutil >=2.8.2", "six", "setuptools", "tqdm >=4.60",
    "certifi", "pandas >=1.5", "scipy >=1.9", "typing_extensions >=4.6",
)  # fmt: skip


def make_groups(subdir: str, count: int) -> Iterator[tuple[str, Group]]:
    """Yield (name, records) for ``count`` records of a subdir, the sample's among them; names sorted.

    Names are drawn first (some 30 bytes each), records when their turn comes.
    """
    ensure_sample()
    own = _sample_groups(subdir)
    left = count - sum(map(len, own.values()))
    # Text seeds a generator alike on every machine and Python; `hash` would not.
    draw = random.Random(f"names {subdir}")  # noqa: S311
    taken, plan = set(own) | _sample_names(), []
    while left > 0:
        size = min(left, max(1, round(draw.paretovariate(1.1) * 6)), 400)
        name = _draw_name(draw, taken)
        plan.append((name, size))
        left -= size
    names = [name for name, _ in plan]
    sizes = dict(plan)
    for name in sorted([*own, *names]):
        if name in own:
            yield name, own[name]
        else:
            yield name, _filler_group(name, sizes[name], names, subdir)


def _sample_groups(subdir: str) -> dict[str, Group]:
    data = json.loads((SAMPLE / CHANNEL / subdir / "repodata.json").read_text(encoding="utf-8"))
    groups: dict[str, Group] = {}
    for kind in ("packages", "packages.conda"):
        for file, record in data[kind].items():
            groups.setdefault(record["name"], {})[file] = record
    return groups


def _sample_names() -> set[str]:
    """Every name that the sample has or mentions, so that filler can't touch a solution.

    Those of its index too: a conda package counts as the project of the same name.
    """
    names = {folder.name for folder in (_EXAMPLES / "sample" / "pypi").iterdir()}
    for subdir in SHARES:
        for name, group in _sample_groups(subdir).items():
            names.add(name)
            for record in group.values():
                names |= {text.split()[0] for text in [*record["depends"], *record.get("constrains", [])]}
    return names


def _draw_name(draw: random.Random, taken: set[str]) -> str:
    while True:
        name = draw.choice(_FIRST) + draw.choice(_MIDDLE) + draw.choice(("", "-", "_")) + draw.choice(_MIDDLE)
        name += draw.choice(_LAST)
        if name not in taken:
            taken.add(name)
            return name


def _filler_group(name: str, size: int, names: list[str], subdir: str) -> Group:
    """Return ``size`` records: versions that grow, and for each a build a Python, or one or two."""
    draw = random.Random(name)  # noqa: S311
    pure = subdir == "noarch"
    variants = ("",) if pure or draw.random() < 0.5 else draw.choice((_PYTHONS, _PYTHONS[1:], _PYTHONS[:4]))
    depends = _shared_depends(draw, names, pure=pure, python=pure or len(variants) > 1)
    version, group = [draw.randint(0, 3), draw.randint(0, 9), 0], Group()
    number, moment = 0, 1_500_000_000_000 + draw.randrange(10**11)
    while len(group) < size:
        for variant in variants[: size - len(group)]:
            record = _filler_record(draw, name, version, variant, number, depends, subdir, moment)
            # Older packages come in the older format.
            kind = "tar.bz2" if moment < 1_600_000_000_000 else "conda"
            group[f"{name}-{record['version']}-{record['build']}.{kind}"] = record
        moment += draw.randrange(10**9, 2 * 10**10)
        if draw.random() < 0.3:
            number += 1  # rebuilt
        else:
            part, number = draw.choice((0, 1, 1, 2, 2, 2, 2)), 0
            version = [*version[:part], version[part] + 1, *[0] * (2 - part)]
    return group


def _shared_depends(draw: random.Random, names: list[str], *, pure: bool, python: bool) -> list[str]:
    depends = draw.sample(_PYTHON_LIBRARIES, draw.randint(0, 3)) if python else []
    if not pure:
        depends += draw.sample(_LIBRARIES, draw.randint(1, 5))
    for other in draw.choices(names, k=draw.randint(0, 5)):
        low = draw.randint(0, 4)
        depends.append(draw.choice((other, f"{other} >=0.{low}", f"{other} >=0.{low},<{low + 1}.0a0")))
    return depends


def _filler_record(
    draw: random.Random, name: str, version: list[int], variant: str, number: int, depends: list[str],
    subdir: str, moment: int,
) -> Record:  # fmt: skip
    text = ".".join(map(str, version))
    seed = hashlib.sha256(f"{name} {text} {variant} {number} {subdir}".encode()).hexdigest()
    noarch = subdir == "noarch"
    build = f"pyhd8ed1ab_{number}" if noarch else f"{'py' if variant else ''}{variant}h{seed[:7]}_{number}"
    record = {
        "build": build, "build_number": number,
        "depends": sorted([*depends, *_python_depends(variant, noarch=noarch)]),
        "license": "BSD-3-Clause", "md5": seed[:32], "name": name, "sha256": seed[::-1],
        "size": draw.randrange(10_000, 50_000_000), "subdir": subdir, "timestamp": moment, "version": text,
    }  # fmt: skip
    return record | {"noarch": "python"} if noarch else record


def _python_depends(variant: str, *, noarch: bool) -> list[str]:
    if not variant:
        return ["python >=3.8"] if noarch else []
    minor = int(variant[1:])
    return [f"python >=3.{minor},<3.{minor + 1}.0a0", f"python_abi 3.{minor}.* *_cp{variant}"]
