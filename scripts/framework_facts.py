"""What the makers of frameworks say of their builds, read from clones: what is tested, what is published."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from resolver.model.leading_numbers import release, within
from scripts.repository_facts import Clone

TENSORFLOW = "tensorflow/docs"
TORCH = "pytorch/test-infra"
FEEDSTOCK = "conda-forge/pytorch-cpu-feedstock"
#: The page of TensorFlow that has the builds its makers tested, and a row of its table for GPUs on Linux.
_TESTED = "site/en/install/source.md"
_ROW = re.compile(r"<tr><td>tensorflow-([\d.]+)</td>((?:<td>[^<]*</td>){5})</tr>")
#: The release matrix of PyTorch: its table, and what its code adds to the table for Linux.
_MATRIX = "tools/scripts/generate_binary_build_matrix.py"
_TABLE = re.compile(r"(?ms)^CUDA_ARCHES_DICT = (\{.*?^\})")
_ADDED = re.compile(r'CUDA_ARCHES\.append\("([\d.]+)"\)')
#: The release that a recipe is of, and the CUDA of one of its builds in the name of its configuration.
_RECIPE = re.compile(r'set version = "([\d.]+)"')
_BUILD = re.compile(r"(linux|win)_64_.*cuda_compiler_version(\d+\.\d+)")
_REVISION = re.compile(r"@([0-9a-f]{7,40})\b")


def page_of_builds(clone: Clone) -> dict[str, dict[str, str]]:
    """Return release of TensorFlow -> Python, CUDA and cuDNN of the build that was tested on Linux."""
    linux = clone.show(_TESTED).partition("### Linux")[2].partition("### macOS")[0]
    found = {}
    for version, cells in _ROW.findall(linux.partition("#### GPU")[2]):
        python, _, _, cudnn, cuda = re.findall(r"<td>([^<]*)</td>", cells)
        found[version] = {"python": python, "cuda": cuda, "cudnn": cudnn}
    return found


def page_differences(clone: Clone, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield where a row of ``tensorflow_releases`` says otherwise than the page's of its minor release."""
    found = {release(version)[:2]: said for version, said in page_of_builds(clone).items()}
    for row in rows:
        said = found.get(release(row["version"])[:2])
        if said is None:
            yield f"tensorflow {row['version']}: no build that was tested stands on the page"
            continue
        for key, there in said.items():
            if row["tested"][key] != there:
                here = row["tested"][key]
                yield f"tensorflow {row['version']}: {key}: the table says {here}, the page {there}"


def published_variants(clone: Clone, revision: str) -> tuple[set[str], set[str]]:
    """Return the release's CUDA variants in the matrix at a revision, and those its code adds for Linux."""
    text = clone.show(_MATRIX, revision)
    table = _TABLE.search(text)
    listed = ast.literal_eval(table[1]).get("release", ()) if table else ()
    return set(listed), set(_ADDED.findall(text))


def variant_differences(clone: Clone, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield where a row of ``torch_releases`` says otherwise than the matrix at the revision that it cites.

    What the code of that revision adds is published where its makers say so: a row names it in its source.
    """
    for row in rows:
        cited = _REVISION.search(row["matrix"]["source"]) if _MATRIX in row["matrix"]["source"] else None
        if cited is None:
            continue
        listed, added = published_variants(clone, cited[1])
        held = set(row["matrix"].get("variants") or ())
        source = row["matrix"]["source"].partition(";")[2]
        named = {variant for variant in held - listed if re.search(rf"\b{re.escape(variant)}\b", source)}
        for variant in sorted(listed - held):
            yield f"torch {row['version']}: the matrix has CUDA {variant}, the table hasn't"
        for variant in sorted(held - listed - named):
            yield f"torch {row['version']}: the table has CUDA {variant}, the matrix hasn't"
        for variant in sorted(added - held):
            yield f"torch {row['version']}: the matrix adds CUDA {variant} for Linux, the table hasn't it"


def builds_of_conda_forge(clone: Clone) -> dict[str, dict[str, set[str]]]:
    """Return release of pytorch -> ``linux`` and ``windows`` -> CUDA versions that main was set up for.

    Commits of branches that were merged don't count: they may name what was never built.
    """
    found: dict[str, dict[str, set[str]]] = {}
    log = clone.git("log", "--first-parent", "--format=%H", "--", "recipe/meta.yaml", ".ci_support")
    for commit in log.split():
        version = _RECIPE.search(clone.show("recipe/meta.yaml", commit))
        for name in clone.files(r"^\.ci_support/", commit, ".ci_support") if version else ():
            build = _BUILD.search(name)
            if version and build:
                system = {"win": "windows"}.get(build[1], build[1])
                found.setdefault(version[1], {}).setdefault(system, set()).add(build[2])
    return found


def feedstock_differences(clone: Clone, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield where a row of ``conda_torch`` says otherwise of conda-forge; an empty list isn't known."""
    for version, said in builds_of_conda_forge(clone).items():
        row = next(
            (
                row
                for row in rows
                if row["channel"] == "conda-forge" and within(version, row["first"], row["last"])
            ),
            None,
        )
        for system, there in sorted(said.items()) if row is not None else ():
            here = set((row or {}).get(system) or ())
            if here and here != there:
                told, found = " ".join(sorted(here)), " ".join(sorted(there))
                yield f"pytorch {version}, {system}: the table says CUDA {told}, the feedstock {found}"
