"""Where lockfiles go, and how they name their sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.cli.places import check_files
from lockfiles.places import default_output, relative_sources
from resolver.errors import InputError
from tests.cli.here import lock
from tests.cli.process import make_project
from tests.end_to_end.inside import run


@pytest.mark.parametrize(
    ("files", "output"),
    [
        pytest.param(["environment.yml"], "conda-lock.yml", id="the usual name"),
        pytest.param(["a/environment.yaml", "b/dev.yml"], "a/conda-lock.yml", id="beside the first"),
        pytest.param(["environment-gpu.yml"], "environment-gpu.conda-lock.yml", id="another one beside it"),
        pytest.param(["requirements.txt"], "requirements.conda-lock.yml", id="requirements"),
        pytest.param(["-"], "conda-lock.yml", id="standard input"),
    ],
)
def test_default_output(files: list[str], output: str) -> None:
    assert default_output(files) == Path(output)


@pytest.mark.parametrize(
    ("file", "output", "source"),
    [
        pytest.param("environment.yml", "conda-lock.yml", "environment.yml", id="beside"),
        pytest.param("envs/a.yml", "conda-lock.yml", "envs/a.yml", id="below"),
        pytest.param("a.yml", "locks/a.lock.yml", "../a.yml", id="the lockfile below"),
        pytest.param(
            "a.yml", "../elsewhere/a.lock.yml", "a.yml", id="the lockfile elsewhere: no folder's name"
        ),
        pytest.param("../a.yml", "a.lock.yml", "a.yml", id="the input elsewhere"),
    ],
)
def test_sources(
    file: str, output: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    assert relative_sources([file, "-"], Path(output), Path.cwd()) == (source,)


def test_the_place_of_the_project_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for name in ("one", "two/deep"):
        (tmp_path / name).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / name)
        found.add(relative_sources(["environment.yml"], Path("conda-lock.yml"), Path.cwd()))
        found.add(
            relative_sources([str(Path.cwd() / "environment.yml")], Path.cwd() / "conda-lock.yml", Path.cwd())
        )
    assert found == {("environment.yml",)}


def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        check_files([], "lock")
    assert caught.value.hint == "name an environment file: `lock environment.yml`"
    (tmp_path / "environment.yaml").write_text("")
    with pytest.raises(InputError) as caught:
        check_files([], "lock")
    assert caught.value.hint == "run `lock environment.yaml`"
    with pytest.raises(InputError) as caught:
        check_files([], "lock explain")
    assert caught.value.hint == "run `lock explain environment.yaml`"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("why", "numpy"), "did you mean `uv.lock`?"),
        ((), "run `lock pyproject.toml`"),
        (("-f", "pyproject.toml"), "files are named without a flag: `lock environment.yml`"),
        (("diff", "HEAD:uv.lock", "uv.lock"), None),
    ],
    ids=["a lockfile of another name is there", "an input is there", "a flag of conda-lock", "no repository"],
)
def test_what_is_there_instead(
    arguments: tuple[str, ...], hint: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text("version = 1\n")
    code = run(*arguments, folder=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    told = capsys.readouterr().err
    assert (code, told.partition("hint: ")[2].strip()) == (2, hint or ""), told


NEAR = [
    (("expalin", "environment.yml"), "did you mean the verb `lock explain`?"),
    (("chekc", "environment.yml"), "did you mean the verb `lock check`?"),
    (("lock", "environment.yml"), "`lock` is the command itself"),
    (("enviroment.yml",), "did you mean `environment.yml`?"),
    (("envs/trian.yml",), "did you mean `envs/train.yml`?"),
    (("explain", "enviroment.yml"), "did you mean `environment.yml`?"),
    (("hash", "enviroment.yml"), "did you mean `environment.yml`?"),
    (("check", "conda-lock.yaml"), "did you mean `conda-lock.yml`?"),
    (("export", "conda-lock.yaml", "--format", "explicit"), "did you mean `conda-lock.yml`?"),
    (("diff", "conda-lock.yml", "conda-lokc.yml"), "did you mean `conda-lock.yml`?"),
    (("none/environment.yml",), "there is no folder `none`"),
]


@pytest.mark.parametrize(("arguments", "hint"), NEAR, ids=[" ".join(arguments) for arguments, _ in NEAR])
def test_a_name_that_is_nearly_a_verb_or_a_file(
    tmp_path: Path, arguments: tuple[str, ...], hint: str
) -> None:
    make_project(tmp_path)
    (tmp_path / "conda-lock.yml").write_text("version: 1\nmetadata: {}\npackage: []\n")
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs" / "train.yml").write_text("dependencies: []\n")
    done = lock(*arguments, folder=tmp_path)
    assert done.code == 2, done.err
    assert f"hint: {hint}" in done.err


def test_a_name_far_from_all_is_told_as_it_is(tmp_path: Path) -> None:
    make_project(tmp_path)
    done = lock("xyzzy.yml", folder=tmp_path)
    assert (done.code, "hint" in done.err) == (2, False)
