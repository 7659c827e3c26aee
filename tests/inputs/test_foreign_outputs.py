"""What other tools print or keep, handed in as an input: named, with a way on, all at once."""

from __future__ import annotations

import pytest

from resolver.errors import InputErrors
from resolver.inputs.reading import parse_inputs
from tests.inputs.support import parse

EXPORT = """\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: linux-64
_libgcc_mutex=0.1=main
numpy=1.26.4=py311h24aa872_0
requests=2.31.0=pypi_0
"""
LIST = """\
# packages in environment at /opt/conda:
#
# Name                    Version                   Build  Channel
_libgcc_mutex             0.1                        main
"""
HISTORY = """\
==> 2023-01-01 10:00:00 <==
# cmd: /opt/conda/bin/conda create -n x python=3.9
+defaults/linux-64::_libgcc_mutex-0.1-main
"""
JOB = "type: command\ncommand: python a.py\nenvironment: azureml:x:1\n"
INLINE = "type: command\ncommand: python a.py\nenvironment:\n  image: i\n  conda_file: env/conda.yml\n"
FROM_HISTORY = "`conda env export --from-history` writes what was asked for"
CASES = [
    ("export.txt", EXPORT, "the output of `conda list --export` says what was installed", FROM_HISTORY),
    ("list.txt", LIST, "the output of `conda list` says what was installed", FROM_HISTORY),
    ("history", HISTORY, "conda's `history` file says what was installed", FROM_HISTORY),
    ("Pipfile", "[packages]\n", "`Pipfile` is pipenv's list of requirements", "`pipenv requirements`"),
    ("setup.py", "setup()\n", "`setup.py` is a program", "`-e .`"),
    ("setup.cfg", "[metadata]\n", "`setup.cfg` is a project's metadata", "`-e .`"),
    ("poetry.lock", "[[package]]\n", "a poetry.lock is a lockfile already", "lock the pyproject.toml"),
    ("uv.lock", "version = 1\n", "a uv.lock is a lockfile already", "lock the pyproject.toml"),
    ("job.yml", JOB, "an Azure ML job names its environment", "its environment, `azureml:x:1`"),
    ("job.yml", INLINE, "an Azure ML job names its environment", "`env/conda.yml`"),
    (
        "pipe.yml",
        "type: pipeline\njobs: {a: {}}\n",
        "an Azure ML job names its environment",
        "its environment",
    ),
]


@pytest.mark.parametrize(("name", "text", "message", "hint"), CASES, ids=[f"{c[0]}: {c[3]}" for c in CASES])
def test_it_is_told_once_with_a_way_on(name: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse(text, name)
    (error,) = caught.value.errors
    assert message in error.message
    assert hint in (error.hint or "")


@pytest.mark.parametrize("text", ["numpy=1.2\n", "a==1=2\n", "# Name of the project\na\n", "a>=1\nb=1=0\n"])
def test_other_lines_are_told_line_by_line(text: str) -> None:
    try:
        parse(text, "r.txt")
    except InputErrors as error:
        assert "conda list" not in str(error)  # noqa: PT017


BUILD_PATHS = [
    "/croot/exceptiongroup_1668714342571/work",
    "/home/conda/feedstock_root/build_artifacts/certifi_1700/work",
    "/tmp/build/80754af9/attrs_1642510447205/work",  # noqa: S108  a text, no folder
    "/opt/conda/conda-bld/attrs_1642510447205/work",
    "/work/ci_py311/idna_1676822698822/work",
    "/C:/ci_311/idna_1676424932545/work",
    "/C:/b/abs_5dfe2pf_k0/croot/idna_1/work",
    "/D:/bld/idna_1/work",
    "/private/tmp/build/80754af9/idna",
]


def test_folders_of_a_build_machine_are_told_all_at_once() -> None:
    lines = [f"p{number} @ file://{path}" for number, path in enumerate(BUILD_PATHS)]
    with pytest.raises(InputErrors) as caught:
        parse("numpy==1.2\n" + "\n".join(lines) + "\nmine @ file:///home/me/work\n", "r.txt")
    (error,) = caught.value.errors
    assert str(error.origin) == "r.txt:2:1"
    assert "a folder of the machine on which the conda package was built" in error.message
    assert "so do 8 more: `p1` (line 3), `p2` (line 4)" in error.message
    assert "`mine`" not in error.message
    assert "pip list --format=freeze" in (error.hint or "")


OPTIONS = [
    ("--extra-index https://a.org/s", ("https://a.org/s",)),
    ("--extra https://a.org/s", ("https://a.org/s",)),
    ("--extra-index=https://a.org/s", ("https://a.org/s",)),
]


@pytest.mark.parametrize(("line", "expected"), OPTIONS)
def test_an_option_of_pip_may_be_abbreviated(line: str, expected: tuple[str, ...]) -> None:
    assert parse(f"{line}\na\n", "r.txt").indexes.extra_index_urls == expected


@pytest.mark.parametrize("option", ["--no", "--xtra-index", "--p"])
def test_an_abbreviation_of_several_or_none_is_refused(option: str) -> None:
    with pytest.raises(InputErrors):
        parse(f"{option} https://a.org/s\na\n", "r.txt")


MARKS = "<<<<<<< HEAD\na==1\n=======\na==2\n>>>>>>> main\n"
FILES = [
    {"r.txt": MARKS},
    {"r.txt": "-r b.txt\n", "b.txt": MARKS},
    {"r.txt": "-c b.txt\n", "b.txt": MARKS},
    {"pyproject.toml": MARKS},
    {"pixi.toml": MARKS},
    {"e.yml": MARKS},
    {"e.yml": "dependencies:\n- pip:\n  - -r b.txt\n", "b.txt": MARKS},
    {
        "pyproject.toml": '[project]\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\n'
        'dependencies = {file = "b.txt"}\n',
        "b.txt": MARKS,
    },
]


@pytest.mark.parametrize("files", FILES, ids=lambda files: " ".join(files))
def test_the_marks_of_a_merge_are_told_in_every_input(files: dict[str, str]) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_inputs([next(iter(files))], files.__getitem__)
    (error,) = caught.value.errors
    assert error.message == "holds the marks of an unfinished merge"
    assert error.origin is not None
    assert (error.origin.file, error.origin.line) == (list(files)[-1], 1)


@pytest.mark.parametrize("option", ["-r", "-c"])
def test_an_address_in_place_of_a_file_is_refused_with_a_way_on(option: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse(f"{option} https://user:secret@a.org/r.txt\n", "r.txt")
    (error,) = caught.value.errors
    assert error.message.startswith("can't read `https://")
    assert error.message.endswith("a.org/r.txt`: an address, and only files are read")
    assert "secret" not in str(error)
    assert error.hint == "download it, and name the file"
