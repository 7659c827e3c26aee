"""A seeded generator of :class:`tests.oracles.universes.Universe`.

``make_universe(seed)`` gives the same universe in every process. About a quarter are conda alone, an eighth
PyPI alone on a fixed Python, the rest joint.
"""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Sequence
from dataclasses import replace

from tests.oracles import universe_specs as specs
from tests.oracles.universe_draft import FOREIGN, VERSIONS, YANKED, Draft, Options, draw_packages
from tests.oracles.universes import Candidate, Kind, Need, Package, Universe

DIRECT = "DIRECT"  #: stands for the address of the file in a direct reference


def make_universe(seed: int, options: Options | None = None) -> Universe:
    """Return the universe of a seed."""
    draft = Draft(rng=random.Random(seed), options=options or Options())  # noqa: S311 - wanted: a seed
    draw_packages(draft)
    packages = [finish_conda(draft, name) for name in draft.conda]
    for name in draft.pypi:
        packages += finish_project(draft, name)
    packages += [
        Package(key=name, kind=Kind.VIRTUAL, candidates=(Candidate(version=version, build="0"),))
        for name, version in draft.virtual.items()
    ]
    return Universe(
        seed=seed,
        packages={package.key: package for package in sorted(packages, key=lambda package: package.key)},
        root=draw_root(draft),
        virtual_packages=dict(sorted(draft.virtual.items())),
    )


# --- dependencies ---


def allowed_conda(draft: Draft, name: str, condition: specs.Condition, build: str = "*") -> frozenset[int]:
    """Return the candidates of a conda or virtual package that a condition admits."""
    if name in draft.virtual:
        return frozenset({0} if condition.test(specs.release(draft.virtual[name])) else ())
    return frozenset(
        index
        for index, candidate in enumerate(draft.conda.get(name, ()))
        if condition.test(specs.release(candidate.version)) and fnmatch.fnmatchcase(candidate.build, build)
    )


def conda_need(
    draft: Draft, name: str, *, optional: bool = False, free: float = 0.3, ceiling: bool = False
) -> Need:
    """Draw a match spec on a conda package, python or a virtual package."""
    rng = draft.rng
    build = "*"
    if name == "python":
        condition = python_condition(rng, conda=True)
    elif name.startswith("__"):
        versions = {"__glibc": ["2.17", "2.17", "2.28"], "__cuda": ["11.2", "12.0"]}[name]
        condition = specs.bound(">=", rng.choice(versions))
    else:
        condition = specs.random_condition(
            rng, near(draft, draft.conda.get(name, ())), conda=True, free=free, ceiling=ceiling
        )
        if rng.random() < 0.12 and condition.text:
            build = rng.choice(["cpu*", "cuda*", "*_0"])
    text = " ".join(part for part in (name, condition.text, build if build != "*" else "") if part)
    return Need(
        package=name, allowed=allowed_conda(draft, name, condition, build), text=text, optional=optional
    )


def python_condition(rng: random.Random, *, conda: bool) -> specs.Condition:
    """Draw a condition on the interpreter; some of them no Python here meets."""
    minor = rng.choice(["3.10", "3.11", "3.12"])
    choice = rng.random()
    if choice < 0.6:
        return specs.bound(">=", rng.choice(["3.10", "3.10", "3.11", "3.12"]))
    if choice < 0.8:
        return specs.bound("<", rng.choice(["3.11", "3.12", "3.13", "3.13"]))
    if choice < 0.87:
        return specs.prefix(minor, conda=conda)
    return specs.both(specs.bound(">=", "3.10"), specs.bound("<", rng.choice(["3.12", "3.13"])))


