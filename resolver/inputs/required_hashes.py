"""pip's hash-checking mode: every pip requirement is pinned and has a hash ("Secure installs").

What comes in besides, as a dependency, is left to the search: a file without a
given hash may not be selected.
"""

from __future__ import annotations

from collections.abc import Iterable

from resolver.errors import InputError, InputErrors
from resolver.model.names import PypiName
from resolver.model.notices import Notice
from resolver.model.redaction import redact
from resolver.model.requirements import DirectKind, PypiRequirement
from resolver.model.unusable import Unusable


def check_required_hashes(requirements: Iterable[PypiRequirement], source: str) -> None:
    """Raise InputErrors for each requirement that can't be checked; ``source`` is who asks for it.

    A hash or a pin of a constraint counts for the requirements of its project.
    """
    asked = list(requirements)
    hashed = {r.name for r in asked if r.name and (r.hashes or (r.direct and r.direct.hashes))}
    pinned = {r.name for r in asked if r.name and _is_pinned(r)}
    errors = [
        InputError(message, requirement.origin, hint)
        for requirement in asked
        if not requirement.is_constraint
        for message, hint in _faults(requirement, hashed, pinned, source)
    ]
    if errors:
        raise InputErrors(errors)


def said_of_hashes(requirements: Iterable[PypiRequirement]) -> tuple[Notice, ...]:
    """Return what is said where some lines have a hash: that pip would refuse the others.

    pip asks for the hash of every line once one line has any; here the given ones are compared, and the
    other files are locked with the hashes that their index states.
    """
    asked = list(requirements)
    lines = [one for one in asked if not one.is_constraint]
    first = next((one for one in asked if one.hashes), None)
    hashed = {one.name for one in asked if one.name and one.hashes}
    pinned = {one.name for one in asked if one.name and _is_pinned(one)}
    if first is None:
        return ()
    short = [one for one in lines if any(_faults(one, hashed, pinned, ""))]
    if not short:
        return ()
    names = tuple(dict.fromkeys(str(one.name or redact(one.text)) for one in short))
    shown = ", ".join(f"`{name}`" for name in names[:3]) + (
        f" and {len(names) - 3} more" if len(names) > 3 else ""
    )
    text = (
        f"{first.origin} has a hash, and {shown} no hash or no pin: pip "
        "refuses such lines together; the given hashes are compared, the others are locked as the index says"
    )
    return (Notice(code="some-hashes", text=text, facts={"packages": names}),)


def _faults(
    requirement: PypiRequirement, hashed: set[PypiName], pinned: set[PypiName], source: str
) -> Iterable[tuple[str, str]]:
    """Yield what is wrong with one requirement: message and hint; the first fault alone."""
    text, name, direct = redact(requirement.text), requirement.name, requirement.direct
    if direct is not None and direct.kind is not DirectKind.ARCHIVE:
        what = "a folder" if direct.kind is DirectKind.DIRECTORY else "a repository"
        yield (
            f"`{text}` is {what}, whose hash can't be checked, and {source} asks for hashes",
            "Name a wheel or sdist instead.",
        )
    elif direct is None and name not in pinned:
        yield f"`{text}` isn't pinned, as {source} asks", "Pin it: `==` and a version."
    elif not (requirement.hashes or (direct and direct.hashes) or name in hashed):
        yield f"`{text}` has no hash, as {source} asks", "Put `--hash=sha256:...` behind it."


def _is_pinned(requirement: PypiRequirement) -> bool:
    clauses = requirement.specifier_set
    return not isinstance(clauses, Unusable) and any(
        c.operator in ("==", "===") and not c.version.endswith(".*") for c in clauses
    )
