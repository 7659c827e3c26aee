"""Our own content identity: a digest of what an image holds, whatever its definition looks like.

Of a lockfile it is exact: the files' hashes and the base image. A definition that
is not locked gives a digest of what it *asks for*, in one spelling; what a build
makes of it may change from day to day, so that one is only best known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lockfiles.identity.credentials import redact, redact_data, redact_variables
from lockfiles.identity.definition import EnvironmentDefinition
from lockfiles.identity.items import channel_texts, iter_items
from lockfiles.identity.normal import normal_channel, normal_image
from resolver.model.names import pypi_name
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: Name of the canonical form; grows when the form changes, so that digests of two forms never meet.
LOCKED_FORM = "lockstack-content-1"
ASKED_FORM = "lockstack-asked-1"

#: Keys of a conda file that say nothing of what is installed.
IGNORED_KEYS = frozenset({"name", "prefix"})


def locked_content(resolution: Resolution, image: str | None) -> dict[str, Any]:
    """Return the canonical content of a resolution on a base image (JSON values, every list sorted)."""
    return {
        "form": LOCKED_FORM,
        "base": normal_image(image) if image else None,
        "platform": resolution.target.subdir,
        "conda": sorted(_conda_row(pin) for pin in resolution.conda),
        "pypi": sorted(_pypi_row(pin) for pin in resolution.pypi),
    }


def _conda_row(pin: CondaPin) -> list[str]:
    record = pin.record
    digest = record.sha256 or record.md5 or redact(pin.url)
    return [record.name, record.version, record.build, digest]


def _pypi_row(pin: PypiPin) -> list[str]:
    if pin.file is not None:
        digest = pin.file.hashes.get("sha256") or redact(pin.file.url)
    else:
        place = pin.direct.url or pin.direct.path if pin.direct else None
        digest = f"{redact(place or '')}@{pin.commit or ''}"
    return [pypi_name(pin.name), pin.version, digest]


def asked_content(definition: EnvironmentDefinition) -> dict[str, Any]:
    """Return the canonical form of what a definition asks for (JSON values)."""
    conda = definition.conda or {}
    asked = [(entry.pip, item) for entry, item in iter_items(conda)]
    others = {str(key): value for key, value in conda.items() if str(key) not in IGNORED_KEYS | _READ_KEYS}
    variables = conda.get("variables")
    return {
        "form": ASKED_FORM,
        "base": normal_image(definition.image) if definition.image else None,
        "dockerfile": definition.base_dockerfile and redact(definition.base_dockerfile),
        "channels": [normal_channel(text) for text in channel_texts(conda)],
        "conda": sorted({item.text for pip, item in asked if not pip}),
        "pypi": sorted({item.text for pip, item in asked if pip and not item.is_option}),
        "pip options": [item.text for _, item in asked if item.is_option],
        "variables": dict(sorted(redact_variables(variables).items()))
        if isinstance(variables, Mapping)
        else {},
        "others": json.loads(json.dumps(redact_data(others), sort_keys=True, default=str)),
        "spark": sorted(
            json.dumps(package, sort_keys=True, default=str) for package in definition.spark_packages
        ),
    }


_READ_KEYS = frozenset({"channels", "dependencies", "variables"})


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the sha256 of a canonical form: JSON with sorted keys, no blanks, UTF-8 (64 hex digits)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
