"""Names of a lockfile's packages, before they become names of files and lines of requirements.

A lockfile is anybody's text: a name with a slash would lead out of the environment, one with a line
end would be a line of its own in what an installer reads.
"""

from __future__ import annotations

import re

from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.resolution import CondaPin, PypiPin, Resolution

#: conda's and PyPI's names, versions, builds and file names: nothing that a path or a shell has a use for.
_PLAIN = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.+!-]*")
#: Addresses and paths that go into a line of requirements.
_LINE = pattern(r"[^\s\x00-\x20\x7f]+")


def check_names(resolution: Resolution, lockfile: str) -> None:
    """Raise InputError for the first package that has to be built, or whose name or file can't be one."""
    for pin in resolution.conda:
        if pin.source:
            raise InputError(
                f"`{pin.record.name}` is built from `{pin.source}`, and nothing is built here",
                Origin(file=lockfile),
                "Build it, and name its archive by its path or put it on a channel.",
            )
        _check(_words_of_conda(pin), _PLAIN, pin.record.name, lockfile)
    for project in resolution.pypi:
        _check(_words_of_project(project), _PLAIN, str(project.name), lockfile)
        _check(_lines_of_project(project), _LINE, str(project.name), lockfile)


def _words_of_conda(pin: CondaPin) -> list[str]:
    return [pin.record.name, pin.record.version, pin.record.build, pin.record.file_name]


def _words_of_project(pin: PypiPin) -> list[str]:
    return [str(pin.name), pin.version, *([pin.file.file_name] if pin.file is not None else [])]


def _lines_of_project(pin: PypiPin) -> list[str]:
    direct = pin.direct
    if direct is None:
        return []
    return [text for text in (direct.url, direct.subdirectory, pin.commit, direct.revision) if text]


def _check(texts: list[str], allowed: re.Pattern[str], name: str, lockfile: str) -> None:
    for text in texts:
        if not allowed.fullmatch(text):
            raise InputError(
                f"`{text}` can't be part of a package (of `{name}`)",
                Origin(file=lockfile),
                "Nothing is installed from a lockfile that holds such a thing.",
            )
