"""pixi.lock of every version is read; a damaged one is an input error and nothing else."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.formats.export import export, request_of_content
from lockfiles.formats.pixi.reading import read_pixi_lock
from lockfiles.formats.reading import LockReadOptions, read_lockfile
from resolver.errors import InputError
from resolver.inputs.file_kinds import kind_of
from resolver.model.requirements import DirectKind
from tests.support.amount import examples

BASE = "https://conda.anaconda.org/conda-forge"
OPENSSL = f"{BASE}/linux-64/openssl-3.5.0-h7b32b05_0.conda"
TZDATA = f"{BASE}/noarch/tzdata-2024a-h0c530f3_0.conda"
TORCH = "https://files.example.org/torch-2.6.0%2Bcu124-cp311-cp311-linux_x86_64.whl"


def lock(version: int) -> dict[str, object]:
    """Return a lockfile of two conda packages and a wheel, as pixi writes that version."""
    conda: dict[str, object] = {
        "sha256": "0" * 64,
        "md5": "1" * 32,
        "depends": ["ca-certificates", "libgcc >=13"],
    }
    wheel: dict[str, object] = {
        "name": "torch",
        "version": "2.6.0+cu124",
        "sha256": "2" * 64,
        "requires_python": ">=3.9",
        "requires_dist": [
            "filelock",
            "triton==3.2.0 ; sys_platform == 'linux'",
            "optree>=0.13 ; extra == 'optree'",
        ],
    }
    if version < 6:
        first = {
            "kind": "conda",
            "name": "openssl",
            "version": "3.5.0",
            "build": "h7b32b05_0",
            "subdir": "linux-64",
            "url": OPENSSL,
        }
        packages = [
            {**first, **conda},
            {
                "kind": "conda",
                "name": "tzdata",
                "version": "2024a",
                "build": "h0c530f3_0",
                "subdir": "noarch",
                "noarch": "generic",
                "url": TZDATA,
            },
            {"kind": "pypi", "url": TORCH, **wheel},
        ]
    else:
        packages = [
            {"conda": OPENSSL, **conda},
            {"conda": TZDATA, "noarch": "generic"},
            {"pypi": TORCH, **wheel},
        ]
    references = [{"conda": OPENSSL}, {"conda": TZDATA}, {"pypi": TORCH}]
    data: dict[str, object] = {
        "version": version,
        "environments": {
            "default": {"channels": [{"url": BASE + "/"}], "packages": {"linux-64": references}}
        },
        "packages": packages,
    }
    if version == 7:
        data["platforms"] = [{"name": "linux-64", "virtual-packages": ["__glibc=2.28", "__cuda=12.4"]}]
    return data


@pytest.mark.parametrize("version", [4, 5, 6, 7])
def test_every_version_is_read(version: int) -> None:
    text = yaml.safe_dump(lock(version), sort_keys=False)
    kind = kind_of(text, "x.lock")
    assert kind is not None
    assert kind.id == "pixi"
    [resolution] = read_pixi_lock(text, "pixi.lock")
    openssl, tzdata = resolution.conda
    assert (openssl.record.name, openssl.record.version, openssl.record.build) == (
        "openssl",
        "3.5.0",
        "h7b32b05_0",
    )
    assert (openssl.channel.name, openssl.subdir, openssl.url) == ("conda-forge", "linux-64", OPENSSL)
    assert openssl.record.depends == ("ca-certificates", "libgcc >=13")
    assert (tzdata.subdir, tzdata.record.noarch) == ("noarch", "generic")
    [torch] = resolution.pypi
    assert torch.file is not None
    assert (torch.version, torch.file.file_name) == (
        "2.6.0+cu124",
        "torch-2.6.0+cu124-cp311-cp311-linux_x86_64.whl",
    )
    assert dict(torch.dependencies) == {"filelock": "", "triton": "==3.2.0"}
    if version == 7:
        assert [(item.name, item.version) for item in resolution.target.virtual_packages] == [
            ("__cuda", "12.4"),
            ("__glibc", "2.28"),
        ]


SOURCES = """\
version: 7
platforms:
- name: gpu
  subdir: linux-64
  virtual-packages: [__glibc >= 2.28, __cuda=12.4]
