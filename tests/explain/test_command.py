"""``lock explain`` as a command, over a channel on disk."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

import lockfiles as library
from lockfiles import ExplainRequest
from lockfiles.cli.main import main
from tests.explain.world import RECORDS

CLASH = """\
channels:
  - conda-forge
dependencies:
  - python=3.12
  - scikit-learn==1.5.0  # the model needs it
  - numpy==2.0.0
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for (channel, subdir), records in RECORDS.items():
        place = tmp_path / "channels" / channel / subdir
        place.mkdir(parents=True)
        packages = {
            record.file_name: {
                key: value
                for key in ("name", "version", "build", "build_number", "timestamp", "noarch")
                if (value := getattr(record, key)) is not None
            }
            | {"depends": list(record.depends), "md5": "0" * 32, "sha256": "0" * 64, "size": 1}
            for record in records
        }
        document = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages}
        (place / "repodata.json").write_bytes(msgspec.json.encode(document))
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "environment.yml").write_text(CLASH, encoding="utf-8")
    return tmp_path


def explain(*arguments: str) -> int:
    options = ["--channel-alias", "channels", "--cache-dir", "cache", "-p", "linux-64", "--offline"]
    return main(["explain", *arguments, *options])


@pytest.mark.usefixtures("folder")
def test_it_prints_conflict_reasons_and_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("environment.yml") == 4
    told = capsys.readouterr()
    assert told.out == (
        "no solution for linux-64: these 2 lines can't hold together:\n"
        "  environment.yml:5:5  scikit-learn==1.5.0\n"
        "  environment.yml:6:5  numpy==2.0.0\n"
        "why:\n"
        "  scikit-learn 1.5.0 (conda-forge) needs numpy >=1.23.5,<2\n"
        "  but line 6 asks for `numpy==2.0.0`\n"
        "\n"
        "changes that work (each was solved):\n"
        "  1. environment.yml:5:5: `scikit-learn==1.5.0` -> `scikit-learn>=1.5,<1.7`"
        "   gives scikit-learn 1.6.1\n"
        "  2. environment.yml:6:5: `numpy==2.0.0` -> `numpy>=1.26,<=2.0.0`   gives numpy 1.26.4\n"
    )
    again = "`lock explain environment.yml --platform linux-64 --channel-alias ... --apply 1`"
    assert f"{again} makes the first change." in told.err


def test_apply_edits_once_and_then_finds_nothing_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "environment.yml"
    assert explain("environment.yml", "--apply", "1", "--dry-run") == 0
    assert path.read_text(encoding="utf-8") == CLASH
    assert explain("environment.yml", "--apply", "1") == 0
    after = CLASH.replace("scikit-learn==1.5.0", "scikit-learn>=1.5,<1.7")
    assert path.read_text(encoding="utf-8") == after
    assert "+  - scikit-learn>=1.5,<1.7  # the model needs it" in capsys.readouterr().out
    assert explain("environment.yml", "--apply", "1") == 0
    assert path.read_text(encoding="utf-8") == after
    assert "Nothing to change." in capsys.readouterr().err
    assert explain("environment.yml") == 0


@pytest.mark.usefixtures("folder")
def test_json_tree_and_dot(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("environment.yml", "--json") == 4
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert [m["line"] for m in document["targets"][0]["conflicts"][0]["members"]] == [5, 6]
    assert explain("environment.yml", "--tree") == 4
    assert "needs numpy  <- nothing is left" in capsys.readouterr().out
    assert explain("environment.yml", "--dot") == 4
    assert capsys.readouterr().out.startswith("digraph conflict {")


@pytest.mark.usefixtures("folder")
def test_a_change_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("environment.yml", "--apply", "9") == 2
    assert "there is no change 9" in capsys.readouterr().err


def test_a_log_is_explained_without_its_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = folder / "build.log"
    log.write_text(
        "error    libmamba Could not solve for environment specs\n"
        "    The following packages are incompatible\n"
        "    ├─ gast 0.4.0**  is requested and can be installed;\n"
        "    └─ pythran >=0.15.0  is not installable because it requires\n"
        "       └─ gast >=0.5.0,<0.6.0, which conflicts with any installable versions previously reported.\n",
        encoding="utf-8",
    )
    assert explain("--log", "build.log") == 4
    out = capsys.readouterr().out
    assert out.startswith(
        "build.log:1: an error of libmamba\nasked for:\n  gast 0.4.0.*\n  pythran >=0.15.0\n"
    )
    assert "these 2 lines can't hold together" in out
    assert "build.log:3: `gast 0.4.0.*` -> `gast >=0.4,<0.6`" in out
    assert explain("--log", "build.log", "--json") == 4
    document = json.loads(capsys.readouterr().out)
    assert [spec["line"] for spec in document["logs"][0]["specs"]] == [3, 4]
    assert document["targets"][0]["conflicts"][0]["members"][0]["file"] == "build.log"
    assert explain("--log", "build.log", "--apply", "1") == 2
    assert log.read_text(encoding="utf-8").startswith("error    libmamba")


def test_settings_of_the_current_folder_count_for_a_log_alone(folder: Path) -> None:
    (folder / "lockstack.toml").write_text('channel-alias = "channels"\noffline = true\n', encoding="utf-8")
    (folder / "build.log").write_text(
        "error    libmamba Could not solve for environment specs\n"
        "    The following packages are incompatible\n"
        "    └─ gast 9.9**  does not exist (perhaps a typo or a missing channel).\n",
        encoding="utf-8",
    )
    request = ExplainRequest(log="build.log", settings={"platforms": "osx-arm64"})
    explained = library.explain(request)
    assert [explanation.target.subdir for explanation in explained.explanations] == ["osx-arm64"]
    assert [report.first_line for report in explained.logs] == [1]
    assert explained.session.files == ("build.log",)
    assert "build.log:3  gast 9.9" in explained.text


def test_a_log_beside_its_file_solves_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pip.log").write_text(
        "ERROR: No matching distribution found for numpy==2.0.0\n", encoding="utf-8"
    )
    assert explain("environment.yml", "--log", "pip.log") == 4
    assert "environment.yml:5:5  scikit-learn==1.5.0" in capsys.readouterr().out


