"""Files that are no input although people hand them in: lockfiles, recipes, Dockerfiles."""

from __future__ import annotations

import re
from pathlib import PurePath

import yaml

_COPIED = re.compile(
    r"^\s*(?:COPY|ADD)\s+(?:--\S+\s+)*(?P<source>\S+\.(?:ya?ml|txt))\s", re.IGNORECASE | re.MULTILINE
)
_FROM = re.compile(r"(?:\s*(?:#.*)?\n)*(?:ARG\s+\S+\s*\n(?:\s*(?:#.*)?\n)*)*FROM\s+\S+", re.IGNORECASE)


def foreign_text(text: str, path: str) -> tuple[str, str | None] | None:
    """Return message and hint for a text that is another kind of file, None for a possible input."""
    name = PurePath(path.replace("\\", "/")).name.lower()
    if name.startswith("dockerfile") or name.endswith(".dockerfile") or _FROM.match(text):
        copied = _COPIED.search(text)
        hint = (
            f"lock the file it copies: `{copied['source']}`"
            if copied
            else "lock the conda file that the image is built from"
        )
        return "a Dockerfile names an image and no requirements", hint
    if re.search(r"^@EXPLICIT\s*$", text, re.MULTILINE):
        return (
            "an explicit list of packages is a lockfile already",
            "lock the environment file it was made from",
        )
    if name == "pylock.toml" or (name.startswith("pylock.") and name.endswith(".toml")):
        return "pylock.toml is a lockfile already", "lock the file it was made from"
    if name in ("pixi.toml", "pipfile", "setup.py", "setup.cfg", "poetry.lock", "uv.lock"):
        return (
            f"`{name}` is not an input that can be read",
            "inputs are environment.yml, requirements.txt, pyproject.toml",
        )
    return None


def foreign_yaml(root: yaml.MappingNode) -> tuple[str, str | None] | None:
    """Return message and hint for a YAML mapping that is another kind of file."""
    keys = {key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
    if {"metadata", "package"} <= keys:
        return "a conda-lock.yml is a lockfile already", "lock the environment file it was made from"
    if {"environments", "packages"} <= keys:
        return "a pixi.lock is a lockfile already", "lock the file it was made from"
    if "requirements" in keys and {"package", "recipe", "build"} & keys and "dependencies" not in keys:
        return (
            "a conda recipe is not an environment",
            "write the requirements as `dependencies:` of an environment.yml",
        )
    return None
