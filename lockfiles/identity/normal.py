"""One spelling for each meaning: conda match specs, pip requirement lines, channels, image references.

Two texts with one normal form ask for the same thing. The reverse needs a
resolution: two forms may differ and still be met by the same build.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from lockfiles.identity.credentials import redact
from resolver.model.images import split_reference
from resolver.model.match_spec import parse_match_spec
from resolver.model.names import pypi_name
from resolver.model.version_forms import one_form

_BLANKS = re.compile(r"\s+")
_FUZZY = re.compile(r"(?:=(?P<prefix>[^=<>!~*]+?)(?:\.?\*)?|(?P<glob>[^=<>!~*]+?)\.\*)\Z")
_EXACT = re.compile(r"(?:={2,3})?(?P<version>[^=<>!~*]+)\Z")

#: A version with this many numeric parts names one release: ``=1.26.4`` and ``==1.26.4`` then mean the same.
_FULL_PARTS = 3

#: Short names of pip's options.
_OPTIONS = {
    "-i": "--index-url",
    "-f": "--find-links",
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
}

#: A pip comment: at the start of the line, or behind a blank.
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_HASH_OPTION = re.compile(r"\s--hash[= ](\S+)")
#: A name with extras, and the one version that will do: nearly all lines of what was locked.
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_PLAIN = re.compile(
    rf"(?P<name>{_NAME})(?:\[(?P<extras>{_NAME}(?:,{_NAME})*)\])?"
    r"(?:==(?P<version>[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc|\.post)[0-9]+)?))?"
)
#: The file of an sdist: its name ends with a version.
_SDIST = re.compile(r"-\d[^/-]*\.(?:tar\.gz|tar\.bz2|tgz|zip)$")
_CONDA_HOSTS = ("https://conda.anaconda.org/", "http://conda.anaconda.org/")


class NormalItem(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement in its one spelling.

    ``key`` is what it is about (``conda:numpy``, ``pip:numpy``, ``option:--index-url``);
    ``pinned``: no two releases satisfy it; ``versioned``: it says anything of the version.
    """

    key: str
    text: str
    name: str
    pinned: bool = False
    versioned: bool = False

    @property
    def is_option(self) -> bool:
        """Tell whether this is an option of pip, not a package."""
        return self.key.startswith("option:")


@lru_cache(maxsize=20_000)
def normal_conda(text: str) -> NormalItem:
    """Return a match spec's normal form; text that conda can't read keeps its letters, blanks collapsed."""
    text = _strip(text)
    try:
        spec = parse_match_spec(text)
    except ValueError:
        return NormalItem(key=f"conda:{text.lower()}", text=redact(text), name=text)
    version = _normal_version(spec.version)
    parts = [f"{normal_channel(spec.channel)}::{spec.name}" if spec.channel else spec.name]
    parts += [version or "*"] if version or spec.build else []
    parts += [spec.build] if spec.build else []
    extra = {"subdir": spec.subdir, "build_number": spec.build_number, "md5": spec.md5, "sha256": spec.sha256}
    extra |= {"fn": spec.file_name, "url": redact(spec.url) if spec.url else None, **dict(spec.extra_fields)}
    parts += [f"{name}={value}" for name, value in sorted(extra.items()) if value is not None]
    exact = bool(version and version.startswith("=="))
    return NormalItem(
        key=f"conda:{spec.name}",
        text=" ".join(parts),
        name=str(spec.name),
        pinned=exact or spec.sha256 is not None or spec.md5 is not None or spec.url is not None,
        versioned=version is not None,
    )


def _normal_version(version: str | None) -> str | None:
    if version is None or version == "*":
        return None
    alternatives = {
        ",".join(
            sorted({_normal_clause(_strip(clause)) for clause in alternative.split(",") if clause.strip()})
        )
        for alternative in version.replace("(", "").replace(")", "").split("|")
    }
    return "|".join(sorted(alternatives))


def _normal_clause(clause: str) -> str:
    if fuzzy := _FUZZY.match(clause):
        prefix = (fuzzy["prefix"] or fuzzy["glob"]).lower()
        return f"=={prefix}" if is_full_version(prefix) else f"={prefix}"
    if exact := _EXACT.match(clause):
        return f"=={exact['version'].lower()}"
    return _BLANKS.sub("", clause).lower()


def is_full_version(version: str) -> bool:
    """Tell whether a version names one release: three numeric parts or more (``3.10`` names a series)."""
    return len([part for part in version.split(".") if part[:1].isdigit()]) >= _FULL_PARTS


