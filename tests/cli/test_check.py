"""`lock check`: what it reads, what it prints, and with which code it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lockfiles.cli.main import main
from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.model import LockedChannel, LockMetadata
from resolver.model.resolution import Resolution
from resolver.model.target import Target
from tests.checks.make import conda_pin, wheel_pin
from tests.cli.process import make_project

CF = "conda-forge/linux-64"
CURL, OPENSSL = f"{CF}/libcurl-8.1.2-hca28451_1.conda", f"{CF}/openssl-3.5.0-h7b32b05_0.conda"
OPENSSL_MAIN = "pkgs/main/linux-64/openssl-3.0.15-h5eee18b_0.conda"
PINS = f"torch==2.11.0 --hash=sha256:{'0' * 64}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, without settings of the machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "requirements.txt").write_text(PINS, encoding="utf-8")
    return tmp_path


def write_lock(folder: Path, conda: tuple[str, ...], pip: tuple[str, ...] = ()) -> Path:
    """Write a conda-lock.yml of real records."""
    import msgspec
    from msgspec.structs import replace

    pins = []
    for address in conda:
        pin = conda_pin(address)
        pins.append(replace(pin, record=msgspec.structs.replace(pin.record, md5="0" * 32, sha256="0" * 64)))
    wheels = []
    for text in pip:
        wheel = wheel_pin(text)
        assert wheel.file is not None
        wheels.append(replace(wheel, file=msgspec.structs.replace(wheel.file, hashes={"sha256": "0" * 64})))
    resolution = Resolution(
        target=Target(subdir="linux-64"),
        python=None,
        conda=tuple(sorted(pins, key=lambda pin: pin.name)),
        pypi=tuple(wheels),
    )
    channels = tuple(LockedChannel(url=name) for name in dict.fromkeys(pin.channel.name for pin in pins))
    metadata = LockMetadata(
        content_hash={"linux-64": "0" * 64},
        channels=channels,
        platforms=("linux-64",),
        sources=("environment.yml",),
    )
    path = folder / "conda-lock.yml"
    path.write_text(write_conda_lock([resolution], metadata), encoding="utf-8")
    return path


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the verb with --json; return its code and what it printed."""
    code = main(["check", *arguments, "--json"])
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, data


def rules_of(data: dict[str, Any]) -> set[str]:
    """Return the rules of all findings."""
    return {finding["rule"] for item in data["checked"] for finding in item["findings"]}


