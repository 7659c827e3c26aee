"""What a file is, told from its text and name."""

from __future__ import annotations

import pytest

from resolver.inputs.file_kinds import KINDS, conflict_line, is_dockerfile, is_lockfile, kind_of

CASES = [
    pytest.param("x.yml", "version: 1\nmetadata: {}\npackage: []\n", "conda_lock", id="conda-lock"),
    pytest.param("x.yml", '{"version": 1, "metadata": {}, "package": []}', "conda_lock", id="as JSON"),
    pytest.param("x", "# c\nversion: 6\nenvironments:\n  a: {}\npackages: []\n", "pixi", id="pixi"),
    pytest.param("pixi.lock", "{}", "pixi", id="pixi by name"),
    pytest.param("pixi.toml", "[project]\n", None, id="pixi's manifest"),
    pytest.param("setup.cfg", "[metadata]\n", "setup.cfg", id="a project's metadata"),
    pytest.param("pylock.toml", "", "pylock", id="pylock by name"),
    pytest.param("pylock.linux-64.toml", "", "pylock", id="pylock with a name"),
    pytest.param("a.b.toml", 'lock-version = "1.0"\n', "pylock", id="pylock by key"),
    pytest.param("poetry.lock", '[metadata]\nlock-version = "2.0"\n', "poetry.lock", id="poetry"),
    pytest.param("x.toml", '[metadata]\nlock-version = "2.0"\n', None, id="a key further down"),
    pytest.param("x.txt", "# platform: linux-64\n@EXPLICIT\n", "explicit", id="explicit"),
    pytest.param("x.txt", "# not @EXPLICIT\na\n", None, id="explicit in a comment"),
    pytest.param("x.txt", "--index-url https://i.example.org\na[b] == 1\n", "requirements", id="pins"),
    pytest.param("x.txt", "a @ https://i.example.org/a.whl\n", "requirements", id="an address"),
    pytest.param("x.txt", "a>=1\n", None, id="no pin"),
    pytest.param("environment.yml", "dependencies:\n- numpy==1\n", None, id="environment"),
    pytest.param("meta.yaml", "package:\n  name: a\nrequirements: {}\n", None, id="recipe"),
    pytest.param("x.yml", "metadata: {}\nlist:\n  package: []\n", None, id="a key further in"),
]


@pytest.mark.parametrize(("name", "text", "expected"), CASES)
def test_kind(name: str, text: str, expected: str | None) -> None:
    found = kind_of(text, f"some\\folder/{name}")
    assert (found.id if found else None) == expected


def test_what_is_pinned_is_an_input_as_well() -> None:
    assert not is_lockfile("a==1\n", "requirements.txt")
    assert is_lockfile("@EXPLICIT\n", "requirements.txt")
    assert not is_lockfile("", "uv.lock"), "no reader"


def test_ids_are_unique_and_readers_exist() -> None:
    from importlib import import_module

    assert len({kind.id for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        if kind.is_read:
            assert callable(import_module(f"lockfiles.formats.{kind.id}.reading").read)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n", 1),
        ("a: 1\n<<<<<<< HEAD\n", 2),
        ("a: 1\n\n>>>>>>> main\n", 3),
        ("a: '<<<<<<< HEAD'\n", None),
        ("a: 1\n", None),
    ],
)
def test_marks_of_a_merge(text: str, line: int | None) -> None:
    assert conflict_line(text) == line


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Dockerfile", "", True),
        ("train.Dockerfile", "", True),
        ("Containerfile.gpu", "", True),
        ("x", "# syntax\nARG A=1\nFROM ${A}\n", True),
        ("environment.yml", "dependencies: []\n", False),
    ],
)
def test_dockerfile(name: str, text: str, expected: bool) -> None:
    assert is_dockerfile(text, name) is expected
