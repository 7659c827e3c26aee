"""A file handed to the wrong verb: one message that says what it is, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.here import lock
from tests.cli.process import make_project
from tests.end_to_end.inside import run
from tests.inputs.test_foreign_outputs import EXPORT, HISTORY, JOB, LIST, MARKS

FILES = {
    "job.yml": JOB,
    "export.txt": EXPORT,
    "list.txt": LIST,
    "history": HISTORY,
    "setup.py": "setup()\n",
    "uv.lock": "version = 1\n",
}
JOB_WORDS = "an Azure ML job"
CASES = [
    *((verb, "job.yml", JOB_WORDS) for verb in ((), ("explain",), ("check",))),
    (("export", "--format", "explicit"), "job.yml", JOB_WORDS),
    (("diff", "job.yml"), "job.yml", JOB_WORDS),
    (("export", "--format", "explicit"), "environment.yml", "`lock environment.yml` makes one"),
    (("diff", "environment.yml"), "environment.yml", "`lock environment.yml` makes one"),
    *(
        ((*verb,), name, "conda env export --from-history")
        for verb in ((), ("explain",), ("check",), ("hash",))
        for name in ("export.txt", "list.txt", "history")
    ),
    *((verb, "setup.py", "`-e .`") for verb in ((), ("explain",), ("check",), ("hash",))),
    *((verb, "uv.lock", "lock the pyproject.toml") for verb in ((), ("explain",))),
]


@pytest.mark.parametrize(
    ("verb", "name", "words"), CASES, ids=[" ".join((*verb, name)) for verb, name, _ in CASES]
)
def test_it_is_named(verb: tuple[str, ...], name: str, words: str, tmp_path: Path) -> None:
    make_project(tmp_path)
    for file, text in FILES.items():
        (tmp_path / file).write_text(text)
    done = lock(*verb, name, folder=tmp_path)
    assert done.code == 2, done.err
    assert words in done.err
    assert done.err.count("error:") == 1


@pytest.mark.parametrize("name", ["lockstack.toml", "pyproject.toml"])
def test_the_marks_of_a_merge_in_settings(name: str, tmp_path: Path) -> None:
    make_project(tmp_path)
    (tmp_path / name).write_text("# lockstack\n" + MARKS)
    done = lock("environment.yml", folder=tmp_path)
    assert done.code == 2
    assert f"{name}:2: holds the marks of an unfinished merge" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        "one.yml two.yml",
        "add x --file one.yml --file two.yml",
        "check one.yml two.lock",
        "diff one.yml two.yml",
        "explain one.yml two.yml",
        "export one.yml --format pixi --input two.yml",
        "graph one.lock two.lock",
        "graph one.lock --input two.yml",
        "hash one.yml two.yml",
        "outdated one.yml --input two.yml",
        "remove x --file one.yml --file two.yml",
        "sync one.yml two.yml --prefix env",
        "tree one.yml --input two.yml",
        "validate one.yml --init --input two.yml",
        "verify one.yml --advisories two.json",
        "why x one.yml --input two.yml",
    ],
)
def test_all_files_that_are_missing_are_named(
    arguments: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments.split(), folder=tmp_path) == 2
    said = capsys.readouterr().err
    assert said.count("error:") == 2
    assert all(name in said for name in arguments.split() if name.startswith(("one.", "two.")))


def test_a_list_on_one_line_is_named_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "environment.yml").write_text("channels: [x]\ndependencies: [python, numpy]\n")
    assert run("add", "pandas", "--file", "environment.yml", folder=tmp_path) == 2
    assert "environment.yml:2: the list is not written one item a line" in capsys.readouterr().err


def test_every_place_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "requirements.txt").write_text(
        f"rich\n./my wheels/a-1.0-py3-none-any.whl\n-e ./folder\nb @ {(tmp_path / 'b c.tar.gz').as_uri()}\n"
        "-c constraints.txt\nnever @ file:///never-1.0.tar.gz ; python_version < '3'\n"
    )
    (tmp_path / "constraints.txt").write_text("rich @ file:///nowhere/rich-1.0-py3-none-any.whl\n")
    assert run("requirements.txt", "--python", "3.12", "--no-index", folder=tmp_path) == 2
    said = capsys.readouterr().err
    assert [line for line in said.splitlines() if line.startswith("error:")] == [
        "error: requirements.txt:2:1: there is no `./my wheels/a-1.0-py3-none-any.whl`",
        "error: requirements.txt:3:1: there is no `./folder`",
        f"error: requirements.txt:4:1: there is no `{tmp_path}/b c.tar.gz`",
    ]