def test_sound_lockfile_ends_with_0(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lock(here, (CURL, OPENSSL))
    assert main(["check", "conda-lock.yml"]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    summary, looked_at = output.err.splitlines()
    assert summary == "nothing found"
    assert looked_at.startswith("looked at 2 packages with ")
    assert looked_at.endswith("; nothing is known of the machine: no GPU, driver or image was compared")


def test_each_of_several_lockfiles_has_its_own_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lock(here, (CURL, OPENSSL))
    (here / "other.yml").write_text((here / "conda-lock.yml").read_text())
    write_lock(here, (CURL, OPENSSL_MAIN))
    assert main(["check", "other.yml", "conda-lock.yml"]) == 5
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("other.yml (linux-64): nothing found; looked at 2 packages") for line in lines)
    assert any(
        re.match(r"conda-lock.yml \(linux-64\): \d errors?.*; looked at 2 packages", line) for line in lines
    )


def test_fault_is_printed_with_evidence_fact_and_code_5(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lock(here, (CURL, OPENSSL_MAIN))
    assert main(["check", "conda-lock.yml"]) == 5
    text = capsys.readouterr().out
    assert "error[channel/families-linked]: libcurl (conda-forge) links openssl (pkgs/main)" in text
    assert "  --> conda-lock.yml (linux-64)" in text
    assert "  - openssl 3.0.15 h5eee18b_0 (pkgs/main): needed by libcurl" in text
    assert "fact: conda-forge and defaults are not 100 % compatible" in text


def test_a_fact_that_nobody_saw_in_its_source_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "requirements.txt").write_text("flash-attn==2.7.2\ntorch==2.8.0\n", encoding="utf-8")
    arguments = ("requirements.txt", "--gpu", "A100", "--no-fix")
    main(["check", *arguments])
    printed = capsys.readouterr().out.splitlines()
    lines = [line for line in printed if "the workflow of flash-attn 2.7.2" in line and "fact:" in line]
    assert lines
    assert all(line.endswith("; by a secondary source)") for line in lines)
    _, data = run_json(capsys, *arguments)
    found = [finding for item in data["checked"] for finding in item["findings"] if finding["fact"]]
    certainties = {finding["fact"]["text"]: finding["fact"]["certainty"] for finding in found}
    assert [said for text, said in certainties.items() if "flash-attn 2.7.2" in text] == ["secondary"]


def test_fail_on_decides_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    image = "mcr.microsoft.com/azureml/openmpi5.0-ubuntu24.04"
    assert main(["check", "--image", image]) == 0
    assert main(["check", "--image", image, "--fail-on", "warning"]) == 5
    assert "warning[image/floating-tag]" in capsys.readouterr().out


def test_json_has_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    code, data = run_json(
        capsys, "requirements.txt", "--vm-size", "Standard_ND40rs_v2", "--driver", "550.54.15"
    )
    assert code == 5
    assert data["schema_version"] == 1
    assert set(data) == {"schema_version", "machine", "unknown", "checked", "log"}
    assert data["unknown"] == []
    assert data["machine"]["compute_capability"] == "7.0"
    assert {"gpu/architecture-missing", "gpu/driver-too-old", "gpu/toolkit-cannot-target"} <= rules_of(data)
    [item] = data["checked"]
    assert (item["file"], item["platform"], item["packages"]) == ("requirements.txt", "linux-64", 1)
    for finding in item["findings"]:
        assert set(finding) == {"rule", "severity", "message", "evidence", "fact", "fix", "origin"}


def test_sarif_is_what_code_hosts_read(here: Path) -> None:
    assert main(["check", "requirements.txt", "--driver", "550.54.15", "--sarif", "out.sarif"]) == 5
    log = json.loads((here / "out.sarif").read_text(encoding="utf-8"))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    [result] = [result for result in run["results"] if result["ruleId"] == "gpu/driver-too-old"]
    assert rules[result["ruleIndex"]]["id"] == "gpu/driver-too-old"
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "requirements.txt"
    assert place["region"]["startLine"] == 1


def test_silenced_rule_is_suppressed_with_its_reason(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "lockstack.toml").write_text(
        '[silence]\n"gpu/driver-too-old" = "renewed next week"\n', encoding="utf-8"
    )
    code, data = run_json(capsys, "requirements.txt", "--driver", "550.54.15")
    assert code == 0
    [finding] = data["checked"][0]["silenced"]
    assert (finding["rule"], finding["reason"]) == ("gpu/driver-too-old", "renewed next week")
    main(["check", "requirements.txt", "--driver", "550.54.15", "--sarif", "-"])
    [result] = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "renewed next week"}]


def test_unknown_rule_can_not_be_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "requirements.txt", "--silence", "gpu/driver-to-old=because"]) == 2
    assert "did you mean `gpu/driver-too-old`?" in capsys.readouterr().err


