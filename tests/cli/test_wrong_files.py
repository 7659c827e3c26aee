"""A file handed to the wrong verb: one message that says what it is, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.process import lock, make_project
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
