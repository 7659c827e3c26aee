"""The formats that a lockfile can be written in; light, for ``--help``."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format; ``module`` has ``export(request) -> Sequence[ExportedFile]``."""

    module: str
    help: str
    holds_sources: bool = False  #: conda packages that are built where they are installed
    needs_graph: bool = False  #: who needs whom, and what was asked for


FORMATS: dict[str, Format] = {
    "conda-lock": Format(
        "lockfiles.formats.conda_lock.text", "conda-lock.yml, for conda-lock and micromamba"
    ),
    "explicit": Format(
        "lockfiles.formats.explicit.writing", "addresses with hashes, for `conda create --file`"
    ),
    "requirements": Format(
        "lockfiles.formats.requirements.writing", "pip's part with --hash, for `pip install -r`"
    ),
    "pylock": Format("lockfiles.formats.pylock.writing", "pip's part as pylock.toml (PEP 751)"),
    "pixi": Format("lockfiles.formats.pixi.writing", "pixi.lock, version 7", holds_sources=True),
    "pixi-6": Format(
        "lockfiles.formats.pixi.version6",
        "pixi.lock, version 6, for conda's lockfile plugin",
        holds_sources=True,
    ),
    "cyclonedx": Format(
        "lockfiles.formats.sbom.cyclonedx",
        "CycloneDX 1.6, as JSON (needs lockstack[cyclonedx])",
        needs_graph=True,
    ),
    "github": Format(
        "lockfiles.formats.sbom.github",
        "a dependency snapshot for GitHub's API, in a workflow",
        needs_graph=True,
    ),
    "environment": Format("lockfiles.formats.environment", "environment.yml with every version and build"),
}