def test_pixi_lock_is_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = "https://conda.anaconda.org/conda-forge/linux-64"
    main_base = "https://repo.anaconda.com/pkgs/main/linux-64"
    (here / "pixi.lock").write_text(
        f"""version: 6
environments:
  default:
    channels:
    - url: https://conda.anaconda.org/conda-forge/
    packages:
      linux-64:
      - conda: {base}/libcurl-8.1.2-hca28451_1.conda
      - conda: {main_base}/openssl-3.0.15-h5eee18b_0.conda
      - pypi: https://files.example.org/torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl
packages:
- conda: {base}/libcurl-8.1.2-hca28451_1.conda
  sha256: {"0" * 64}
  depends:
  - openssl >=3.1.1,<4.0a0
- conda: {main_base}/openssl-3.0.15-h5eee18b_0.conda
  sha256: {"0" * 64}
- pypi: https://files.example.org/torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl
  name: torch
  version: 2.11.0
  sha256: {"0" * 64}
  requires_dist:
  - triton==3.6.0 ; sys_platform == 'linux'
  requires_python: '>=3.10'
""",
        encoding="utf-8",
    )
    code, data = run_json(capsys, "pixi.lock", "--driver", "550.54.15")
    assert code == 5
    assert {"channel/families-linked", "channel/openssl", "gpu/driver-too-old"} <= rules_of(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 99\nenvironments: {default: {packages: {}}}\n", "version 99 is unknown"),
        (
            "version: 6\nenvironments:\n  a: {packages: {}}\n  b: {packages: {}}\n",
            "has no environment `default`",
        ),
        (
            (
                "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n"
                "      - conda: https://example.org/x.conda\npackages: []\n"
            ),
            "stands in no entry",
        ),
        ("version: 6\nenvironments:\n - [\n", "not YAML"),
    ],
    ids=["unknown version", "no default environment", "missing entry", "no YAML"],
)
def test_bad_pixi_lock_is_an_input_error(
    here: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    (here / "pixi.lock").write_text(text, encoding="utf-8")
    assert main(["check", "pixi.lock"]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def make_prefix(folder: Path) -> Path:
    """Make a prefix with conda records, a wheel of pip, and one that conda installed itself."""
    meta, site = folder / "env" / "conda-meta", folder / "env" / "lib" / "python3.11" / "site-packages"
    meta.mkdir(parents=True)
    for address in (
        "conda-forge/linux-64/numpy-2.2.6-py311h5d046bc_0.conda",
        "conda-forge/linux-64/python-3.11.9-hb806964_0_cpython.conda",
    ):
        pin = conda_pin(address)
        record = pin.record
        data = {
            "name": record.name,
            "version": record.version,
            "build": record.build,
            "build_number": record.build_number,
            "channel": "https://user:secret@conda.anaconda.org/conda-forge/linux-64",
            "subdir": "linux-64",
            "fn": record.file_name,
            "depends": list(record.depends),
            "files": [f"lib/python3.11/site-packages/{record.name}-{record.version}.dist-info/METADATA"],
            "url": pin.url,
        }
        (meta / f"{record.name}-{record.version}-{record.build}.json").write_text(
            json.dumps(data), encoding="utf-8"
        )
    for name, version in (("numpy", "2.2.6"), ("torch", "2.2.0")):
        info = site / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: filelock\n\nBody\n",
            encoding="utf-8",
        )
        (site / name).mkdir()
        (site / name / "__init__.py").write_text("raise SystemExit('user code was run')\n", encoding="utf-8")
    return folder / "env"


def test_prefix_is_read_without_running_its_code(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_prefix(here)
    code, data = run_json(capsys, "--prefix", "env")
    assert code == 5
    assert "torch/numpy-2" in rules_of(data)
    assert "runtime/pip-over-conda" not in rules_of(data), "numpy's dist-info belongs to the conda package"
    assert "secret" not in json.dumps(data)


def test_virtual_environment_is_a_prefix_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = here / "venv" / "lib" / "python3.11" / "site-packages" / "torch-2.11.0.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Name: torch\nVersion: 2.11.0\n", encoding="utf-8")
    (here / "venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.1\n", encoding="utf-8")
    _, data = run_json(capsys, "--prefix", "venv")
    assert "python/framework" in rules_of(data)


@pytest.mark.parametrize(("prefix", "message"), [("absent", "no such folder"), (".", "is no environment")])
def test_bad_prefix_is_an_input_error(capsys: pytest.CaptureFixture[str], prefix: str, message: str) -> None:
    assert main(["check", "--prefix", prefix]) == 2
    assert message in capsys.readouterr().err


def test_damaged_conda_record_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "env" / "conda-meta").mkdir(parents=True)
    (here / "env" / "conda-meta" / "a-1-0.json").write_text("{", encoding="utf-8")
    (here / "env" / "conda-meta" / "b-1-0.json").write_text("[]", encoding="utf-8")
    (here / "env" / "conda-meta" / "history").write_text("", encoding="utf-8")
    assert main(["check", "--prefix", "env"]) == 2
    error = capsys.readouterr().err
    assert "a-1-0.json" in error
    assert "b-1-0.json" in error


