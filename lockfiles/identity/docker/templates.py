"""A workspace's own Dockerfile text, without the two parts that vary, in the user's configuration folder.

The text is the service's and comes from the user's workspace: this project holds
none of it. A stored template has been proved on an image name of that workspace.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from lockfiles.files import read_text, write_text
from lockfiles.identity.credentials import has_credential
from resolver.errors import InputError, OutputError
from resolver.model.json_text import load_json
from resolver.model.origin import Origin

SCHEMA = "lockstack-template-1"

#: Names of the two parts that vary.
BASE, CONDA = "base", "conda"

_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}\Z")


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """An image name that the template reproduced when it was taken."""

    image: str  #: ``azureml/azureml_<32 hex>``
    base: str  #: the base reference in the form that was hashed
    conda: str  #: ``azureml_<32 hex>``


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The generated Dockerfile with two slots.

    ``parts`` are pieces of text and the slots ``base`` and ``conda`` between
    them; ``digests`` are those of base images that the log showed.
    """

    workspace: str
    parts: tuple[tuple[str, str], ...] = field(repr=False)  #: (``text``, the text) or (``slot``, its name)
    digests: Mapping[str, str] = field(default_factory=dict)  #: base reference with tag -> ``sha256:...``
    proofs: tuple[Proof, ...] = ()

    def render(self, base: str, conda: str) -> str:
        """Return the Dockerfile text for a base reference and a conda environment's name."""
        values = {BASE: base, CONDA: conda}
        return "".join(values[text] if kind == "slot" else text for kind, text in self.parts)


def make_parts(dockerfile: str, base: str, conda: str) -> tuple[tuple[str, str], ...]:
    """Return a Dockerfile's parts: slots for its first base reference and each mention of the environment."""
    head, text = dockerfile.split(base, 1)
    parts: list[tuple[str, str]] = [("text", head), ("slot", BASE)]
    for index, piece in enumerate(text.split(conda)):
        if index:
            parts.append(("slot", CONDA))
        if piece:
            parts.append(("text", piece))
    return tuple(part for part in parts if part[1])


def check_workspace(name: str) -> str:
    """Return the name; raises InputError for one that Azure ML doesn't allow (it becomes a file's name)."""
    if not _WORKSPACE.match(name):
        hint = "Letters, digits, `-` and `_`; the first one a letter or a digit."
        raise InputError(f"`{name[:80]}` is no workspace name", hint=hint)
    return name


def template_path(folder: Path, workspace: str) -> Path:
    """Return where a workspace's template is stored below the configuration folder."""
    return folder / "azureml" / f"{check_workspace(workspace)}.json"


def write_template(folder: Path, template: Template) -> Path:
    """Store a template and return its path; what an earlier calibration learned of digests and proofs stays.

    Raises InputError where the text holds a credential, OutputError where the folder can't be written.
    """
    if any(has_credential(text) for _, text in template.parts):
        hint = "Take the custom step with the credential out of the environment, and build again."
        raise InputError("the Dockerfile text holds a credential: it is not stored", hint=hint)
    path = template_path(folder, template.workspace)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(path.parent), error.strerror or str(error)) from None
    digests, proofs = dict(template.digests), list(template.proofs)
    if path.is_file():
        earlier = read_template(folder, template.workspace)
        if earlier.parts == template.parts:
            digests = {**earlier.digests, **digests}
            proofs = [*(proof for proof in earlier.proofs if proof not in proofs), *proofs]
    data = {
        "schema": SCHEMA,
        "workspace": template.workspace,
        "parts": [{kind: text} for kind, text in template.parts],
        "digests": dict(sorted(digests.items())),
        "proofs": [{"image": p.image, "base": p.base, "conda": p.conda} for p in proofs],
    }
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    return path


def read_template(folder: Path, workspace: str) -> Template:
    """Return a stored template; raises InputError where there is none, or the file is damaged."""
    path = template_path(folder, workspace)
    if not path.is_file():
        known = ", ".join(list_workspaces(folder)) or "none"
        hint = f"Calibrate first: `lock hash --calibrate LOG --workspace {workspace}`. Calibrated: {known}."
        raise InputError(f"the workspace `{workspace}` is not calibrated", hint=hint)
    try:
        return _template(load_json(read_text(path)))
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "Delete it and calibrate again."
        raise InputError("a damaged template", Origin(file=str(path)), hint) from None


def _template(data: Any) -> Template:
    if data["schema"] != SCHEMA:
        raise ValueError(data["schema"])
    parts = tuple((str(kind), str(text)) for part in data["parts"] for kind, text in part.items())
    if {text for kind, text in parts if kind == "slot"} != {BASE, CONDA}:
        raise ValueError("slots")
    return Template(
        workspace=str(data["workspace"]),
        parts=parts,
        digests={str(key): str(value) for key, value in data["digests"].items()},
        proofs=tuple(Proof(image=p["image"], base=p["base"], conda=p["conda"]) for p in data["proofs"]),
    )


def list_workspaces(folder: Path) -> tuple[str, ...]:
    """Return the calibrated workspaces by name."""
    try:
        return tuple(sorted(path.stem for path in (folder / "azureml").glob("*.json")))
    except OSError:
        return ()
