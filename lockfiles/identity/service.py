"""Names that the service gives: the conda environment in the image, and the image repository.

Both are best known, not documented: they reproduce every public pair of definition and name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import yaml

from resolver.errors import InputError

#: What the service puts before 32 hex digits.
PREFIX = "azureml_"

#: A conda environment's name in an image, and (with ``azureml/`` before it) an image repository.
NAME = re.compile(r"azureml_[0-9a-f]{32}(?![0-9a-f])")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
REPOSITORY = re.compile(r"azureml/azureml_[0-9a-f]{32}(?![0-9a-f])")


def canonical_conda_text(conda: Mapping[str, Any]) -> str:
    """Return the conda definition as the service hashes it: keys sorted, block style, ``name`` emptied."""
    return str(yaml.safe_dump({**conda, "name": ""}, sort_keys=True, default_flow_style=False))


def conda_environment_name(conda: Mapping[str, Any]) -> str:
    """Return the name of the conda environment inside the image, ``azureml_`` and 32 hex digits."""
    return PREFIX + hashlib.sha256(canonical_conda_text(conda).encode()).hexdigest()[:32]


def image_repository(dockerfile: str) -> str:
    """Return the image repository of a generated Dockerfile: ``azureml/azureml_`` and 32 hex digits."""
    return f"azureml/{PREFIX}{hashlib.sha256(dockerfile.encode()).hexdigest()[:32]}"


def check_digest(text: str) -> str:
    """Return the digest; raises InputError where it isn't ``sha256:`` and 64 hex digits."""
    if not _DIGEST.match(text):
        raise InputError(f"`{text[:80]}` is no digest", hint="It is `sha256:` and 64 hex digits.")
    return text
