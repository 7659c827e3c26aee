"""What is said of an install: what isn't checked, isn't locked, or isn't known."""

from __future__ import annotations

from collections.abc import Iterator

from lockfiles.environments.fetching import names_in_words
from lockfiles.environments.planning import Plan, best_hash, hashes_of
from lockfiles.environments.projects import is_checked, is_wheel
from lockfiles.environments.sources import SourceFacts
from resolver.model.target import Target

#: What makers of virtual environments put into each.
_SEEDS = frozenset({"pip", "setuptools", "wheel"})


#: Facts of a machine that packages are linked against: an older one can't run them.
_FLOORS = ("__glibc", "__osx")


def sentences_about(plan: Plan, asked: SourceFacts) -> Iterator[str]:
    """Yield a sentence for each thing that the user should know."""
    hashes = {pin.record.name: hashes_of(pin) for pin in plan.link}
    hashes |= {str(pin.name): hashes_of(pin) for pin in plan.put}
    weak = [name for name, found in sorted(hashes.items()) if (best_hash(found) or ("",))[0] == "md5"]
    if weak:
        yield f"of {names_in_words(weak)} the lockfile has an md5 alone: no proof against a forger"
    bare = [str(pin.name) for pin in plan.put if not is_checked(pin)]
    if bare:
        yield f"{names_in_words(bare)}: a folder or a repository, which no hash is known of"
    sources = [str(pin.name) for pin in plan.put if is_checked(pin) and not is_wheel(pin)]
    if sources:
        why = "built here from a source archive; what its build asks for isn't locked"
        yield f"{names_in_words(sources)}: {why}"
    kept = [record.name for record in plan.kept_conda]
    kept += [str(project.name) for project in plan.kept_projects if project.name not in _SEEDS]
    if kept:
        yield f"not locked, and not put there by a lock, so it stays: {names_in_words(kept)}"
    if not asked.is_known and (plan.link or plan.same_conda):
        yield "the lockfile's source files aren't at hand: `variables:` in them, if any, aren't set"


def sentences_about_machine(target: Target) -> Iterator[str]:
    """Yield a sentence for each fact in which this machine is older than the one that was locked for."""
    from lockfiles.this_machine import virtual_packages_here
    from resolver.model.conda_types import parse_version

    here = {package.name: package.version for package in virtual_packages_here(target.subdir) or ()}
    for package in target.virtual_packages:
        own = here.get(package.name)
        if package.name in _FLOORS and own and parse_version(own) < parse_version(package.version):
            what = f"locked for `{package.name}` {package.version}, and this machine has {own}"
            yield f"{what}: packages may not load here"
