"""CycloneDX and GitHub's dependency snapshot: the format's validator, package URLs, what depends on what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from packageurl import PackageURL

from lockfiles.formats.export import ExportRequest, export
from lockfiles.formats.sbom.purls import purl_of
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from tests.cli.here import lock
from tests.lockfiles.make import MACOS, conda, digest, pypi, resolution

COMMIT = "0123456789abcdef0123456789abcdef01234567"
VCS = DirectReference(kind=DirectKind.VCS, url="git+https://g.example.org/o/n", revision="main")
RUN = {
    "GITHUB_SHA": COMMIT,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_RUN_ID": "7",
    "GITHUB_WORKFLOW": "lock",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "o/n",
}


def sample() -> Resolution:
    return resolution(
        conda("python", "3.11.9", "h0_0", "openssl >=3", license="Python-2.0"),
        conda("openssl", "3.3.1", "h1_0", license="Apache-2.0 AND MIT"),
        conda("odd", license="Custom, see file"),
        conda("pytest", "8.2", "pyh_0", "python", subdir="noarch", categories=frozenset({"dev"})),
        conda("pytorch", "2.3.1", "cuda_0", "python"),
        pypi("Requests".lower(), "2.31.0", {"torch": ">=2", "idna": ""}),
        pypi("idna", "3.7"),
        pypi("n", direct=VCS, commit=COMMIT, file=False),
        provided={"torch": ("pytorch", "2.3.1")},
    )


def cyclonedx(*resolutions: Resolution) -> list[dict[str, Any]]:
    files = export("cyclonedx", ExportRequest(resolutions=resolutions, name="fraud"))
    validator = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6)
    assert [validator.validate_str(file.text) for file in files] == [None] * len(files)
    return [json.loads(file.text) for file in files]


def test_cyclonedx_is_valid_and_says_what_is_known() -> None:
    [bom] = cyclonedx(sample())
    components = {one["name"]: one for one in bom["components"]}
    assert components.keys() == {"python", "openssl", "odd", "pytest", "pytorch", "requests", "idna", "n"}
    assert components["python"]["licenses"] == [{"license": {"id": "Python-2.0"}}]
    assert components["openssl"]["licenses"] == [{"expression": "Apache-2.0 AND MIT"}]
    assert components["odd"]["licenses"] == [{"license": {"name": "Custom, see file"}}]
    assert "licenses" not in components["idna"], "nobody says"
    assert components["pytest"]["scope"] == "optional"
    assert components["pytest"]["properties"] == [{"name": "lockstack:group", "value": "dev"}]
    provides = {"name": "lockstack:provides", "value": "pkg:pypi/torch@2.3.1"}
    assert components["pytorch"]["properties"] == [provides]
    hashes = {one["alg"]: one["content"] for one in components["idna"]["hashes"]}
    assert hashes == {"SHA-256": digest("sha256", "idna-3.7-py3-none-any.whl")}
    assert components["n"]["externalReferences"] == [{"type": "vcs", "url": "git+https://g.example.org/o/n"}]
    assert bom["metadata"]["component"]["name"] == "fraud"


def test_cyclonedx_says_what_depends_on_what() -> None:
    [bom] = cyclonedx(sample())
    names = {one["bom-ref"]: one["name"] for one in bom["components"]}
    edges = {
        names.get(one["ref"], "(root)"): sorted(names[to] for to in one.get("dependsOn", ()))
        for one in bom["dependencies"]
    }
    assert edges["requests"] == ["idna", "pytorch"], "the conda package that ships torch"
    assert edges["python"] == ["openssl"]
    assert set(edges["(root)"]) >= {"odd", "pytest", "requests", "n"}
    assert "idna" not in edges["(root)"]


def test_cyclonedx_is_the_same_every_time_and_one_file_a_platform() -> None:
    mac = resolution(conda("python", "3.11.9", subdir="osx-arm64"), target=MACOS)
    assert cyclonedx(sample(), mac) == cyclonedx(sample(), mac)
    files = export("cyclonedx", ExportRequest(resolutions=(sample(), mac)))
    assert [file.name for file in files] == ["bom.linux-64.cdx.json", "bom.osx-arm64.cdx.json"]
    assert "timestamp" not in json.loads(files[0].text)["metadata"]
    assert files[1].remarks == ("osx-arm64: the lockfile names no licences, so the file names none",)


PURLS = [
    (
        conda("python", "3.11.9", "h0_0"),
        "pkg:conda/python@3.11.9?build=h0_0&channel=conda-forge&subdir=linux-64&type=conda",
    ),
    (conda("_x", "1!2", "0", extension=".tar.bz2"), "pkg:conda/_x@1%212?build=0"),
    (
        pypi("torch", "2.6.0+cu124"),
        "pkg:pypi/torch@2.6.0%2Bcu124?file_name=torch-2.6.0%2Bcu124-py3-none-any.whl",
    ),
    (
        pypi("n", "1", direct=VCS, commit=COMMIT, file=False),
        f"pkg:pypi/n@1?vcs_url=git%2Bhttps://g.example.org/o/n%40{COMMIT}",
    ),
]


@pytest.mark.parametrize(("pin", "expected"), PURLS)
def test_package_urls(pin: CondaPin | PypiPin, expected: str) -> None:
    found = purl_of(pin)
    assert found.startswith(expected)
    parsed = PackageURL.from_string(found)
    assert (parsed.name, parsed.version) == (
        (pin.record.name, pin.record.version) if isinstance(pin, CondaPin) else (pin.name, pin.version)
    )
    assert PackageURL.from_string(parsed.to_string()) == parsed


def test_github_s_snapshot() -> None:
    request = ExportRequest(resolutions=(sample(),), environ=RUN, today="2026-01-31", source="conda-lock.yml")
    [file] = export("github", request)
    value = json.loads(file.text)
    assert (value["sha"], value["ref"], value["scanned"]) == (
        COMMIT,
        "refs/heads/main",
        "2026-01-31T00:00:00Z",
    )
    assert value["job"] == {"id": "7", "correlator": "lock conda-lock.yml"}
    resolved = value["manifests"]["conda-lock.yml"]["resolved"]
    by_name = {PackageURL.from_string(key).name: one for key, one in resolved.items()}
    assert by_name["idna"]["relationship"] == "indirect"
    assert by_name["requests"]["relationship"] == "direct"
    assert by_name["pytest"]["scope"] == "development"
    assert set(by_name["requests"]["dependencies"]) == {
        by_name["idna"]["package_url"],
        by_name["pytorch"]["package_url"],
    }


def test_github_s_snapshot_needs_a_run(tmp_path: Path) -> None:
    from lockfiles.formats.conda_lock.text import write_conda_lock
    from lockfiles.model import LockMetadata

    (tmp_path / "conda-lock.yml").write_text(write_conda_lock([sample()], LockMetadata()))
    done = lock("export", "-f", "github", folder=tmp_path)
    assert done.code == 2
    assert "GitHub Actions sets GITHUB_SHA, GITHUB_REF" in done.err
    done = lock("export", "-f", "github", "-o", "-", folder=tmp_path, **RUN)
    assert done.code == 0, done.err
    assert json.loads(done.out)["sha"] == COMMIT