def finish_conda(draft: Draft, name: str) -> Package:
    """Return a conda package with dependencies drawn, and what strict priority hides."""
    kind = Kind.FIXED if name == "python" and draft.fixed_python else Kind.CONDA
    by_version: dict[str, list[Need]] = {}
    finished = []
    for candidate in draft.conda[name]:
        if candidate.version not in by_version:
            ceiling = draft.opposed and candidate.version != draft.conda[name][-1].version
            by_version[candidate.version] = (
                [] if name == "python" else draw_conda_needs(draft, name, ceiling=ceiling)
            )
        needs = list(by_version[candidate.version])
        same_name = candidate.purls is None and bool(candidate.provides)
        depends_on_python = any(need.package == "python" and not need.optional for need in needs)
        if name != "python" and (same_name or draft.rng.random() < 0.3) and not depends_on_python:
            needs.append(conda_need(draft, "python"))
        finished.append(
            replace(
                candidate,
                needs=tuple(needs),
                texts=tuple(need.text for need in needs if not need.optional),
                constrains=tuple(need.text for need in needs if need.optional),
            )
        )
    hidden: tuple[Candidate, ...] = ()
    if kind is Kind.CONDA and draft.rng.random() < 0.2:
        hidden = (Candidate(version="99.0", build="h9_0", purls=()),)
    return Package(key=name, kind=kind, candidates=tuple(finished), hidden_records=hidden)


def draw_conda_needs(draft: Draft, name: str, *, ceiling: bool) -> list[Need]:
    """Draw depends and constrains that all builds of one version share."""
    rng, options = draft.rng, draft.options
    others = [other for other in draft.conda if other not in (name, "python")]
    needs: list[Need] = []
    if rng.random() < 0.35:
        needs.append(conda_need(draft, "python"))
    needs += [
        conda_need(draft, other, optional=rng.random() < 0.25, ceiling=ceiling)
        for other in pick(rng, others, options.dependencies)
    ]
    if rng.random() < 0.2:
        name = rng.choice(["__glibc", "__glibc", "__cuda"])
        needs.append(conda_need(draft, name, optional=rng.random() < 0.4))
    if rng.random() < options.unknown:
        needs.append(Need(package="missing", allowed=frozenset(), text="missing >=1.0"))
    return needs


def near(draft: Draft, candidates: Sequence[Candidate]) -> list[str]:
    """Return the versions a condition is drawn from, ascending: mostly those there are, else all."""
    present = sorted({candidate.version for candidate in candidates}, key=specs.release)
    return present if present and draft.rng.random() < 0.8 else VERSIONS


def pick(rng: random.Random, names: list[str], weights: tuple[float, ...]) -> list[str]:
    """Return a random number of names; ``weights`` are those of 0, 1, 2 ..."""
    count = rng.choices(range(len(weights)), weights)[0]
    return rng.sample(names, min(count, len(names)))


def pypi_needs(
    draft: Draft,
    name: str,
    *,
    free: float = 0.3,
    marker: str = "",
    when: frozenset[int] | None = None,
    optional: bool = False,
    ceiling: bool = False,
) -> list[Need]:
    """Draw a PEP 508 requirement on a project: one need, and one more for each extra asked for."""
    rng = draft.rng
    condition = specs.random_condition(
        rng, near(draft, draft.pypi[name]), conda=False, free=free, ceiling=ceiling
    )
    asked = [extra for extra in draft.extras.get(name, ()) if not optional and rng.random() < 0.4]
    text = f"{name}{'[' + ','.join(asked) + ']' if asked else ''}{condition.text}"
    if marker:
        text += f" ; {marker}"
    allowed = frozenset(
        index
        for index, candidate in enumerate(draft.pypi[name])
        if condition.test(specs.release(candidate.version))
    )
    keys = [f"pypi:{name}", *(f"pypi:{name}[{extra}]" for extra in asked)]
    return [Need(package=key, allowed=allowed, text=text, optional=optional, when=when) for key in keys]