- name: linux-64
environments:
  default:
    channels: [{url: https://conda.anaconda.org/conda-forge/}]
    packages:
      gpu: [{conda_source: "tool[1a2b3c4d] @ ../tool"}]
      linux-64:
      - conda_source: tool[1a2b3c4d] @ ../tool
      - pypi: ./wheels/a-1.0-py3-none-any.whl
      - pypi: git+https://g.example.org/b?rev=v1#0123456789012345678901234567890123456789
packages:
- conda_source: tool[1a2b3c4d] @ ../tool
  version: 0.1.0
  build: h0_0
  depends: [libgcc >=13]
- pypi: ./wheels/a-1.0-py3-none-any.whl
  name: a
  version: 1.0
  sha256: 00
  requires_dist: ["colour ; sys_platform == 'win32'", "numpy>=2", "x ; extra == 'y'", "c @ file:c"]
- pypi: git+https://g.example.org/b?rev=v1#0123456789012345678901234567890123456789
  name: b
"""


def test_sources_and_platforms_of_one_kind() -> None:
    [found] = read_pixi_lock(SOURCES, "pixi.lock")
    [tool] = found.conda
    assert (tool.name, tool.record.version, tool.source, tool.url) == (
        "tool",
        "0.1.0",
        "tool[1a2b3c4d] @ ../tool",
        "",
    )
    assert [notice.text for notice in found.notices] == [
        "`pixi.lock` has several platforms of this kind: read `linux-64`, not `gpu`"
    ]
    a, b = found.pypi
    assert a.direct is not None
    assert (a.direct.kind, a.direct.path) == (DirectKind.ARCHIVE, "./wheels/a-1.0-py3-none-any.whl")
    assert dict(a.dependencies) == {"c": "", "numpy": ">=2"}
    assert b.direct is not None
    assert (b.direct.url, b.direct.revision) == ("git+https://g.example.org/b", "v1")
    assert b.commit is not None
    options = LockReadOptions(platforms=("gpu",))
    [gpu] = read_lockfile(SOURCES, "pixi.lock", options).resolutions
    assert [one.name for one in gpu.target.virtual_packages] == ["__cuda", "__glibc"]


def test_what_is_built_from_source_is_written_where_there_is_a_place_for_it() -> None:
    content = read_lockfile(SOURCES, "pixi.lock")
    request = request_of_content(content)
    [pixi] = export("pixi", request)
    [again] = read_pixi_lock(pixi.text, "pixi.lock")
    assert again.conda == content.resolutions[0].conda
    files = export("explicit", request)
    assert "tool" not in files[0].text
    assert "no place for packages that are built from source" in files[0].remarks[-1]


def test_credentials_are_left_out() -> None:
    text = yaml.safe_dump(lock(6)).replace("https://conda", "https://user:secret@conda")
    [resolution] = read_pixi_lock(text, "pixi.lock")
    assert "secret" not in str(resolution)


def test_a_lockfile_of_this_project_is_no_pixi_lock() -> None:
    kind = kind_of("version: 1\nmetadata:\n  platforms: []\npackage: []\n", "x.lock")
    assert kind is not None
    assert kind.id == "conda_lock"
    assert kind_of("name: a\nchannels: []\n", "x.lock") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=examples(150))
@given(
    st.sampled_from(["environments", "packages", "platforms", "default", "channels", "linux-64", "depends"]),
    JSON,
)
def test_damage_is_an_input_error(key: str, value: object) -> None:
    def damage(node: object) -> object:
        if isinstance(node, dict):
            return {name: value if name == key else damage(item) for name, item in node.items()}
        return [damage(item) for item in node] if isinstance(node, list) else node

    text = yaml.safe_dump(damage(lock(7)))
    try:
        resolutions = read_pixi_lock(text, "pixi.lock")
    except InputError as error:
        assert "pixi.lock" in str(error)  # noqa: PT017  # either outcome is right
    else:
        assert isinstance(resolutions, tuple)


def test_a_lockfile_from_before_version_4_is_named() -> None:
    text = "version: 2\nmetadata:\n  channels: []\npackage:\n- platform: linux-64\n  arch: x86_64\n"
    with pytest.raises(InputError, match=r"a pixi\.lock from before version 4 is not read"):
        read_lockfile(text, "some/pixi.lock")
