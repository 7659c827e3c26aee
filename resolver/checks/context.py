"""What a rule sees: a resolution, its target, the machine, and who asked for what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec
from msgspec.structs import replace

from resolver import graph
from resolver.checks.deviations import Deviations, LockedWith, find_deviations
from resolver.machine.description import Machine
from resolver.model.installed import Installation
from resolver.model.leading_numbers import minor
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target


class CheckContext(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Input of every rule; never changed, indexes are built when first asked for.

    ``requirements`` is None where only a lockfile or a prefix is known.
    ``installation`` is what a prefix holds where the resolution was read from one;
    ``locked`` the lockfile that it is compared with.
    """

    resolution: Resolution
    machine: Machine = msgspec.field(default_factory=Machine)
    requirements: Requirements | None = None
    installation: Installation | None = None
    locked: LockedWith | None = None
    today: str | None = None  #: ISO date on which the check is made; None: whatever is announced counts

    @property
    def target(self) -> Target:
        """The target that was locked for."""
        return self.resolution.target

    @property
    def system(self) -> str:
        """``linux``, ``osx`` or ``win``."""
        return self.target.operating_system

    def on_its_system(self) -> CheckContext:
        """Return the context with the machine as one that the target's operating system can have."""
        machine = self.machine.on_system(self.system)
        return self if machine is self.machine else replace(self, machine=machine)

    @property
    def installed(self) -> bool:
        """Whether the resolution was read from a prefix."""
        return self.installation is not None

    @cached_property
    def deviations(self) -> Deviations | None:
        """How the prefix differs from its lockfile; None where there aren't both."""
        if self.installation is None or self.locked is None:
            return None
        return find_deviations(self.installation, self.resolution, self.locked)

    @cached_property
    def conda(self) -> dict[str, CondaPin]:
        """Conda pins by name, in order."""
        return {pin.record.name: pin for pin in self.resolution.conda}

    @cached_property
    def pypi(self) -> dict[str, PypiPin]:
        """PyPI pins by normalised name, in order."""
        return {str(pin.name): pin for pin in self.resolution.pypi}

    @cached_property
    def graph(self) -> graph.Graph:
        """Who needs whom, and what was asked for."""
        return graph.graph_of(self.resolution, self.requirements)

    @property
    def edges(self) -> dict[str, tuple[str, ...]]:
        """Node -> nodes it depends on (:mod:`resolver.graph`)."""
        return self.graph.targets

    @property
    def cuda_limit(self) -> str | None:
        """Newest CUDA the driver knows: the machine's, else the target's ``__cuda``."""
        if self.machine.cuda is not None:
            return self.machine.cuda
        virtual = self.target.virtual("__cuda")
        return minor(virtual.version) if virtual else None

    @property
    def glibc(self) -> str | None:
        """The C library (glibc) of the machine: the machine's, else the target's ``__glibc``."""
        if self.machine.glibc is not None:
            return self.machine.glibc
        virtual = self.target.virtual("__glibc")
        return virtual.version if virtual and virtual.version != "0" else None

    @property
    def wants_gpu(self) -> bool | None:
        """Whether the job is meant for an NVIDIA GPU; None where nothing says so."""
        if self.machine.gpu is not None:
            return self.machine.gpu.vendor == "nvidia"
        if self.machine.has_gpu is not None:
            return self.machine.has_gpu
        return True if self.target.virtual("__cuda") else None

    def version(self, name: str) -> str | None:
        """Return the version of a package of either ecosystem, conda first; None where it is absent."""
        if name in self.conda:
            return self.conda[name].record.version
        return self.pypi[name].version if name in self.pypi else None

    def pins(self) -> Iterator[CondaPin | PypiPin]:
        """Yield all pins, conda first, each group by name."""
        yield from self.resolution.conda
        yield from self.resolution.pypi

    def why(self, pin: CondaPin | PypiPin) -> str:
        """Return who brings a pin in: ``asked for by FILE:LINE: TEXT`` or ``needed by A <- B <- TEXT``."""
        path = graph.shortest_path(graph.node_of(pin), self.edges, self.graph.asked)
        if not path:
            return "nothing that was asked for leads to it"
        root = self.graph.asked[path[0]][0]
        if len(path) == 1:
            return f"asked for by {root}" if root.origin else root.text
        parents = [step.removeprefix(graph.PYPI) for step in reversed(path[:-1])]
        tail = f" <- {root}" if root.origin else ""
        return f"needed by {' <- '.join(parents)}{tail}"

    def show(self, pin: CondaPin | PypiPin) -> str:
        """Return one line of evidence: package, build, channel, and why it is there."""
        if isinstance(pin, CondaPin):
            record = pin.record
            label = f"{record.name} {record.version} {record.build} ({pin.channel.name})"
        else:
            label = f"{pin.name} {pin.version} ({'installed' if self.installed else 'PyPI'})"
            if pin.file is not None:
                label = f"{pin.name} {pin.version} ({pin.file.file_name})"
        return f"{label}: {self.why(pin)}"

    def asks_extra(self, pin: PypiPin, extra: str) -> bool:
        """Tell whether an extra of a PyPI project is asked for, by the pin or by a requirement."""
        wanted = (item for item in self.requested(pin.name) if isinstance(item, PypiRequirement))
        return extra in pin.extras or any(extra in item.extras for item in wanted)

    def requested(self, name: str) -> tuple[CondaRequirement | PypiRequirement, ...]:
        """Return the requirements that name a package (either ecosystem), in file order."""
        if self.requirements is None:
            return ()
        every: tuple[CondaRequirement | PypiRequirement, ...] = (
            *self.requirements.conda,
            *self.requirements.pypi,
        )
        return tuple(item for item in every if item.name is not None and str(item.name) == name)