def test_a_log_about_the_python_has_its_own_conflict(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pip.log").write_text(
        "ERROR: Ignored the following versions that require a different python version: "
        "1.0 Requires-Python >=3.7,<3.11\n"
        "ERROR: Could not find a version that satisfies the requirement nothing==1.0 (from versions: 2.0)\n"
        "ERROR: No matching distribution found for nothing==1.0\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("lockfiles.explaining.explain_target", lambda *_: None)
    assert explain("--log", "pip.log", "--channel", "conda-forge") == 4
    told = capsys.readouterr()
    assert told.out.splitlines()[6:] == [
        "so the conflict of the log is:",
        "  nothing 1.0 needs Python >=3.7,<3.11",
        "  so the interpreter there was Python 3.11 or newer (or older than 3.7)",
        "what helps: Python >=3.7,<3.11",
        "",
    ]
    assert told.err.startswith("linux-64: there is a solution for what the log names.\n")


@pytest.mark.usefixtures("folder")
def test_a_log_that_names_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cut.log").write_text(
        "Cannot solve the request because of: The following packages are incompatible\n", encoding="utf-8"
    )
    assert explain("--log", "cut.log") == 2
    assert capsys.readouterr().err == (
        "error: cut.log: the log names nothing that was asked for\n\n"
        "hint: Give the environment file beside it: `lock explain FILE --log LOG`.\n"
    )


def test_logs_of_runs_and_of_solvers_point_to_each_other(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "run.log").write_text(
        "starting\nImportError: libcudnn.so.8: cannot open shared object file: No such file or directory\n",
        encoding="utf-8",
    )
    assert explain("--log", "run.log") == 2
    assert "hint: Line 2 is an error of a run: `lock check --log LOG` explains it." in capsys.readouterr().err
    (folder / "solver.log").write_text(
        "ERROR: Could not find a version that satisfies the requirement numpy==9 (from versions: 1.0)\n"
        "ERROR: No matching distribution found for numpy==9\n",
        encoding="utf-8",
    )
    assert main(["check", "--log", "solver.log"]) == 0
    assert "The log holds an error of pip: `lock explain --log LOG` explains it." in capsys.readouterr().err


def test_the_machine_is_described_as_for_lock(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "gpu.yml").write_text(
        "channels: [conda-forge]\ndependencies:\n  - pytorch=2.3.0=cuda*\n", encoding="utf-8"
    )
    assert explain("gpu.yml") == 4
    assert "  1. if the machine has it: lock with `--virtual-package __cuda=12.0`" in capsys.readouterr().out
    assert explain("gpu.yml", "--gpu", "A100") == 0
    assert explain("gpu.yml", "--cuda", "11.8") == 4
    assert "the target has 11.8" in capsys.readouterr().out


def test_a_text_that_is_no_log(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "novel.txt").write_text("It was a dark and stormy night.\n", encoding="utf-8")
    assert explain("--log", "novel.txt") == 2
    assert "no solver's error is recognised in it" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_lock_itself_names_the_lines_the_first_change_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--channel-alias", "channels", "--cache-dir", "cache", "-p", "linux-64", "--offline"]
    assert main(["environment.yml", *options]) == 4
    err = capsys.readouterr().err
    assert "these 2 lines can't hold together" in err
    assert "`scikit-learn==1.5.0` -> `scikit-learn>=1.5,<1.7`" in err
    assert "`lock explain`" in err
    assert err.count("numpy==2.0.0") == 1
