"""What files ask the resolver: two with the same question have the same answer, at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from lockfiles.session import Session


def question_of(session: Session) -> tuple[str, ...] | None:
    """Return the digest of what is asked for each target; None where more than sources decides the answer.

    That is so for lines that name a place, and for folders of files. Where lines stand takes no part.
    """
    from lockfiles.solving import resolve_options
    from resolver.answers import question_key

    asked = session.requirements
    overriding = [o.requirement for o in asked.overrides if o.requirement is not None]
    options = resolve_options(session, preferred={})
    if options.find_links or any(line.direct for line in (*asked.pypi, *overriding)):
        return None
    indexes = asked.indexes
    options = replace(
        options,
        pre=options.pre or indexes.pre,
        require_hashes=options.require_hashes or indexes.require_hashes,
        prefer_binary=options.prefer_binary or indexes.prefer_binary,
    )
    keys = [
        question_key(target, (*asked.conda, *asked.pypi), options, asked.overrides)
        for target in session.targets
    ]
    return tuple(key for key in keys if key is not None) if None not in keys else None
