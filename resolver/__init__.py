"""Joint resolution of conda and PyPI requirements.

The names below are the public ones; each is loaded when it is first used::

    from resolver import Channel, Index, ResolveOptions, build_targets, parse_inputs, resolve

    requirements = parse_inputs(["environment.yml"], lambda name: Path(name).read_bytes())
    options = ResolveOptions(
        targets=build_targets(["linux-64"]),
        channels=(Channel(name="conda-forge", base_url="https://conda.anaconda.org/conda-forge"),),
        indexes=(Index(name="internal", url="https://index.example.org/simple"),),
        cache_dir=Path("cache"),
    )
    for resolution in resolve(requirements, options):
        print(resolution.python, [(pin.name, pin.record.version) for pin in resolution.conda])

Nothing here prints or exits; progress goes to a ``Reporter``, faults are raised
as the errors of ``resolver.errors``.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers know the name; `typing` takes 10 ms, and the command starts here
if TYPE_CHECKING:
    from typing import Any

    from resolver.errors import (
        InputError,
        InputErrors,
        LockstackError,
        NoSolutionError,
        OutputError,
        SourceError,
    )
    from resolver.inputs.channels import resolve_channels
    from resolver.inputs.groups import GroupChoice
    from resolver.inputs.reading import parse_inputs
    from resolver.inputs.target import build_targets
    from resolver.model.channels import Channel, ChannelPriority
    from resolver.model.indexes import Index, IndexStrategy
    from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
    from resolver.model.resolution import CondaPin, PypiPin, Resolution
    from resolver.model.target import Target, VirtualPackage
    from resolver.options import ResolveOptions
    from resolver.pipeline import Reporter, resolve

#: Public name -> the module that has it.
_HOMES = {
    "Channel": "model.channels",
    "ChannelPriority": "model.channels",
    "CondaPin": "model.resolution",
    "CondaRequirement": "model.requirements",
    "GroupChoice": "inputs.groups",
    "Index": "model.indexes",
    "IndexStrategy": "model.indexes",
    "InputError": "errors",
    "InputErrors": "errors",
    "LockstackError": "errors",
    "NoSolutionError": "errors",
    "OutputError": "errors",
    "PypiPin": "model.resolution",
    "PypiRequirement": "model.requirements",
    "Reporter": "pipeline",
    "Requirements": "model.requirements",
    "Resolution": "model.resolution",
    "ResolveOptions": "options",
    "SourceError": "errors",
    "Target": "model.target",
    "VirtualPackage": "model.target",
    "build_targets": "inputs.target",
    "parse_inputs": "inputs.reading",
    "resolve": "pipeline",
    "resolve_channels": "inputs.channels",
}

__all__ = [
    "Channel",
    "ChannelPriority",
    "CondaPin",
    "CondaRequirement",
    "GroupChoice",
    "Index",
    "IndexStrategy",
    "InputError",
    "InputErrors",
    "LockstackError",
    "NoSolutionError",
    "OutputError",
    "PypiPin",
    "PypiRequirement",
    "Reporter",
    "Requirements",
    "Resolution",
    "ResolveOptions",
    "SourceError",
    "Target",
    "VirtualPackage",
    "build_targets",
    "parse_inputs",
    "resolve",
    "resolve_channels",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module `{__name__}` has no `{name}`")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