def draw_marker(draft: Draft) -> tuple[str, frozenset[int] | None]:
    """Draw a marker: its text and the candidates of python under which it is true (None: all)."""
    rng = draft.rng
    choice = rng.random()
    if choice < 0.6:
        return "", None
    platform_text, platform_holds = rng.choice(
        [
            ('sys_platform == "linux"', True),
            ('sys_platform == "win32"', False),
            ('platform_machine != "arm64"', True),
        ]
    )
    if choice < 0.72:
        return platform_text, None if platform_holds else frozenset()
    operator, minor = rng.choice([">=", "<", "=="]), rng.choice(["3.10", "3.11", "3.12"])
    condition = specs.prefix(minor, conda=False) if operator == "==" else specs.bound(operator, minor)
    text = f'python_version {operator} "{minor}"'
    pythons = draft.conda["python"]
    holds = frozenset(i for i, python in enumerate(pythons) if condition.test(specs.release(python.version)))
    if choice < 0.9:
        return text, holds
    if rng.random() < 0.5:
        return f"{text} and {platform_text}", holds if platform_holds else frozenset()
    return f"{text} or {platform_text}", None if platform_holds else holds


def finish_project(draft: Draft, name: str) -> list[Package]:
    """Return a project and its extras, with dependencies, wheels and Requires-Python drawn."""
    extras = draft.extras.get(name, ())
    base: list[Candidate] = []
    of_extra: dict[str, list[Candidate]] = {extra: [] for extra in extras}
    for index, candidate in enumerate(draft.pypi[name]):
        if candidate.is_provided:
            base.append(candidate)
            continue
        finished, extra_needs = finish_wheel(draft, name, candidate, extras)
        base.append(finished)
        for extra in extras:
            tie = Need(
                package=f"pypi:{name}", allowed=frozenset({index}), text=f"{name}=={candidate.version}"
            )
            of_extra[extra].append(Candidate(version=candidate.version, needs=(tie, *extra_needs[extra])))
    hidden = tuple(
        (version, why)
        for version, why in ((YANKED, "yanked"), (FOREIGN, "platform"))
        if draft.rng.random() < 0.15 and not base[0].is_provided
    )
    key = f"pypi:{name}"
    packages = [
        Package(
            key=key,
            kind=Kind.PYPI,
            candidates=tuple(base),
            extras=extras,
            direct=name in draft.direct,
            hidden_versions=() if name in draft.direct else hidden,
        )
    ]
    packages += [
        Package(key=f"{key}[{extra}]", kind=Kind.EXTRA, candidates=tuple(of_extra[extra]), base=key)
        for extra in extras
    ]
    return packages


def finish_wheel(
    draft: Draft, name: str, candidate: Candidate, extras: tuple[str, ...]
) -> tuple[Candidate, dict[str, list[Need]]]:
    """Return a wheel's candidate with its needs, and the needs of each of its extras."""
    rng, options = draft.rng, draft.options
    others = [other for other in draft.pypi if other != name]
    texts: list[str] = []
    needs: list[Need] = [draw_python_need(draft, name, candidate.version)]
    extra_needs: dict[str, list[Need]] = {extra: [] for extra in extras}
    ceiling = draft.opposed and candidate.version != draft.pypi[name][-1].version
    for other in pick(rng, others, options.dependencies):
        marker, when = draw_marker(draft)
        drawn = pypi_needs(draft, other, marker=marker, when=when, ceiling=ceiling)
        texts.append(drawn[0].text)
        needs += [need for need in drawn if need.when != frozenset()]
    for extra in extras:
        for other in pick(rng, others, (0.2, 0.6, 0.2)):
            marker, when = draw_marker(draft)
            both = f'({marker}) and extra == "{extra}"' if marker else f'extra == "{extra}"'
            drawn = pypi_needs(draft, other, marker=both, when=when)
            texts.append(drawn[0].text)
            extra_needs[extra] += [need for need in drawn if need.when != frozenset()]
    if rng.random() < options.unknown:
        texts.append("missing-project>=1.0")
        needs.append(Need(package="pypi:missing-project", allowed=frozenset(), text=texts[-1]))
    requires, files = needs[0].text.split("|")
    finished = replace(
        candidate,
        needs=tuple(needs),
        texts=tuple(texts),
        requires_python=requires or None,
        files=tuple(files.split()),
    )
    return finished, extra_needs


