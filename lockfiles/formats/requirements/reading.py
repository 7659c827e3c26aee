"""Requirements that pin everything -> a resolution; platform and Python where our own comment names them."""

from __future__ import annotations

import re

import msgspec

from lockfiles.formats.reading import LockContent, LockReadOptions
from lockfiles.formats.requirements.pins import is_pinned, pinned_version, resolution_of_pins
from lockfiles.model import LockMetadata
from resolver.errors import InputError, InputErrors
from resolver.model.notices import Notice
from resolver.model.target import Target

_WRITTEN_FOR = re.compile(r"(?m)^# platform: (?P<platform>\S+?)(?:, Python (?P<python>\S+))?$")


def read(text: str, file: str, options: LockReadOptions) -> LockContent:
    """Return the pins of a requirements file as the resolution of one platform.

    What it includes (``-r``) isn't read. Raises InputErrors for every line that can't be read
    or doesn't pin its project.
    """
    from resolver.inputs.reading import parse_inputs

    requirements = parse_inputs([file], lambda name: _only(name, file, text))
    loose = [
        item for item in requirements.pypi if not (item.is_constraint or item.direct or pinned_version(item))
    ]
    if loose:
        hint = "Lock it first, or write `NAME==VERSION`."
        raise InputErrors([InputError(f"`{item.text}` isn't pinned", item.origin, hint) for item in loose])
    if not is_pinned(requirements):
        raise InputError("no lockfile: nothing is pinned in it", None, f"Lock it first: `lock {file}`.")
    found = _WRITTEN_FOR.search(text)
    platform = found["platform"] if found else options.platform
    python = (found["python"] if found else None) or options.python
    resolution = resolution_of_pins(requirements, Target(subdir=platform, python=python))
    nameless = tuple(item.text for item in requirements.pypi if item.name is None and not item.is_constraint)
    if nameless:
        listed = ", ".join(f"`{text}`" for text in nameless)
        notice = Notice(
            code="nameless-left-out",
            text=f"{listed}: left out of `{file}`, as nothing says which project it is before it is built",
            facts={"lines": nameless},
        )
        resolution = msgspec.structs.replace(resolution, notices=(notice,))
    return LockContent(resolutions=(resolution,), metadata=LockMetadata(platforms=(platform,)))


def _only(name: str, file: str, text: str) -> str:
    if name != file:
        raise FileNotFoundError(2, "a lockfile stands alone", name)
    return text
