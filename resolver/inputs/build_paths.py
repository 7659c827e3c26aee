"""Lines of `pip freeze` in a conda environment: folders of the machine on which conda built a package."""

from __future__ import annotations

from resolver.inputs.draft import Draft
from resolver.model.patterns import pattern
from resolver.model.requirements import PypiRequirement

#: Where builds of conda packages work: Anaconda's machines, conda-forge's on each system, conda-build's own.
_BUILD_FOLDER = pattern(
    r"""(?ix)
    /croot/ | /feedstock_root/ | /conda-bld/ | [/\\]bld[/\\] | ^[a-z]:[/\\]b[/\\]abs_
    | /tmp/build/[0-9a-f]{8}/
    | /work/ci_py\d+/ | ^[a-z]:[/\\]ci(?:_\w+)?[/\\] | ^/home/(?:builder|task_\d+)/ | _\d{10,}/work(?:/|\Z)
    | /perseverance-python-buildout/ | ^/private/tmp/(?:build|nsight)
    """
)


def report_build_paths(draft: Draft) -> None:
    """Add one fault for all requirements that name such a folder; they are taken out of the draft."""
    found = [requirement for requirement in draft.pypi if _is_build_path(requirement)]
    if not found:
        return
    draft.pypi[:] = [requirement for requirement in draft.pypi if requirement not in found]
    first, *others = found
    places = [f"`{r.name}`" + (f" (line {r.origin.line})" if r.origin.line else "") for r in others]
    more = f"; so do {len(others)} more: {', '.join(places)}" if others else ""
    draft.faults.add(
        f"`{first.text}` names a folder of the machine on which the conda package was built{more}",
        first.origin,
        "write the version (`name==1.2`): `pip list --format=freeze` prints it for all",
    )


def _is_build_path(requirement: PypiRequirement) -> bool:
    path = requirement.direct.path if requirement.direct else None
    return path is not None and _BUILD_FOLDER.search(path) is not None