@lru_cache(maxsize=20_000)
def normal_pip(text: str) -> NormalItem | None:
    """Return the normal form of a line of a pip section; None for a comment or a blank line."""
    line = _COMMENT.sub("", text).strip()
    if not line:
        return None
    if line.startswith("-"):
        return _normal_option(line)
    hashes = sorted(_HASH_OPTION.findall(line))
    line = _HASH_OPTION.sub("", line).strip()
    plain = _PLAIN.fullmatch(line)
    if plain is not None:  # packaging's grammar of requirements takes 25 ms to load
        return _plain_pip(plain["name"], plain["extras"], plain["version"], hashes)
    return _any_pip(line, hashes)


def _any_pip(line: str, hashes: Sequence[str]) -> NormalItem:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        name = redact(line)
        return NormalItem(key=f"pip:{name}", text=name, name=name, pinned=_is_fixed_url(line), versioned=True)
    name = canonicalize_name(requirement.name)
    specifiers = sorted(_normal_specifier(item.operator, item.version) for item in requirement.specifier)
    extras = ",".join(sorted(canonicalize_name(extra) for extra in requirement.extras))
    normal = name + (f"[{extras}]" if extras else "")
    normal += f" @ {redact(requirement.url)}" if requirement.url else ",".join(specifiers)
    normal += f"; {requirement.marker}" if requirement.marker else ""
    normal += "".join(map(_normal_hash, hashes))
    exact = any(item.operator in {"==", "==="} and "*" not in item.version for item in requirement.specifier)
    return NormalItem(
        key=f"pip:{name}" + (f";{requirement.marker}" if requirement.marker else ""),
        text=normal,
        name=name,
        pinned=exact or _is_fixed_url(requirement.url),
        versioned=bool(specifiers) or requirement.url is not None,
    )


def _plain_pip(name: str, extras: str | None, version: str | None, hashes: Sequence[str]) -> NormalItem:
    name, is_pinned = pypi_name(name), version is not None
    text = name if extras is None else f"{name}[{','.join(sorted(map(pypi_name, set(extras.split(',')))))}]"
    text += "" if version is None else f"=={one_form(version)}"
    text += "".join(map(_normal_hash, hashes))
    return NormalItem(key=f"pip:{name}", text=text, name=name, pinned=is_pinned, versioned=is_pinned)


def _normal_hash(value: str) -> str:
    return f" --hash={value.lower()}"


def _normal_specifier(operator: str, version: str) -> str:
    if operator == "===":
        return f"==={version}"
    from packaging.utils import canonicalize_version

    if version.endswith(".*"):
        return f"{operator}{canonicalize_version(version[:-2], strip_trailing_zero=False)}.*"
    return f"{operator}{canonicalize_version(version, strip_trailing_zero=operator != '~=')}"


def _is_fixed_url(url: str | None) -> bool:
    """Tell whether an address or a path names one file: by a commit, a hash, or a name with its version."""
    if url is None:
        return False
    if url.startswith("git+"):
        return bool(re.search(r"@[0-9a-f]{40}(?:#|$)", url))
    file = url.split("#")[0].split("?")[0].strip()
    return "#sha256=" in url or file.endswith(".whl") or _SDIST.search(file) is not None


def _normal_option(line: str) -> NormalItem:
    name, _, value = _BLANKS.sub(" ", line).partition(" ")
    if "=" in name:
        name, _, value = line.partition("=")
    for short, long in _OPTIONS.items():
        if name == short or (name.startswith(short) and not name.startswith("--")):
            value = (name[len(short) :] + value).strip()
            name = long
            break
    name, value = name.strip(), redact(value.strip().strip("'\""))
    return NormalItem(
        key=f"option:{name}",
        text=f"{name} {value}".strip(),
        name=name,
        pinned=name != "--editable",
        versioned=True,
    )


def normal_channel(text: str) -> str:
    """Return a channel's one spelling: the short name for anaconda.org, no trailing slash, no credential."""
    text = redact(_strip(text)).rstrip("/")
    for host in _CONDA_HOSTS:
        if text.startswith(host) and text.count("/") == host.count("/"):
            return text.removeprefix(host)
    return text


def normal_image(text: str) -> str:
    """Return an image reference's one spelling: ``:latest`` if nothing is said, the digest alone if given."""
    repository, tag, digest = split_reference(text.strip())
    return f"{repository}@{digest}" if digest else f"{repository}:{tag or 'latest'}"


def _strip(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
