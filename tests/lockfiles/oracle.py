"""conda-lock itself, imported without the warnings of the libraries it carries along."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from conda_lock._vendor.conda.models import match_spec  # noqa: F401  # imported late by the others
    from conda_lock.conda_lock import render_lockfile_for_platform
    from conda_lock.content_hash import compute_content_hashes
    from conda_lock.lockfile import parse_conda_lock_file
    from conda_lock.models.channel import Channel
    from conda_lock.src_parser import make_lock_spec
    from conda_lock.src_parser.conda_common import conda_spec_to_versioned_dep
    from conda_lock.src_parser.markers import evaluate_marker
    from conda_lock.src_parser.pyproject_toml import parse_python_requirement
    from conda_lock.virtual_package import (
        default_virtual_package_repodata,
        virtual_package_repo_from_specification,
    )

__all__ = [
    "Channel",
    "compute_content_hashes",
    "conda_spec_to_versioned_dep",
    "default_virtual_package_repodata",
    "evaluate_marker",
    "make_lock_spec",
    "parse_python_requirement",
    "parse_text",
    "render_lockfile_for_platform",
    "virtual_package_repo_from_specification",
]


def parse_text(text: str, folder: Path) -> Any:
    """Return conda-lock's model of a lockfile."""
    path = folder / "conda-lock.yml"
    path.write_text(text, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse_conda_lock_file(path)
