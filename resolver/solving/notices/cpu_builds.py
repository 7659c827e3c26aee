"""CPU builds that were taken though the target has CUDA and the package has CUDA builds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resolver.constraints.bits import iter_candidates
from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.cuda_builds import is_cuda_name
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.dependency_text import dependency_name
from resolver.model.findings import Severity
from resolver.model.match_spec import parse_match_spec
from resolver.model.notices import Notice
from resolver.model.records import CondaRecord
from resolver.model.requirements import CondaRequirement
from resolver.model.resolution import Resolution


def cpu_builds(
    universe: JointUniverse, selected: Mapping[int, int], resolution: Resolution
) -> Iterator[Notice]:
    """Yield a warning for each CPU build that nobody asked for, with the reason.

    One that only another such package needs goes without saying, unless a line asks for it; so
    does one of which a line, or a package with builds of one kind alone, names the CPU build.
    """
    driver = resolution.target.virtual("__cuda")
    if driver is None:
        return
    found = {}
    for pin in resolution.conda:
        number = universe.registry.find(Key(Kind.CONDA, pin.record.name))
        if number is None or number not in selected or is_cuda_name(pin.record.name):
            continue  # CUDA's own libraries are no CPU builds, whatever the older ones of them name
        domain = universe.registry.conda(number).domain
        if domain.cuda and not domain.cuda & (2 << selected[number]):
            found[pin.record.name] = (pin.record, domain)
    wanted = _wanted_as_cpu(universe, resolution, found)
    asked = {r.name for r in universe.requirements if isinstance(r, CondaRequirement)}
    needed = {
        dependency_name(text)
        for name, (record, _) in found.items()
        if name not in wanted
        for text in record.depends
        if dependency_name(text) != name
    }
    for name, (record, domain) in found.items():
        if name in wanted or (name in needed and name not in asked):
            continue
        newest = domain.records[(domain.cuda & -domain.cuda).bit_length() - 2]
        why = _reason(universe, domain, newest, driver.version)
        yield Notice(
            code="cpu-build",
            severity=Severity.WARNING,
            text=f"`{name}`: CPU build ({record.version} {record.build}), though the target has "
            f"`__cuda` {driver.version}: {why}",
            package=name,
            target=resolution.target.subdir,
            facts={"build": record.build, "cuda_version": newest.version, "cuda_build": newest.build},
        )


def _wanted_as_cpu(
    universe: JointUniverse, resolution: Resolution, found: Mapping[str, tuple[CondaRecord, CondaDomain]]
) -> set[str]:
    """Return the packages of which a line, or a package without CUDA builds, names a build that is none."""
    wanted = (
        set(found) if any(pin.record.name in ("cpuonly", "nocuda") for pin in resolution.conda) else set()
    )
    texts = [r.spec for r in universe.requirements if isinstance(r, CondaRequirement)]
    texts += [t for pin in resolution.conda if pin.record.name not in found for t in pin.record.depends]
    for text in texts:
        if " " not in text and "=" not in text:
            continue
        try:
            spec = parse_match_spec(text)
        except ValueError:
            continue
        if spec.name in found and spec.build is not None:
            domain = found[spec.name][1]
            if not domain.bits_of(spec) & domain.cuda:
                wanted.add(spec.name)
    return wanted


def _reason(universe: JointUniverse, domain: CondaDomain, newest: CondaRecord, driver: str) -> str:
    """Return why no CUDA build was taken, as far as it shows without another search."""
    facts = universe.conda.domain("__cuda")
    limits = [_driver_limit(domain.records[n]) for n in iter_candidates(domain.cuda)]
    if all(limit is not None and not facts.admitted(limit) for limit in limits):
        return f"its CUDA builds need `{limits[0]}`, which {driver} is not"
    if not domain.has_recent_cuda:
        return (
            f"its newest CUDA build ({newest.version} {newest.build}) is over a year older than "
            "the newest CPU build"
        )
    return f"no CUDA build fits beside the rest (the newest is {newest.version} {newest.build})"


def _driver_limit(record: CondaRecord) -> str | None:
    return next((text for text in record.depends if dependency_name(text) == "__cuda" and " " in text), None)
