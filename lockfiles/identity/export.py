"""Azure ML files from a resolution: pinned, in one order and spelling, with the lockfile beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import yaml

from lockfiles.identity.content import digest_of, locked_content
from lockfiles.identity.credentials import has_credential
from lockfiles.identity.pinned import pinned_conda
from lockfiles.identity.read import v1_sdk
from lockfiles.identity.read.v1 import CONDA_FILE, DEFINITION_FILE
from resolver.errors import InputError
from resolver.model.resolution import Resolution

#: Names of the v2 files.
ENVIRONMENT_FILE = "environment.yml"
PINNED_FILE = "conda.yml"
LOCK_FILE = "conda-lock.yml"

SCHEMA_URL = "https://azuremlschemas.azureedge.net/latest/environment.schema.json"

#: Tag that carries the content identity, and the one with the form it was taken of.
CONTENT_TAG = "lockstack.content"
FORM_TAG = "lockstack.content-form"


class ExportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What an Azure ML file says besides the packages."""

    name: str
    image: str  #: base image, best with a digest
    version: str | None = None  #: None: the service counts
    description: str | None = None
    channels: Sequence[str] = ()  #: in order of priority
    indexes: Sequence[str] = ()  #: further indexes, without credentials
    hashes: bool = False  #: pip lines with ``--hash``
    tags: Mapping[str, str] = msgspec.field(default_factory=dict)


def export_v2(resolution: Resolution, lock_text: str | None, options: ExportOptions) -> dict[str, str]:
    """Return file name -> text: a v2 environment file, the pinned conda file, and the lockfile as it is.

    Equal resolutions give equal bytes. Raises InputError for a package that only
    this machine has, and for options that hold a credential.
    """
    _check(options)
    conda = _conda(resolution, options)
    environment: dict[str, Any] = {"$schema": SCHEMA_URL, "name": options.name}
    if options.version is not None:
        environment["version"] = options.version
    if options.description:
        environment["description"] = options.description
    environment |= {
        "image": options.image,
        "conda_file": PINNED_FILE,
        "os_type": "windows" if resolution.target.operating_system == "win" else "linux",
        "tags": dict(sorted({**options.tags, **content_tags(resolution, options.image)}.items())),
    }
    files = {ENVIRONMENT_FILE: _dump(environment), PINNED_FILE: _dump(conda)}
    return files if lock_text is None else {**files, LOCK_FILE: lock_text}


def export_v1(resolution: Resolution, lock_text: str | None, options: ExportOptions) -> dict[str, str]:
    """Return file name -> text as the v1 SDK's ``save_to_directory`` lays them out."""
    _check(options)
    definition = v1_sdk.environment(options.name, image=options.image, variables={})
    if options.version is not None:
        definition["version"] = options.version
    del definition["python"]["condaDependencies"]
    files = {
        DEFINITION_FILE: json.dumps(definition, indent=4) + "\n",
        CONDA_FILE: _dump(_conda(resolution, options)),
    }
    return files if lock_text is None else {**files, LOCK_FILE: lock_text}


def content_tags(resolution: Resolution, image: str) -> dict[str, str]:
    """Return the tags that carry the content identity."""
    content = locked_content(resolution, image)
    return {CONTENT_TAG: f"sha256:{digest_of(content)}", FORM_TAG: str(content["form"])}


def _conda(resolution: Resolution, options: ExportOptions) -> dict[str, Any]:
    return pinned_conda(resolution, channels=options.channels, hashes=options.hashes, indexes=options.indexes)


def _check(options: ExportOptions) -> None:
    texts = (options.name, options.image, options.description or "", *options.channels, *options.indexes)
    if any(has_credential(text) for text in (*texts, *options.tags.values())):
        hint = "Give the feed's credentials in a workspace connection."
        raise InputError("an option holds a credential: it is not written", hint=hint)


def _dump(data: Mapping[str, Any]) -> str:
    """Return YAML in the given key order; lines are never folded, so that an item stays one line."""
    return str(
        yaml.safe_dump(dict(data), sort_keys=False, default_flow_style=False, width=2**30, allow_unicode=True)
    )
