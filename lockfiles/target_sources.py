"""Where a target's virtual packages come from: said where they aren't those of the default profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockfiles.machine import MachineRequest, flag_of
from resolver.inputs.virtual_packages import OVERRIDES, default_virtual_packages, parse_virtual_package
from resolver.model.notices import Notice

if TYPE_CHECKING:
    from lockfiles.session import Session
    from resolver.model.target import Target, VirtualPackage


def target_notice(session: Session, target: Target, machine: MachineRequest) -> Notice | None:
    """Return a note with the virtual packages that differ from the profile's, each with its place.

    None where there are none. Those taken away are told too.
    """
    profile = {package.name: package for package in default_virtual_packages(target.subdir)}
    mine = {package.name: package for package in target.virtual_packages}
    told = []
    for name in sorted(profile.keys() | mine.keys()):
        if profile.get(name) != mine.get(name):
            place = _source(session, target, machine, name)
            told.append(f"{_words(name, mine.get(name))}{f' ({place})' if place else ''}")
    if not told:
        return None
    rest = "; the rest is the default profile's" if profile.keys() & mine.keys() else ""
    return Notice(
        code="target",
        text=f"locked for {', '.join(told)}{rest}",
        target=target.subdir,
        facts={"virtual_packages": tuple(told)},
    )


def _words(name: str, package: VirtualPackage | None) -> str:
    if package is None:
        return f"no `{name}`"
    return (
        f"`{name}` {package.version if package.version != '0' or package.build == '0' else ''}".rstrip()
        + (f" {package.build}" if package.build != "0" else "")
    )


def _source(session: Session, target: Target, machine: MachineRequest, name: str) -> str | None:
    """Return the nearest place that speaks of a virtual package, as the targets are made."""
    asked = session.settings.virtual_packages
    requests = [parse_virtual_package(text) for text in asked.value]
    of_settings = any(one.name == name and one.applies_to(target.subdir) for one in requests)
    if of_settings and asked.source.startswith("-"):
        return asked.source
    flag = flag_of(machine, name) if target.operating_system == "linux" else None
    if flag is not None:
        return f"`{flag}`"
    if of_settings:
        return asked.source
    if any(text.startswith(f"{name}=") for text in session.requirements.virtual_packages):
        return "system-requirements"
    variable = next((v for v, package in OVERRIDES.items() if package == name), None)
    if variable is not None and variable in session.surroundings.environ:
        return f"${variable}"
    return "this machine" if session.settings.this_machine.value else None