def draw_python_need(draft: Draft, name: str, version: str) -> Need:
    """Draw Requires-Python and the files of one version: the need on ``python`` that both make.

    Its text is ``REQUIRES_PYTHON|FILE FILE ...``.
    """
    rng = draft.rng
    requires = python_condition(rng, conda=False) if rng.random() < 0.4 else specs.any_version()
    stem = f"{name.replace('-', '_')}-{version}"
    if rng.random() < 0.6:
        fitting = {10, 11, 12}
        files = [f"{stem}-py3-none-any.whl"]
    elif rng.random() < 0.3:
        minor = rng.choice([10, 11])
        fitting = set(range(minor, 13))
        files = [f"{stem}-cp3{minor}-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"]
    else:
        minors = sorted(rng.sample([10, 11, 12], rng.randint(1, 3)))
        fitting = set(minors)
        files = [f"{stem}-cp3{minor}-cp3{minor}-manylinux_2_17_x86_64.whl" for minor in minors]
    allowed = frozenset(
        index
        for index, python in enumerate(draft.conda["python"])
        if requires.test(specs.release(python.version)) and specs.release(python.version)[1] in fitting
    )
    return Need(package="python", allowed=allowed, text=f"{requires.text}|{' '.join(files)}")


# --- what the user asks for ---


def draw_root(draft: Draft) -> tuple[Need, ...]:
    """Draw the user's requirements: conda first, then pip, then pip's constraints."""
    rng = draft.rng
    root: list[Need] = []
    if not draft.fixed_python:
        is_named = not (draft.pypi and draft.options.unnamed and rng.random() < draft.options.unnamed)
        if is_named and (draft.pypi or rng.random() < 0.7):
            root.append(conda_need(draft, "python") if rng.random() < 0.4 else whole(draft, "python"))
        names = [name for name in draft.conda if name != "python"]
        for name in rng.sample(names, rng.randint(0 if draft.pypi else 1, min(3, len(names)))):
            root += [
                conda_need(draft, name, free=0.9 if draft.opposed else 0.5)
                for _ in range(rng.choice([1] * 9 + [2]))
            ]
    if draft.pypi:
        asked = rng.sample(sorted(draft.pypi), min(len(draft.pypi), rng.randint(1, 3)))
        for name in asked:
            if name not in draft.direct:
                for _ in range(2 if draft.options.marked and rng.random() < 0.15 else 1):
                    marker, when = line_marker(draft)
                    root += pypi_needs(
                        draft, name, free=0.9 if draft.opposed else 0.5, marker=marker, when=when
                    )
        for name in sorted(draft.direct):
            root.append(Need(package=f"pypi:{name}", allowed=frozenset({0}), text=f"{name} @ {DIRECT}"))
        for name in draft.pypi:
            if rng.random() < 0.12:
                marker, when = line_marker(draft)
                root += pypi_needs(draft, name, free=0.0, optional=True, marker=marker, when=when)
    return tuple(root)


def line_marker(draft: Draft) -> tuple[str, frozenset[int] | None]:
    """Draw a marker for a line of the user's, where lines have any."""
    if not draft.options.marked or draft.rng.random() >= draft.options.marked:
        return "", None
    while True:
        marker, when = draw_marker(draft)
        if marker and ("python_version" in marker or draft.rng.random() < 0.2):
            return marker, when


def whole(draft: Draft, name: str) -> Need:
    """Return a requirement that any candidate meets."""
    return Need(package=name, allowed=allowed_conda(draft, name, specs.any_version()), text=name)
