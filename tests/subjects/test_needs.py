"""What installed projects ask of each other, beside an independent judge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lockfiles.subjects.prefix.needs import unmet_needs
from resolver.model.installed import Installation, InstalledProject
from resolver.model.names import pypi_name
from resolver.model.target import Target
from tests.oracles.pip_check import Installed, machine_of, pip_check
from tests.support.tables import table

NAMES = ("alpha", "beta", "gamma", "Delta_x")
_SPECIFIERS = st.sampled_from(("", ">=2", "<2", "==1.*", "~=1.4", "!=2.0", ">1,<3", ">=3.0rc1"))
_MARKERS = st.sampled_from(
    (
        "",
        '; python_version < "3.12"',
        '; python_full_version >= "3.11.4"',
        '; sys_platform == "win32"',
        '; platform_machine == "x86_64" and implementation_name == "cpython"',
        '; extra == "more"',
        '; extra == "more" or python_version > "3.11"',
        '; extra == "other" and sys_platform == "linux"',
    )
)
_EXTRAS = st.sampled_from(("", "[more]", "[more,other]"))
_REQUIREMENTS = st.builds(
    lambda name, extras, specifier, marker: f"{name}{extras}{specifier}{marker}",
    st.sampled_from(NAMES),
    _EXTRAS,
    _SPECIFIERS,
    _MARKERS,
)
_PROJECTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(
        st.sampled_from(("1.0", "1.4.2", "2.0", "3.0rc1", "2.1+local")),
        st.lists(_REQUIREMENTS, max_size=4),
        st.sampled_from((None, ">=3.11", "<3.11", "==3.11.*")),
    ),
    max_size=4,
)


def installation(projects: dict[str, tuple[str, list[str], str | None]], python: str) -> Installation:
    return Installation(
        subdir="linux-64",
        python=python,
        projects=tuple(
            InstalledProject(
                name=pypi_name(name),
                version=version,
                folder=f"{name}.dist-info",
                requires_dist=tuple(requires),
                requires_python=requires_python,
            )
            for name, (version, requires, requires_python) in projects.items()
        ),
    )


@given(_PROJECTS, st.sampled_from(("3.10.2", "3.11.7", "3.12.0")))
def test_what_is_unmet_is_what_another_judge_finds(
    projects: dict[str, tuple[str, list[str], str | None]], python: str
) -> None:
    there = [
        Installed(name=name, version=version, requires_dist=tuple(requires), requires_python=requires_python)
        for name, (version, requires, requires_python) in projects.items()
    ]
    judged = pip_check(there, machine_of(Target(subdir="linux-64"), python), roots=list(projects))
    expected = {violation.text for violation in judged if violation.kind in ("requires", "python")}
    found = {
        f"{need.name} {need.version}: {need.requirement.removeprefix('Python ')}"
        for need in unmet_needs(installation(projects, python))
    }
    assert found == expected


@table(
    "requires_python, python, is_unmet",
    [
        ("the last number isn't known, and may do", ">=3.11.4", "3.11", False),
        ("no 3.11 does", ">=3.12", "3.11", True),
        ("nothing is known of the Python", ">=3.12", None, False),
        ("it can't be read", "three", "3.11", False),
    ],
)
def test_a_python_of_which_little_is_known(requires_python: str, python: str | None, is_unmet: bool) -> None:
    (project,) = installation({"alpha": ("1.0", [], requires_python)}, "3.11").projects
    found = unmet_needs(Installation(subdir="linux-64", python=python, projects=(project,)))
    assert bool(found) is is_unmet


def test_what_cannot_be_read_asks_for_nothing() -> None:
    projects = {"alpha": ("not a version", ["beta >= ;;", "beta>=2"], None), "beta": ("1-x-2", [], None)}
    assert unmet_needs(installation(projects, "3.12.1")) == ()
