"""Which Python pip requirements are resolved for where no conda package gives one."""

from __future__ import annotations

from msgspec.structs import replace

from resolver.errors import InputError
from resolver.model.names import CondaName
from resolver.model.notices import Notice
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, Requirements

#: Newest patch releases as of 2026-11 (conda-forge's records), in the order in which they are offered:
#: the minor that wheels are most complete for first.
PYTHONS = ("3.12.13", "3.13.15", "3.11.15", "3.14.7", "3.10.20", "3.9.23", "3.8.20")


def python_of_target(requirements: Requirements, wanted: str | None) -> str | None:
    """Return the interpreter's full version, None where a conda package is to give it.

    ``wanted`` is the user's setting, which limits conda's python where there are conda
    requirements (:func:`with_wanted_python`); a minor alone (``3.13``) means its newest
    patch known here. Without one, requirements that speak of no conda package
    and no channel (be it that they ask for nothing) get the first of :data:`PYTHONS` that their
    ``requires_python`` admits. Raises InputError where none does.
    """
    if requirements.conda:
        return None
    if wanted is not None:
        return next((text for text in PYTHONS if text.startswith(wanted + ".")), wanted)
    if requirements.channels:
        return None
    if not requirements.requires_python and any(f.endswith((".yml", ".yaml")) for f in requirements.files):
        return None  # an environment file: conda's default channels give its Python
    from resolver.model.unusable import Unusable

    needed = requirements.python_versions
    admitted = [] if isinstance(needed, Unusable) else [text for text in PYTHONS if text in needed]
    if not admitted:
        raise InputError(
            f"no known Python satisfies `{requirements.requires_python}`",
            hint=f"`--python VERSION` names one; known here: {', '.join(PYTHONS)}.",
        )
    return admitted[0]


def with_wanted_python(requirements: Requirements, wanted: str | None, source: str) -> Requirements:
    """Return the requirements with the user's setting as one more constraint on conda's python.

    ``source`` says where the setting was written. Without conda requirements nothing changes:
    :func:`python_of_target` gives the interpreter then.
    """
    if wanted is None or not requirements.conda:
        return requirements
    spec = f"python {wanted}.*" if wanted.count(".") < 2 else f"python =={wanted}"
    line = CondaRequirement(
        name=CondaName("python"), spec=spec, origin=Origin(file=source), is_constraint=True
    )
    return replace(requirements, conda=(*requirements.conda, line))


def said_of_python(requirements: Requirements, wanted: str | None) -> tuple[Notice, ...]:
    """Return what is said of an interpreter that :func:`python_of_target` chose by itself."""
    chosen = python_of_target(requirements, wanted)
    if chosen is None or wanted is not None:
        return ()
    needed = requirements.requires_python
    because = f"`requires-python` {needed} leaves the choice" if needed else "nothing names one"
    text = f"Python {chosen} is chosen: {because} (`--python VERSION`)"
    facts = {"version": chosen, "requires_python": needed}
    return (Notice(code="default-python", text=text, package="python", facts=facts),)
