"""Where projects come from: names that several indexes have, names one letter from popular ones."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, rule
from resolver.constraints.known_projects import near_popular_names, source_of_popular
from resolver.machine.variant_indexes import is_variant_index
from resolver.model.findings import Fact, Severity
from resolver.model.resolution import PypiPin, Shared

#: So many projects are named in a message; the evidence has all.
_NAMED = 4
_REMEDY = "`package-indexes` says which index a project comes from"


@rule(
    "supply/later-index",
    Severity.WARNING,
    "a project comes from a later index although an earlier one has its name too",
)
def later_index(context: CheckContext) -> Iterator[Found]:
    """Find projects taken from an index that stands behind another one which has the name as well.

    That is what dependency confusion looks like: somebody publishes a project under the name of a private
    one, with a higher version, and `--index-strategy unsafe-best-match` (what pip does) takes it. Indexes
    of other builds of the same project (PyTorch's, by CUDA) are left out. Say which index a project comes
    from with `package-indexes`, or leave the strategy at `first-index`. `lock` writes into conda-lock.yml
    which indexes had a name; of other lockfiles nothing is known.
    """
    for name, shared in sorted(context.resolution.shared.items()):
        pin = context.pypi.get(str(name))
        if pin is None or shared.is_first or is_variant_index(shared.index):
            continue
        yield Found(
            message=f"`{name}` {pin.version} comes from {shared.index}, and {shared.indexes[0]}, "
            "which is asked before it, has a project of that name too",
            evidence=(pin, f"indexes that have it, in their order: {', '.join(shared.indexes)}"),
            fact=facts.statement("extra-index"),
            fix=_REMEDY,
        )


@rule(
    "supply/name-on-several-indexes",
    Severity.NOTE,
    "several indexes have a project of that name, and the first one decided",
)
def name_on_several_indexes(context: CheckContext) -> Iterator[Found]:
    """Find projects that the first index which has them gave, though later ones have the name too.

    `lock` never takes a file of a later index then, and each file is locked by its hash. Whoever installs
    the same requirements by name (pip with `--extra-index-url`) gets the highest version of any of them.
    With `package-indexes` it is written down which index is meant, and no other is asked.
    """
    groups: dict[Shared, list[PypiPin]] = {}
    for name, shared in sorted(context.resolution.shared.items()):
        pin = context.pypi.get(str(name))
        if pin is not None and shared.is_first:
            groups.setdefault(shared, []).append(pin)
    for shared, pins in groups.items():
        names = ", ".join(f"`{pin.name}`" for pin in pins[:_NAMED])
        more = f" and {len(pins) - _NAMED} more" if len(pins) > _NAMED else ""
        verb = "has" if len(shared.indexes) == 2 else "have"
        what = "that name" if len(pins) == 1 else "these names"
        yield Found(
            message=f"{names}{more} of {shared.index}: {', '.join(shared.indexes[1:])} {verb} {what} too",
            evidence=tuple(pins),
            fact=facts.statement("extra-index"),
            fix=_REMEDY,
        )


def _popular() -> Fact:
    source, date = source_of_popular()
    text = "popular are the 1,000 most downloaded projects, and those that environment files name most"
    return Fact(text=text, source=source, date=date)


@rule("supply/near-popular-name", Severity.WARNING, "a project's name is one letter from a popular one's")
def near_popular_name(context: CheckContext) -> Iterator[Found]:
    """Find projects of an index whose names are one letter from those of much-used ones.

    Such names are registered to catch slips. Compared with the 1,000 most downloaded projects and those
    that public environment files name; a project among the 15,000 most downloaded is none's slip, nor one
    with another digit (`-cu12`, `-cu13`), nor whom a popular project asks for. If it is the one you mean,
    silence the rule with a reason.
    """
    pins = {pin.name: pin for pin in context.resolution.pypi if pin.direct is None}
    for name, popular in near_popular_names({name: tuple(pin.dependencies) for name, pin in pins.items()}):
        yield Found(
            message=f"`{name}` is one letter from `{popular}`, which many use: is it the one meant?",
            evidence=(pins[name],),
            fact=_popular(),
        )
