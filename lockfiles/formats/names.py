"""The formats that a lockfile can be written in; light, for ``--help``."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format; ``module`` has ``export(request) -> Sequence[ExportedFile]``.

    ``holds`` are ids of :data:`lockfiles.formats.losses.FEATURES`, blank-separated; None: an
    inventory or the like, which isn't read again, and of which nothing is asked.
    """

    module: str
    help: str
    holds: str | None
    needs_graph: bool = False  #: who needs whom, and what was asked for
    holds_environments: bool = False  #: several, by name, each with versions of its own


_PIXI = (
    "sources groups depends constrains licenses conda-sizes timestamps pypi-needs pypi-specifiers "
    "requires-python revisions"
)

FORMATS: dict[str, Format] = {
    "conda-lock": Format(
        "lockfiles.formats.conda_lock.text",
        "conda-lock.yml, for conda-lock and micromamba",
        "groups virtual-packages depends pypi-needs pypi-specifiers extras editable",
    ),
    "explicit": Format(
        "lockfiles.formats.explicit.writing",
        "addresses with hashes, for `conda create --file`",
        "",
    ),
    "requirements": Format(
        "lockfiles.formats.requirements.writing",
        "pip's part with --hash, for `pip install -r`",
        "extras editable",
    ),
    "pylock": Format(
        "lockfiles.formats.pylock.writing",
        "pip's part as pylock.toml (PEP 751)",
        "groups pypi-needs requires-python editable indexes revisions pypi-sizes",
        holds_environments=True,
    ),
    "pixi": Format(
        "lockfiles.formats.pixi.writing",
        "pixi.lock, version 7",
        f"{_PIXI} virtual-packages indexes",
        holds_environments=True,
    ),
    "pixi-6": Format(
        "lockfiles.formats.pixi.version6",
        "pixi.lock, version 6, for conda's lockfile plugin",
        f"{_PIXI} editable",
        holds_environments=True,
    ),
    "cyclonedx": Format(
        "lockfiles.formats.sbom.cyclonedx",
        "CycloneDX 1.6, as JSON (needs lockstack[cyclonedx])",
        None,
        needs_graph=True,
    ),
    "github": Format(
        "lockfiles.formats.sbom.github",
        "a dependency snapshot for GitHub's API, in a workflow",
        None,
        needs_graph=True,
    ),
    "environment": Format(
        "lockfiles.formats.environment", "environment.yml with every version and build", "extras editable"
    ),
}
