"""Which optional extras and groups of dependencies come in, and which were left out."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from resolver.inputs.faults import Faults, did_you_mean
from resolver.model.names import pypi_name
from resolver.model.notices import Notice


class GroupChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asks for beside the main requirements of project files.

    ``extras`` are a project's optional dependencies; ``groups`` those for its
    development (PEP 735, and the groups of poetry, pdm, uv and pixi). ``environments``
    are those of a pixi manifest that are read together; none: the default one.
    """

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    all_extras: bool = False
    all_groups: bool = False
    environments: tuple[str, ...] = ()


class Offer(msgspec.Struct, kw_only=True):
    """What the project files of one run offer of one kind, and what is taken of it."""

    kind: str  #: ``extra`` or ``group``
    wanted: tuple[str, ...]
    takes_all: bool
    flags: str  #: how it is asked for
    known: dict[str, str] = msgspec.field(default_factory=dict)  #: normalised name -> as written
    left_out: dict[str, list[str]] = msgspec.field(default_factory=dict)  #: file -> names as written
    #: (file, normalised name) of what came in with a group that includes it
    included: set[tuple[str, str]] = msgspec.field(default_factory=set)
    of_file: dict[str, frozenset[str]] = msgspec.field(default_factory=dict)
    #: file -> normalised names that others ask of the project in it
    brought: set[str] = msgspec.field(default_factory=set)  #: normalised names that an environment has

    def takes(self, name: str, file: str, *, by_default: bool = False) -> bool:
        """Tell whether a group that a file offers comes in.

        ``by_default``: the tool whose table it is takes it unless some are named.
        """
        key = pypi_name(name)
        self.known.setdefault(key, name)
        taken = self.takes_all or key in self.brought or key in {pypi_name(one) for one in self.wanted}
        if key in self.of_file.get(file, ()):
            self.included.add((file, key))
            return True
        if taken or (by_default and not self.wanted):
            return True
        names = self.left_out.setdefault(file, [])
        if name not in names:
            names.append(name)
        return False


class Groups:
    """Collects the groups of all files of a run against one :class:`GroupChoice`."""

    def __init__(self, choice: GroupChoice | None = None) -> None:
        choice = choice or GroupChoice()
        self.environments = choice.environments
        self.extras = Offer(
            kind="extra",
            wanted=choice.extras,
            takes_all=choice.all_extras,
            flags="`--extra NAME`, `--all-extras`",
        )
        self.groups = Offer(
            kind="group",
            wanted=choice.groups,
            takes_all=choice.all_groups,
            flags="`--group NAME`, `--all-groups`",
        )

    def bring(self, names: Iterable[str]) -> None:
        """Take extras and groups of these names in, as an environment has them."""
        for offer in (self.extras, self.groups):
            offer.brought |= {pypi_name(name) for name in names}

    def report_unknown(self, faults: Faults) -> None:
        """Add a fault for each name that the user asks for and no file offers."""
        for offer, other in ((self.extras, self.groups), (self.groups, self.extras)):
            for name in offer.wanted:
                key = pypi_name(name)
                if key in offer.known:
                    continue
                hint = did_you_mean(key, offer.known)
                if key in other.known:
                    hint = f"it is {_with_article(other.kind)}: `--{other.kind} {name}`"
                elif hint is None:
                    known = ", ".join(f"`{one}`" for one in offer.known.values())
                    hint = f"there are {known}" if known else f"no input file has {offer.kind}s"
                faults.add(f"`--{offer.kind} {name}`: no input file has this {offer.kind}", None, hint)

    def notices(self) -> list[Notice]:
        """Return one notice for each file and kind of which something was left out."""
        return [
            Notice(
                code=f"{offer.kind}s-left-out",
                text=f"{file}: {offer.kind}s left out: {', '.join(f'`{name}`' for name in names)}"
                f" (taken with {offer.flags})",
                facts={"file": file, "names": tuple(names)},
            )
            for offer in (self.extras, self.groups)
            for file, every in offer.left_out.items()
            if (names := [name for name in every if (file, pypi_name(name)) not in offer.included])
        ]


def _with_article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