def test_dockerfile_gives_the_image(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "Dockerfile").write_text(
        "ARG TAG=20220303.v1\n"
        "FROM mcr.microsoft.com/azureml/openmpi3.1.2-cuda10.1-cudnn7-ubuntu18.04:${TAG} AS base\n"
        "FROM base\n"
        "ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64\n",
        encoding="utf-8",
    )
    code, data = run_json(capsys, "requirements.txt", "--image", "Dockerfile")
    assert code == 5
    assert data["machine"]["image"].endswith("ubuntu18.04:20220303.v1")
    assert data["machine"]["library_path"] == ["/usr/local/cuda/lib64"]
    assert {"image/glibc-too-old", "image/deprecated"} <= rules_of(data)
    [finding] = [f for item in data["checked"] for f in item["findings"] if f["rule"] == "image/deprecated"]
    assert finding["origin"] == {"file": "Dockerfile", "line": 2, "column": 6}


def test_azure_ml_yaml_gives_the_image(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "job.yml").write_text(
        "command: python train.py\nenvironment: azureml:acpt-pytorch-2.2-cuda12.1@latest\n", encoding="utf-8"
    )
    _, data = run_json(capsys, "--image", "job.yml")
    assert {"azureml/curated-name", "image/floating-tag"} <= rules_of(data)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--gpu", "Voodoo2"), "unknown GPU model `Voodoo2`"),
        (("--vm-size", "Standard_NC1234_v9"), "unknown GPU size"),
        (("--vm-size", "big"), "`big` is no VM size"),
        (("--driver", "newest"), "`newest` is no version"),
        (("--image", "absent.yml"), "no such file"),
        (("--log", "absent.txt"), "absent.txt"),
        (("absent.yml",), "absent.yml"),
        (("--matrix", "perl"), "no matrix `perl`"),
        ((), "nothing to check"),
    ],
)
def test_bad_flags_are_input_errors(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert main(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_log_is_explained_with_the_environment(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "job.log").write_bytes(
        b"2026-11-20T09:00:00Z [rank0]: start\r\n\xff\xfe\n"
        b"2026-11-20T09:00:01Z [rank0]: \x1b[31mRuntimeError: "
        b"The NVIDIA driver on your system is too old (found version 12040).\x1b[0m\n"
    )
    code, data = run_json(capsys, "requirements.txt", "--driver", "550.54.15", "--log", "job.log")
    assert code == 5
    [match] = data["log"]
    assert match["signature"] == "driver-too-old"
    assert match["line"] == 3
    assert [finding["rule"] for finding in match["findings"]] == ["gpu/driver-too-old"]
    assert any(line.startswith("torch 2.11.0") for line in match["packages"])
    assert main(["check", "--log", "job.log"]) == 5
    printed = capsys.readouterr().out
    for words in ("cause: The NVIDIA driver is too old", "look at: `nvidia-smi`", "do: A newer driver"):
        assert words in printed


def test_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 45
    assert any(line.startswith("torch/mkl-2024-1") and " error " in line for line in lines)
    assert main(["check", "--rules", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rules"]) == len(lines)


def test_matrix_prints_every_cell_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--matrix", "pytorch"]) == 0
    text = capsys.readouterr().out
    assert "2.11.0 [" in text
    assert "[1] " in text
    assert main(["check", "--matrix", "tensorflow", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert all(fact["source"] for row in rows for said in row.values() for fact in said)


def test_missing_platform_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lock(here, (CURL, OPENSSL))
    assert main(["check", "conda-lock.yml", "--platform", "osx-arm64"]) == 2
    assert "no platform osx-arm64" in capsys.readouterr().err


def test_sarif_that_can_not_be_written_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "requirements.txt", "--sarif", "absent/out.sarif"]) == 6
    assert "can't write `absent/out.sarif`" in capsys.readouterr().err


def test_environment_file_is_locked_first_and_fixes_are_solved(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_project(here, "gpu-train")
    code, data = run_json(capsys, "environment.yml", "--vm-size", "Standard_DS3_v2", "--cuda", "12.4")
    assert code == 5
    [finding] = [item for item in data["checked"][0]["findings"] if item["rule"] == "channel/pytorch-ended"]
    assert "pytorch=2.3.1" in finding["evidence"][0]
    assert finding["fix"] == "conda-forge's build: `conda-forge::pytorch=2.3.1` (solved)"
    _, untried = run_json(capsys, "environment.yml", "--cuda", "12.4", "--no-fix")
    fixes = {item["rule"]: item["fix"] for item in untried["checked"][0]["findings"]}
    assert fixes["channel/pytorch-ended"] is None


def test_machine_flags_choose_the_builds(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_project(here, "gpu-train")
    assert main(["check", "environment.yml", "--driver", "450.80.02"]) == 4
    assert "pytorch-cuda=12.1" in capsys.readouterr().err


def test_sources_of_a_lockfile_say_who_asked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lock(here, (CURL, OPENSSL_MAIN))
    _, data = run_json(capsys, "conda-lock.yml")
    without = {finding["rule"]: finding["evidence"] for finding in data["checked"][0]["findings"]}
    (here / "environment.yml").write_text(
        "channels: [conda-forge]\ndependencies:\n  - libcurl\n", encoding="utf-8"
    )
    _, data = run_json(capsys, "conda-lock.yml")
    evidence = {finding["rule"]: finding["evidence"] for finding in data["checked"][0]["findings"]}
    assert evidence.keys() == without.keys()
    assert evidence["channel/openssl"][0].endswith("needed by libcurl <- environment.yml:3:5: libcurl")
    _, data = run_json(capsys, "conda-lock.yml", "--requirements", "environment.yml")
    assert "channel/defaults-despite-conda-forge" in rules_of(data)


def test_azure_ml_environment_brings_its_own_image(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_project(here)
    (here / "env.yml").write_text(
        "$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\nname: train\n"
        "image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04\nconda_file: environment.yml\n",
        encoding="utf-8",
    )
    _, data = run_json(capsys, "env.yml")
    assert data["machine"]["glibc"] == "2.31"
    assert {"image/deprecated", "image/floating-tag"} <= rules_of(data)


def test_what_is_newer_than_the_facts_is_said_and_changes_no_exit_code(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "pins.txt").write_text("torch==2.99.0\n", encoding="utf-8")
    arguments = ["check", "pins.txt", "-p", "linux-64", "--python", "3.12", "--gpu", "A100"]
    assert main([*arguments, "--driver", "620.10"]) == 0
    error = capsys.readouterr().err
    assert "not known: driver 620.10 is newer than the facts know (branch " in error
    assert "not known: torch 2.99.0 is newer than the facts know (" in error
    assert "(facts of 20" in error
    code, data = run_json(capsys, *arguments[1:], "--driver", "620.10")
    assert code == 0
    assert [item["subject"] for item in data["unknown"]] == ["driver 620.10", "torch 2.99.0"]
    assert "gpu/architecture-missing" in data["checked"][0]["looked_at"]["without_fact"]
