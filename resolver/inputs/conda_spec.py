"""A match spec of the user's, checked; what people write wrongly gets its own words."""

from __future__ import annotations

import re

from resolver.errors import InputError
from resolver.inputs.placeholders import first_placeholder, placeholder_error
from resolver.inputs.urls import is_url, split_credentials
from resolver.model.match_spec import MatchSpec, parse_match_spec
from resolver.model.names import CondaName
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.redaction import redact

_NAME = pattern(r"[a-z0-9_][a-z0-9_.\-+]*\Z")
_PIP_OPTION = pattern(r"-[A-Za-z]|--[a-z]")
_EXTRAS = pattern(r"^(?:[\w./:-]+::)?[A-Za-z0-9._-]+\s*\[\s*[A-Za-z0-9._-]+(?:\s*,\s*[A-Za-z0-9._-]+)*\s*\]")
_REVERSED = pattern(r"=[<>]|[<>]\s+=|[<>]{2}|={3}")


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
        reason = str(error).removeprefix(f"`{stripped}` is not a match spec: ")
        if reason.startswith("invalid package name"):
            reason = reason.split(": ", 1)[-1]
        build = re.fullmatch(r"`([<>=!~].*)` is no build", reason)
        hint = f"a `,` is missing before `{build[1]}`" if build else _hint(stripped)
        raise InputError(f"`{stripped}` is not a match spec: {reason}", origin, hint) from None
    problem = _misread(stripped, spec)
    if problem:
        raise InputError(f"`{stripped}` is not a match spec: {problem[0]}", origin, problem[1])
    return spec.name


def _misread(text: str, spec: MatchSpec) -> tuple[str, str | None] | None:
    """Return what is wrong with a spec that the grammar takes although nobody can mean it."""
    if not _NAME.match(spec.name):
        return f"`{spec.name}` is no package name", None
    is_file = text.split("#")[0].endswith((".conda", ".tar.bz2"))
    if is_file and spec.url is None:
        return "a package file needs its whole address", "begin it with `file:///`"
    if not is_file and not text.split("::")[-1].strip().lower().startswith(spec.name):
        return f"text before the name `{spec.name}`", None
    packages = [one.name for each in spec.when for one in each if not one.name.startswith("__")]
    if packages:
        hint = "a line's condition may name virtual packages (`__unix`, `__cuda`)"
        return f"`when` asks for `{packages[0]}`, which is settled only by the search", hint
    if spec.build is not None and re.search(r"\s", spec.build):
        return "too many words behind the name", "each requirement is an item of its own"
    if spec.build is not None and spec.build[0] in "<>=!~":
        return f"`{spec.build}` is no build", f"a `,` is missing before `{spec.build}`"
    if spec.version is not None and re.match(r"[^\s=<>!~\[]+\s+[A-Za-z_-]+\Z", text.split("::")[-1]):
        return f"`{spec.version}` is no version", "each requirement is an item of its own"
    return None


def _known_mistake(text: str) -> tuple[str, str | None] | None:
    if _PIP_OPTION.match(text):
        return f"`{text}` is an option of pip, not a match spec", "put it under `- pip:`"
    if re.match(r"(?:git|hg|svn|bzr)\+", text) or re.match(r"[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s", text):
        return f"`{redact(text)}` is a requirement of pip's, not a match spec", "put it under `- pip:`"
    variable = re.search(r"\$\{?\w+\}?", text)
    if variable:
        return (
            f"`{variable.group()}` in `{text}`: conda puts no environment variables into requirements",
            "write the value itself",
        )
    if ";" in text and "[" not in text:
        return (
            f"`{text}` has a marker, which conda doesn't know",
            "use a selector (`# [linux]`), or put it under `- pip:`",
        )
    if _EXTRAS.match(text) and "=" not in text.split("[", 1)[1].split("]", 1)[0]:
        return f"`{text}` has extras, which conda doesn't know", "put it under `- pip:`"
    return None


def _hint(text: str) -> str | None:
    from resolver.inputs.typographic import hint_of_characters

    typed = hint_of_characters(text)
    if typed:
        return typed
    bracketed = re.match(r"([\w.-]+)\s*\(\s*([<>=!~].*?)\s*\)\Z", text)
    if bracketed:
        return f"write `{bracketed[1]} {bracketed[2]}`"
    turned = re.search(r"=([<>])(?![<>=])", text)
    if turned:
        return f"`={turned[1]}` is written `{turned[1]}=`"
    if _REVERSED.search(text):
        return "the operators are `=`, `==`, `!=`, `>=`, `<=`, `>`, `<` and `~=`"
    if re.search(r"[=<>!~,|]\s*$", text):
        return "a version is missing at the end"
    return None
