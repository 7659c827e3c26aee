"""What is to be put in or taken out, as the user named it."""

from __future__ import annotations

import msgspec

from resolver.errors import InputError
from resolver.inputs.conda_spec import check_match_spec
from resolver.model.names import pypi_name
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements

#: Where a name stands that was given to the command.
GIVEN = Origin(file="(arguments)")


class PackageLine(msgspec.Struct, frozen=True, kw_only=True):
    """One package with the versions that will do; of what is taken out, the name counts alone."""

    text: str  #: a match spec, or a requirement of pip's
    name: str  #: normalised
    is_pip: bool
    group: str | None = None


def parse_item(text: str, *, is_pip: bool, group: str | None = None) -> PackageLine:
    """Return what a text names. Raises InputError for one that conda or pip couldn't read."""
    if not is_pip:
        name = check_match_spec(text, GIVEN)
        return PackageLine(text=text.strip(), name=str(name), is_pip=False, group=group)
    from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement

    made, _ = parse_pip_requirement(text, PipContext(origin=GIVEN, environ={}))
    if made.name is None:
        raise InputError(f"`{text}` names no project", hint="Write `NAME @ ADDRESS`.")
    return PackageLine(text=text.strip(), name=str(made.name), is_pip=True, group=group)


def lines_of(
    item: PackageLine, requirements: Requirements, file: str | None = None
) -> list[CondaRequirement | PypiRequirement]:
    """Return the lines that ask for the package in its part of a file (None: of all files), in order."""
    found: list[CondaRequirement | PypiRequirement] = []
    if item.is_pip:
        wanted = pypi_name(item.name)
        found += [line for line in requirements.pypi if line.name == wanted]
    else:
        found += [line for line in requirements.conda if line.name == item.name]
    return [
        line
        for line in found
        if not line.is_constraint
        and line.origin.line is not None
        and (file is None or line.origin.file == file)
        and (item.group is None or line.category == item.group)
    ]
