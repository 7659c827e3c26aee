"""Exports are what other tools read."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import Pylock
from packaging.tags import compatible_tags, cpython_tags

from lockfiles.formats.conda_files import FILES
from lockfiles.formats.conda_lock.assemble import lock_of_resolutions
from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.conda_lock.text import read_conda_lock, write_conda_lock
from lockfiles.formats.explicit.writing import explicit_line, sort_by_dependency
from lockfiles.formats.export import ExportedFile, ExportRequest, export, request_of_lock
from lockfiles.formats.local_paths import move_paths
from lockfiles.formats.names import FORMATS
from lockfiles.formats.pylock.writing import to_toml
from lockfiles.formats.reading import LockReadOptions, read_lockfile
from lockfiles.model import LockedChannel, LockMetadata
from resolver.model.channels import Channel
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import Resolution
from resolver.model.target import Target, VirtualPackage
from tests.lockfiles.make import LINUX, MACOS, conda, digest, pypi, resolution
from tests.support.amount import examples

METADATA = LockMetadata(
    content_hash={"linux-64": "ab" * 32},
    channels=(LockedChannel(url="conda-forge"),),
    custom={"lockstack.indexes": "https://private.example.org/simple https://example.org/simple"},
)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def mixed() -> Resolution:
    return resolution(
        conda("python", "3.11.9", "h0_cpython", "openssl >=3"),
        conda("openssl", "3.3.1", "h1_0"),
        conda("tzdata", "2024a", "h2_0", subdir="noarch"),
        conda("attrs", "23.1", "pyh_0", "python >=3.8", subdir="noarch"),
        conda("pytest", "8.2", "pyh_0", "python >=3.8", subdir="noarch", categories=frozenset({"dev"})),
        pypi("azure-identity", "1.16.1", {"msal": ">=1.24", "attrs": ""}, extras=frozenset({"broker"})),
        pypi("msal", "1.28.0"),
        provided={"attrs": ("attrs", "23.1")},
    )


def files(name: str, *resolutions: Resolution, **limits: Any) -> tuple[ExportedFile, ...]:
    lock = read_conda_lock(write_conda_lock(resolutions, METADATA), "conda-lock.yml")
    return export(name, request_of_lock(lock, **limits))


def test_every_format_of_the_table_can_be_written() -> None:
    for name in FORMATS.keys() - {"github"}:  # that needs a run of GitHub Actions
        for file in files(name, mixed()):
            assert file.text.endswith("\n")
            assert "/" not in file.name


# ------------------------------------------------------------------ explicit


def test_explicit() -> None:
    explicit, companion = files("explicit", mixed())
    assert (explicit.name, companion.name) == ("conda-linux-64.lock", "requirements-linux-64.txt")
    lines = explicit.text.splitlines()
    assert lines[1:3] == ["# platform: linux-64", "@EXPLICIT"]
    urls = [line for line in lines if line.startswith("https://")]
    names = [url.rsplit("/", 1)[-1].rsplit("-", 2)[0] for url in urls]
    assert names == ["openssl", "python", "attrs", "pytest", "tzdata"]
    assert urls[0] == (
        "https://conda.anaconda.org/conda-forge/linux-64/openssl-3.3.1-h1_0.conda#"
        + digest("md5", "openssl-3.3.1-h1_0.conda")
    )
    assert "pip install --no-deps -r requirements-linux-64.txt" in explicit.remarks[0]


def test_explicit_without_a_pip_part_has_no_companion() -> None:
    (only,) = files("explicit", resolution(conda("a")))
    assert (only.name, len(only.remarks)) == ("conda-linux-64.lock", 1)
    assert only.remarks[0].startswith("the format has no place for ")


def test_pip_is_linked_into_a_python_that_is_there() -> None:
    pins = [
        conda("python", "3.11", "0", "pip", "openssl"),
        conda("pip", "24", "0", "python"),
        conda("openssl"),
    ]
    assert [pin.record.name for pin in sort_by_dependency(pins)] == ["openssl", "python", "pip"]


def test_explicit_is_read_by_rattler_and_conda_lock() -> None:
    from rattler import MatchSpec

    explicit, _ = files("explicit", mixed())
    urls = [line for line in explicit.text.splitlines() if line.startswith("https://")]
    assert all(MatchSpec(url.partition("#")[0]).name is not None for url in urls)
    pip_lines = [line for line in explicit.text.splitlines() if line.startswith("# pip ")]
    name = "msal-1.28.0-py3-none-any.whl"
    assert pip_lines[1] == f"# pip msal @ https://example.org/files/{name}#sha256={digest('sha256', name)}"


@pytest.mark.parametrize(
    ("fields", "tail"),
    [
        pytest.param({}, "#" + digest("md5", "a-1.0-h0_0.conda"), id="md5"),
        pytest.param({"md5": None}, "#sha256:" + digest("sha256", "a-1.0-h0_0.conda"), id="sha256 alone"),
        pytest.param({"md5": None, "sha256": None}, "/a-1.0-h0_0.conda", id="no hash"),
    ],
)
def test_explicit_hashes(fields: dict[str, Any], tail: str) -> None:
    assert explicit_line(conda("a", **fields)).endswith(tail)


@settings(deadline=None, max_examples=examples(200))
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=4), min_size=8, max_size=8), st.randoms())
def test_dependencies_come_first_and_every_package_once(edges: list[list[str]], random: Any) -> None:
    pins = [conda(name, "1.0", "0", *ends) for name, ends in zip("abcdefgh", edges, strict=True)]
    ordered = [pin.record.name for pin in sort_by_dependency(pins)]
    assert sorted(ordered) == list("abcdefgh")
    shuffled = pins[:]
    random.shuffle(shuffled)
    assert [pin.record.name for pin in sort_by_dependency(shuffled)] == ordered
    reach = {name: {e for e in ends if e != name} for name, ends in zip("abcdefgh", edges, strict=True)}
    for _ in range(8):
        reach = {name: ends | {far for end in ends for far in reach[end]} for name, ends in reach.items()}
    cyclic = {name for name, ends in reach.items() if name in ends}
    for name, ends in reach.items():
        if not (ends | {name}) & cyclic:  # around a cycle no order is right
            assert all(ordered.index(end) < ordered.index(name) for end in ends)


# ------------------------------------------------------------------ requirements


def test_requirements() -> None:
    (file,) = files("requirements", mixed())
    assert file.text == (
        "# Written by lockstack. Install it with `pip install --no-deps -r FILE`.\n"
        "# platform: linux-64, Python 3.11.9\n"
        "--index-url https://example.org/simple\n"
        "--extra-index-url https://private.example.org/simple\n"
        "azure-identity[broker]==1.16.1 \\\n"
        f"    --hash=sha256:{digest('sha256', 'azure_identity-1.16.1-py3-none-any.whl')}\n"
        "msal==1.28.0 \\\n"
        f"    --hash=sha256:{digest('sha256', 'msal-1.28.0-py3-none-any.whl')}\n"
    )
    assert file.remarks[0] == "linux-64: only what pip installs; 5 packages are conda's"


def test_one_requirement_that_pip_cannot_check_takes_hashes_into_addresses() -> None:
    vcs = DirectReference(kind=DirectKind.VCS, url="git+https://example.org/o/n", revision="main")
    folder = DirectReference(kind=DirectKind.DIRECTORY, path="./pkg", editable=True)
    one = resolution(
        pypi("msal", "1.28.0"),
        pypi("n", direct=vcs, commit=COMMIT, file=False),
        pypi("pkg", direct=folder, file=False),
    )
    (file,) = files("requirements", one)
    name = "msal-1.28.0-py3-none-any.whl"
    assert file.text.splitlines()[-3:] == [
        f"msal @ https://example.org/files/{name}#sha256={digest('sha256', name)}",
        f"n @ git+https://example.org/o/n@{COMMIT}",
        "-e ./pkg",
    ]
    assert "--hash" not in file.text
    assert "`n`, `pkg`: no hash" in file.remarks[0]


@pytest.mark.slow
def test_pip_installs_from_it_and_refuses_another_content(tmp_path: Path) -> None:
    """A real pip on a real wheel, from a folder, with `--require-hashes`."""
    import hashlib

    sample = Path(__file__).resolve().parents[2] / "examples" / "sample" / "pypi"
    wheel = next(sample.rglob("python_dotenv-*.whl"))
    version = wheel.name.split("-")[1]
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for value, works in ((sha256, True), ("0" * 64, False)):
        one = resolution(pypi("python-dotenv", version, hashes={"sha256": value}))
        lock = lock_of_resolutions([one], LockMetadata())
        (file,) = export("requirements", request_of_lock(lock))
        path = tmp_path / file.name
        path.write_text(file.text)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--isolated", "--no-index", "--no-deps"),
                *("--disable-pip-version-check", "--target", str(tmp_path / value[:4])),
                *("--find-links", str(wheel.parent), "--require-hashes", "-r", str(path)),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert (done.returncode == 0) == works, done.stderr
        assert works or "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr


# ------------------------------------------------------------------ pylock


def test_pylock_is_valid_and_complete() -> None:
    from packaging.pylock import Pylock, is_valid_pylock_path

    (file,) = files("pylock", mixed())
    assert is_valid_pylock_path(Path(file.name))
    lock = Pylock.from_dict(tomllib.loads(file.text))
    lock.validate()
    assert [(package.name, str(package.version)) for package in lock.packages] == [
        ("azure-identity", "1.16.1"),
        ("msal", "1.28.0"),
    ]
    identity = lock.packages[0]
    assert identity.wheels is not None
    assert identity.wheels[0].hashes == {"sha256": digest("sha256", "azure_identity-1.16.1-py3-none-any.whl")}
    assert identity.dependencies == [{"name": "msal"}]
    assert str(lock.requires_python) == "==3.11.*"
    assert lock.tool == {"lockstack": {"provided-by-conda": {"attrs": "23.1"}}}


def test_pylock_of_two_platforms_is_two_files() -> None:
    other = resolution(conda("python", "3.11.9", subdir="osx-arm64"), pypi("msal"), target=MACOS)
    assert [file.name for file in files("pylock", mixed(), other)] == [
        "pylock.linux-64.toml",
        "pylock.osx-arm64.toml",
    ]


@pytest.mark.parametrize(
    ("direct", "fields", "table", "expected"),
    [
        pytest.param(
            DirectReference(kind=DirectKind.VCS, url="git+https://example.org/o/n", revision="main"),
            {"commit": COMMIT, "file": False},
            "vcs",
            {"type": "git", "url": "https://example.org/o/n", "commit-id": COMMIT},
            id="repository",
        ),
        pytest.param(
            DirectReference(kind=DirectKind.DIRECTORY, path="./pkg", editable=True),
            {"file": False},
            "directory",
            {"path": "./pkg", "editable": True},
            id="folder",
        ),
        pytest.param(
            DirectReference(kind=DirectKind.ARCHIVE, url="https://example.org/x-1.0.tar.gz"),
            {"hashes": {"sha256": "ab" * 32}},
            "archive",
            {"url": "https://example.org/x-1.0.tar.gz", "hashes": {"sha256": "ab" * 32}},
            id="archive",
        ),
    ],
)
def test_pylock_direct(
    direct: DirectReference, fields: dict[str, Any], table: str, expected: dict[str, Any]
) -> None:
    (file,) = files("pylock", resolution(pypi("x", direct=direct, **fields)))
    (package,) = tomllib.loads(file.text)["packages"]
    assert {key: package[table].get(key) for key in expected} == expected


PLACES = [("3.11.9", LINUX), ("3.12.4", LINUX), ("3.13.0", LINUX), ("3.12.4", MACOS)]


@st.composite
def matrix(draw: st.DrawFn) -> dict[str, Resolution]:
    """Draw environments told apart by Python and platform, with wheels of their own and for all."""
    places = draw(st.lists(st.sampled_from(PLACES), min_size=2, max_size=4, unique=True))
    found = {}
    for number, (python, target) in enumerate(places):
        minor = python.split(".")[1]
        system = "manylinux_2_17_x86_64" if target is LINUX else "macosx_11_0_arm64"
        pins = []
        for name in sorted(draw(st.sets(st.sampled_from("abc"), min_size=1))):
            version = draw(st.sampled_from(["1.0", "2.0"]))
            tag = draw(st.sampled_from(["py3-none-any", f"cp3{minor}-cp3{minor}-{system}"]))
            groups = draw(st.sampled_from([{"main"}, {"dev"}, {"main", "dev"}]))
            needs = {"a": ""} if name != "a" and draw(st.booleans()) else {}
            pin = pypi(name, version, needs, categories=frozenset(groups))
            assert pin.file is not None
            file = f"{name}-{version}-{tag}.whl"
            wheel = msgspec.structs.replace(
                pin.file, file_name=file, url=f"https://f.example.org/{file}",
                hashes={"sha256": digest("sha256", file)},
            )  # fmt: skip
            pins.append(msgspec.structs.replace(pin, file=wheel))
        one = resolution(*pins, target=target)
        found[f"env{number}"] = msgspec.structs.replace(one, python=python)
    return found


def selected(text: str, python: str, target: Target, groups: set[str]) -> set[str]:
    """Return the files that packaging takes of a pylock.toml, as an installer does."""
    minor = int(python.split(".")[1])
    platforms = ["manylinux_2_17_x86_64"] if target is LINUX else ["macosx_11_0_arm64"]
    known = [
        *cpython_tags((3, minor), platforms=platforms),
        *compatible_tags((3, minor), platforms=platforms),
    ]
    environment = target.marker_environment() | {
        "python_version": f"3.{minor}",
        "python_full_version": python,
    }
    chosen = Pylock.from_dict(tomllib.loads(text)).select(
        environment=environment,
        tags=known,
        dependency_groups=groups,  # type: ignore[arg-type]
    )
    return {file.filename for _, file in chosen}  # type: ignore[union-attr]


@given(matrix())
@settings(max_examples=examples(150))
def test_a_matrix_is_one_pylock(environments: dict[str, Resolution]) -> None:
    """Each environment gets its very files: asked of packaging, and of our own reader."""
    (key, first), *rest = environments.items()
    request = ExportRequest(
        resolutions=(first,), key=key,
        environments={name: ExportRequest(resolutions=(one,)) for name, one in rest},
    )  # fmt: skip
    (file,) = export("pylock", request)
    for one in environments.values():
        assert one.python is not None
        for groups in (set(), {"dev"}):
            wanted = {
                pin.file.file_name for pin in one.pypi if pin.file and pin.categories & {"main", *groups}
            }
            held = {name for other in environments.values() for pin in other.pypi for name in pin.categories}
            if groups <= held:
                assert selected(file.text, one.python, one.target, groups) == wanted
        options = LockReadOptions(platforms=(one.target.subdir,), python=".".join(one.python.split(".")[:2]))
        (again,) = read_lockfile(file.text, file.name, options).resolutions
        assert [(pin.name, pin.version, pin.file, pin.categories) for pin in again.pypi] == [
            (pin.name, pin.version, pin.file, pin.categories & {"main"} or pin.categories) for pin in one.pypi
        ]


def test_environments_that_no_marker_tells_apart_are_refused() -> None:
    one = msgspec.structs.replace(resolution(pypi("a")), python="3.11.9")
    request = ExportRequest(resolutions=(one,), environments={"test": ExportRequest(resolutions=(one,))})
    with pytest.raises(ValueError, match="environments `default` and `test` are for the same Python"):
        export("pylock", request)


def test_pylock_needs_hashes() -> None:
    with pytest.raises(ValueError, match="no hash of `x`, and the format needs one"):
        files("pylock", resolution(pypi("x", hashes={})))


TOML = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=examples(300))
@given(st.dictionaries(st.text(max_size=4), TOML, max_size=4))
def test_any_value_comes_back_from_toml(value: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(value)) == value


# ------------------------------------------------------------------ pixi


@pytest.mark.parametrize("name", ["pixi", "pixi-6"])
def test_pixi_lock_is_read_by_rattler(name: str, tmp_path: Path) -> None:
    from rattler import LockFile

    vcs = DirectReference(kind=DirectKind.VCS, url="git+https://example.org/o/n", revision="main")
    other = resolution(
        conda("python", "3.11.9", subdir="osx-arm64"),
        pypi("n", direct=vcs, commit=COMMIT, file=False),
        target=MACOS,
    )
    (file,) = files(name, mixed(), other)
    assert file.text.startswith(f"version: {6 if name == 'pixi-6' else 7}\n")
    path = tmp_path / file.name
    path.write_text(file.text)
    lock = LockFile.from_path(path)
    environment = lock.default_environment()
    assert environment is not None
    found = {
        platform.name: sorted(package.name for package in environment.packages(platform) or ())
        for platform in lock.platforms()
    }
    always = ["attrs", "azure-identity", "msal", "openssl", "python", "tzdata"]
    assert found["linux-64"] == always
    dev = dict(lock.environments())["dev"]
    [linux] = [platform for platform in dev.platforms() if platform.name == "linux-64"]
    assert sorted(package.name for package in dev.packages(linux) or ()) == sorted([*always, "pytest"])
    assert found["osx-arm64"] == ["n", "python"]
    python = next(
        package for package in environment.packages(lock.platforms()[0]) or () if package.name == "python"
    )
    assert python.hashes is not None
    assert python.hashes.sha256.hex() == digest("sha256", "python-3.11.9-h0_cpython.conda")


def test_pixi_lock_of_a_local_channel_is_read_by_rattler(tmp_path: Path) -> None:
    from rattler import LockFile

    local = Channel(name="local", base_url="file:///srv/channel")
    (file,) = files("pixi", resolution(conda("a", channel=local), conda("b", channel=local, subdir="noarch")))
    (tmp_path / file.name).write_text(file.text)
    environment = LockFile.from_path(tmp_path / file.name).default_environment()
    assert environment is not None


@pytest.mark.parametrize("name", ["pixi", "pixi-6"])
def test_pixi_lock_is_read_back(name: str) -> None:
    from lockfiles.formats.pixi.reading import read_pixi_lock

    (file,) = files(name, mixed())
    (again,) = read_pixi_lock(file.text, "pixi.lock", "dev")
    assert [(p.record.name, p.record.version, p.url) for p in again.conda] == [
        (p.record.name, p.record.version, p.url) for p in mixed().conda
    ]
    assert [(p.name, p.version) for p in again.pypi] == [(p.name, p.version) for p in mixed().pypi]


@pytest.mark.parametrize("name", ["pixi", "pixi-6"])
def test_several_environments_in_one_pixi_lock(name: str, tmp_path: Path) -> None:
    """A matrix of Pythons, on other machines of one kind: each environment has versions of its own."""
    from rattler import LockFile

    newer = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__glibc", version="2.39"),))
    py311 = ExportRequest(resolutions=(mixed(),), metadata=METADATA)
    py312 = ExportRequest(
        resolutions=(resolution(conda("python", "3.12.1"), pypi("msal", "1.30"), target=newer),),
        metadata=METADATA,
    )
    request = msgspec.structs.replace(py311, environments={"py312": py312})
    (file,) = export(name, request)
    (tmp_path / file.name).write_text(file.text)
    assert {key for key, _ in LockFile.from_path(tmp_path / file.name).environments()} == {
        "default",
        "dev",
        "py312",
    }
    held = {}
    for environment in ("default", "py312"):
        options = LockReadOptions(environment=environment)
        [found] = read_lockfile(file.text, "pixi.lock", options).resolutions
        held[environment] = (found.python, [pin.version for pin in found.pypi if pin.name == "msal"])
        if name == "pixi":
            assert found.target.virtual("__glibc") is not None
    assert held == {"default": ("3.11.9", ["1.28.0"]), "py312": ("3.12.1", ["1.30"])}


def test_environments_of_one_name_are_refused() -> None:
    one = ExportRequest(resolutions=(mixed(),), metadata=METADATA)
    with pytest.raises(ValueError, match="two environments are called `dev`"):
        export("pixi", msgspec.structs.replace(one, environments={"dev": one}))


def test_two_bars_are_one_in_a_pixi_lock(tmp_path: Path) -> None:
    """conda takes both, rattler one."""
    from rattler import LockFile

    (file,) = files(
        "pixi", resolution(conda("a", "1.0", "h0_0", "b <3 || >3 py_0", constrains=("c <1||>2",)))
    )
    assert "b <3|>3 py_0" in file.text
    (tmp_path / file.name).write_text(file.text)
    assert LockFile.from_path(tmp_path / file.name).default_environment() is not None


def test_local_files_are_named_from_where_the_export_goes() -> None:
    local = pypi(
        "here", direct=DirectReference(kind=DirectKind.ARCHIVE, path="wheels/here-1.0-py3-none-any.whl")
    )
    absolute = pypi("there", direct=DirectReference(kind=DirectKind.DIRECTORY, path="/srv/there"), file=False)
    linked = pypi("linked", url="file:wheels/linked-1.0-py3-none-any.whl")
    request = ExportRequest(resolutions=(resolution(local, absolute, linked),), metadata=METADATA)
    moved = move_paths(request, Path("project"), Path("project/out/deep"))
    (file,) = export("pylock", moved)
    packages = {one["name"]: one for one in tomllib.loads(file.text)["packages"]}
    assert packages["here"]["archive"]["path"] == "../../wheels/here-1.0-py3-none-any.whl"
    assert packages["there"]["directory"]["path"] == "/srv/there"
    assert packages["linked"]["wheels"][0]["path"] == "../../wheels/linked-1.0-py3-none-any.whl"
    assert move_paths(request, Path("project"), Path("project/.")) == request


@pytest.mark.parametrize("name", ["conda-lock", "explicit", "pixi", "pixi-6"])
def test_a_conda_archive_by_its_path_stays_one(name: str) -> None:
    """It is of no channel; its path is that of the folder where the export goes, and rattler reads it."""
    pin = msgspec.structs.replace(conda("a", "1.0", "h0_0"), url="./pkgs/a-1.0-h0_0.conda", channel=FILES)
    request = ExportRequest(resolutions=(resolution(pin),), metadata=METADATA)
    (file,) = export(name, move_paths(request, Path("project"), Path("project/out")))
    (found,) = read_lockfile(file.text, file.name).resolutions
    assert found.conda[0].url == "../pkgs/a-1.0-h0_0.conda"
    assert found.conda[0].channel == FILES
    assert found.conda[0].subdir == pin.subdir or name in ("conda-lock", "explicit")  # which don't say it


def test_a_source_by_its_path_is_named_from_where_the_export_goes() -> None:
    for text, wanted in (
        ("a[1234] @ .", "a[1234] @ .."),
        ("crates/a", "../crates/a"),
        ("git+https://h/a",) * 2,
    ):
        pin = msgspec.structs.replace(conda("a", "1.0", "h0_0"), url="", source=text)
        request = ExportRequest(resolutions=(resolution(pin),), metadata=METADATA)
        moved = move_paths(request, Path("project"), Path("project/out"))
        assert moved.resolutions[0].conda[0].source == wanted


def test_an_index_in_a_folder_is_named() -> None:
    metadata = LockMetadata(custom={INDEXES: "file:///srv/simple https://i.example.org/simple"})
    request = ExportRequest(resolutions=(resolution(pypi("a")),), metadata=metadata)
    (file,) = export("requirements", request)
    assert "--index-url https://i.example.org/simple\n--extra-index-url file:///srv/simple\n" in file.text


def test_pixi_lock_says_what_conda_provides() -> None:
    (file,) = files("pixi", mixed())
    packages = {
        entry["conda"].rsplit("/", 1)[-1]: entry
        for entry in yaml.safe_load(file.text)["packages"]
        if "conda" in entry
    }
    assert packages["attrs-23.1-pyh_0.conda"]["purls"] == ["pkg:pypi/attrs"]
    assert packages["attrs-23.1-pyh_0.conda"]["noarch"] == "python"
    assert packages["tzdata-2024a-h2_0.conda"]["noarch"] == "generic"


# ------------------------------------------------------------------ environment, conda-lock, limits


def test_environment_is_read_by_our_own_parser() -> None:
    from resolver.inputs.reading import parse_inputs

    (file,) = files("environment", mixed())
    assert file.name == "environment-linux-64.yml"
    again = parse_inputs([file.name], lambda _: file.text.encode())
    assert [r.spec for r in again.conda] == [
        "attrs=23.1=pyh_0",
        "openssl=3.3.1=h1_0",
        "pytest=8.2=pyh_0",
        "python=3.11.9=h0_cpython",
        "tzdata=2024a=h2_0",
    ]
    assert [(r.name, r.specifier, r.extras) for r in again.pypi] == [
        ("azure-identity", "==1.16.1", frozenset({"broker"})),
        ("msal", "==1.28.0", frozenset()),
    ]
    assert [channel.text for channel in again.channels] == ["conda-forge", "nodefaults"]


def test_categories() -> None:
    (file,) = files("environment", mixed(), categories=())
    assert "pytest" not in file.text
    (file,) = files("environment", mixed(), categories=("dev",))
    assert "pytest" in file.text


def test_a_limited_lockfile_keeps_its_metadata() -> None:
    other = resolution(conda("python", "3.11.9", subdir="osx-arm64"), target=MACOS)
    (file,) = files("conda-lock", mixed(), other, platforms=("linux-64",))
    lock = read_conda_lock(file.text, "f")
    assert lock.metadata.platforms == ("linux-64",)
    assert lock.metadata.content_hash == {"linux-64": "ab" * 32}
    assert not any(key.endswith("osx-arm64") for key in lock.metadata.custom)
