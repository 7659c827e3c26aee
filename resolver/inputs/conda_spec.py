"""A match spec of the user's, checked; what people write wrongly gets its own words."""

from __future__ import annotations

import re

from resolver.errors import InputError
from resolver.inputs.placeholders import first_placeholder, placeholder_error
from resolver.inputs.urls import is_url, redact, split_credentials
from resolver.model.match_spec import parse_match_spec
from resolver.model.names import CondaName
from resolver.model.origin import Origin

_NAME = re.compile(r"[a-z0-9_][a-z0-9_.\-+]*\Z")
_PIP_OPTION = re.compile(r"-[A-Za-z]|--[a-z]")
_EXTRAS = re.compile(
    r"^(?:[\w./:-]+::)?[A-Za-z0-9._-]+\s*\[\s*[A-Za-z0-9._-]+(?:\s*,\s*[A-Za-z0-9._-]+)*\s*\]"
)
_REVERSED = re.compile(r"=[<>]|[<>]\s+=|[<>]{2}|={3}")


def check_match_spec(text: str, origin: Origin) -> CondaName:
    """Return the package that a match spec names.

    Raises InputError for a text that conda would refuse, with a hint where the
    mistake is a known one.
    """
    stripped = text.strip()
    if not stripped:
        raise InputError("an empty requirement", origin, "write a package's name, or take the line out")
    written = first_placeholder(stripped)
    if written:
        raise placeholder_error(written, origin)
    if is_url(stripped) and split_credentials(stripped.split("::")[0], is_channel=True)[1]:
        raise InputError(
            f"credentials in a match spec: `{redact(stripped)}`", origin, "name the address under `channels:`"
        )
    special = _known_mistake(stripped)
    if special:
        raise InputError(special[0], origin, special[1])
    try:
        spec = parse_match_spec(stripped)
    except ValueError as error:
        raise InputError(f"`{stripped}` is not a match spec: {error}", origin, _hint(stripped)) from None
    if not _NAME.match(spec.name):
        raise InputError(f"`{stripped}` is not a match spec: `{spec.name}` is no package name", origin)
    if spec.build is not None and re.search(r"\s", spec.build):
        raise InputError(
            f"`{stripped}` is not a match spec: too many words behind the name",
            origin,
            "each requirement is an item of its own",
        )
    return spec.name


def _known_mistake(text: str) -> tuple[str, str | None] | None:
    if _PIP_OPTION.match(text):
        return f"`{text}` is an option of pip, not a match spec", "put it under `- pip:`"
    if re.match(r"(?:git|hg|svn|bzr)\+", text) or re.match(r"[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s", text):
        return f"`{redact(text)}` is a requirement of pip's, not a match spec", "put it under `- pip:`"
    if ";" in text and "[" not in text:
        return (
            f"`{text}` has a marker, which conda doesn't know",
            "use a selector (`# [linux]`), or put it under `- pip:`",
        )
    if _EXTRAS.match(text) and "=" not in text.split("[", 1)[1].split("]", 1)[0]:
        return f"`{text}` has extras, which conda doesn't know", "put it under `- pip:`"
    return None


def _hint(text: str) -> str | None:
    if _REVERSED.search(text):
        return "the operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`"
    if re.search(r"[=<>!~,|]\s*$", text):
        return "a version is missing at the end"
    return None
