"""What is fuzzed: a parser each, what it may raise, and small texts to begin with.

A target takes any bytes. It may answer, or raise what its callers take for "can't be read";
anything else is a crash.
"""

# ruff: noqa: E501 - rows are read across

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, NamedTuple

import msgspec
import zstandard

from resolver.errors import InputError, SourceError
from resolver.metadata.zip_directory import BadArchiveError
from tests.support.channel import as_file, as_shards, record, repodata
from tests.support.packages import make_sdist, make_wheel, metadata_text


class Target(NamedTuple):
    """One parser."""

    run: Callable[[bytes], object]
    raises: tuple[type[Exception], ...] = ()
    seeds: tuple[bytes, ...] = (b"",)


def _text(run: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: run(data.decode("utf-8", "replace"))


def _of(module: str, name: str, *arguments: Any, **more: Any) -> Callable[[Any], object]:
    """Return a function of a module that is loaded when it is first called."""

    @functools.cache
    def find() -> Callable[..., object]:
        found: Callable[..., object] = getattr(import_module(module), name)
        return found

    return lambda value: find()(value, *arguments, **more)


def _repodata(data: bytes) -> object:
    from resolver.metadata.repodata import RepodataReader

    return list(RepodataReader(io.BytesIO(data), slab=64))


def _packed(data: bytes) -> object:
    from resolver.sources.http.packed import Unpacked
    from resolver.sources.limits import Bound, ResourceKind, Unpacking

    unpacked = Unpacked(io.BytesIO(data), Unpacking(ResourceKind.REPODATA, Bound(1 << 20, 1 << 22)))
    while unpacked.read(1 << 16):
        pass
    return None


def _page(content_type: str) -> Callable[[bytes], object]:
    from resolver.metadata.simple_index import parse_project_page
    from resolver.model.names import pypi_name

    def run(data: bytes) -> object:
        return parse_project_page(
            data, content_type=content_type, url="https://a.example/simple/x/", name=pypi_name("x"), index="a"
        )

    return run


def _wheel(data: bytes) -> object:
    from resolver.sources.pypi.wheel_metadata import read_wheel

    return read_wheel(io.BytesIO(data), "foo")


def _sdist(data: bytes) -> object:
    from resolver.sources.pypi.archives import read_top_members

    return read_top_members(io.BytesIO(data), frozenset({"PKG-INFO", "pyproject.toml"}))


def _shards(data: bytes) -> object:
    from resolver.metadata.shards import write_shard_table

    return write_shard_table(data, io.BytesIO(), {})


def _match_spec(text: str) -> object:
    from resolver.model.match_spec import parse_match_spec, version_spec_matches
    from resolver.model.records import CondaRecord

    spec = parse_match_spec(text)
    if spec.version is not None:
        version_spec_matches(spec.version, "1.2.3")
    return spec.matches(CondaRecord(spec.name, "1.2.3", "py311_0", 0, "x-1.2.3-py311_0.conda"))


def _marker(text: str) -> object:
    from resolver.model.pep508 import parse_marker
    from resolver.model.unusable import Unusable

    found = parse_marker(text)
    return found if isinstance(found, Unusable) else found.evaluate({"extra": ""})


def _regex(text: str) -> object:
    from resolver.model.linear_regex import linear_matcher

    pattern, _, subject = text.partition("\n")
    return linear_matcher(pattern[:200])(subject[:200])


def _address(text: str) -> object:
    from resolver.sources.http.credentials import Credentials

    known = Credentials({}, use_keyring=False)
    with contextlib.suppress(ValueError):  # no address: callers say so
        known.learn(text, channel=True)
    return known.redact(text), known.is_named(text)


def _input(name: str) -> Callable[[bytes], object]:
    from resolver.inputs.reading import parse_inputs

    return lambda data: parse_inputs([name], lambda _: data, environ={})


def _lockfile(kind: str) -> Callable[[bytes], object]:
    def run(data: bytes) -> object:
        from lockfiles.formats.reading import LockReadOptions

        read = import_module(f"lockfiles.formats.{kind}.reading").read
        return read(data.decode("utf-8", "replace"), "file", LockReadOptions())

    return run


def _zstd(value: object) -> bytes:
    return msgspec.msgpack.encode(value)


_RECORDS = repodata([record("x", depends=["python >=3.8"])], tar=[record("y", noarch=True)])
_SHARDS = [zstandard.ZstdDecompressor().decompressobj().decompress(d) for d in as_shards(_RECORDS).values()]
_HTML = b'<!DOCTYPE html><html><body><a href="x-1.0-py3-none-any.whl#sha256=00" data-yanked="no">x</a></body></html>'
_JSON = b'{"meta": {"api-version": "1.1"}, "files": [{"filename": "x-1.0.tar.gz", "url": "x", "hashes": {}, "size": 5}]}'
_YAML = b"name: x\nchannels: [conda-forge]\ndependencies:\n- python=3.11\n- pip:\n  - six>=1\n"
_PIP = (
    b"six>=1 ; python_version < '3.12' --hash=sha256:00\n-c https://a.example/c.txt\nx @ git+https://h/x@v\n"
)
_TOML = b'[project]\nname = "x"\nversion = "1"\ndependencies = ["six"]\n[dependency-groups]\na = ["x"]\n'
_PIXI = (
    b'[workspace]\nchannels = ["conda-forge"]\nplatforms = ["linux-64"]\n[dependencies]\npython = ">=3.11"\n'
)
_AZURE = b"$schema: https://azuremlschemas.azureedge.net/latest/environment.schema.json\nname: x\nimage: a/b:1\nconda_file: c.yml\n"
_DOCKER = b"ARG A=1\nFROM a/b:${A} AS one\nRUN <<EOF\npip install six\nEOF\nENV B=2\n"
_METADATA = metadata_text("x", "1.0", ["six>=1; extra == 'a'"], provides_extra="a").encode()
_BAD_FILE = (InputError, SourceError)

TARGETS: dict[str, Target] = {
    "repodata": Target(_repodata, (ValueError,), (as_file(_RECORDS, ""),)),
    "packed": Target(_packed, (ValueError,), tuple(as_file(_RECORDS, f"x.{end}") for end in ("zst", "bz2"))),
    "list of shards": Target(_shards, (ValueError,), (_SHARDS[-1],)),
    "shard": Target(lambda data: _of("resolver.metadata.shards", "parse_shard", data)("x"), (ValueError,), (_SHARDS[0],)),
    "HTML page": Target(_page("text/html"), (SourceError,), (_HTML,)),
    "JSON page": Target(_page("application/json"), (SourceError,), (_JSON,)),
    "METADATA": Target(_of("resolver.metadata.core_metadata", "parse_core_metadata"), (), (_METADATA,)),
    "headers": Target(lambda d: _of("resolver.metadata.core_metadata", "parse_headers")(d).is_static, (), (b"Metadata-Version: 2.2\n",)),  # type: ignore[attr-defined]
    "project table": Target(_of("resolver.metadata.project_table", "parse_static_metadata"), (), (_TOML,)),
    "wheel": Target(_wheel, (BadArchiveError,), (make_wheel("foo", "1.0", ["six"]),)),
    "sdist": Target(_sdist, (BadArchiveError,), (make_sdist("foo", "1.0", {"PKG-INFO": _METADATA.decode()}),)),
    "file name": Target(_text(_of("resolver.metadata.simple_index", "parse_file_name")), (), (b"foo-1.0-1-cp311-abi3-linux_x86_64.whl", b"a-1-2.tar.gz")),
    "wheel tags": Target(_text(_of("resolver.metadata.wheel_tags", "wheel_misfit", (3, 11), "linux-64")), (), (b"foo-1.0-cp311-abi3-manylinux_2_17_x86_64.whl",)),
    "requirement": Target(_text(_of("resolver.model.pep508", "parse_requirement")), (), (b"foo[a,b] (>=1.*) ; extra == 'x'", b"a @ https://h/x")),
    "marker": Target(_text(_marker), (), (b"python_version < '3.9' and os_name ~= 'x'", b"extra == 'a' or sys_platform in 'a b'")),
    "specifier": Target(_text(_of("resolver.model.specifiers", "parse_specifier")), (), (b">=1.2,<2.*,!=1.5", b"===x")),
    "match spec": Target(_text(_match_spec), (ValueError,), (b"conda-forge::x >=1.2,<2|3.* py3*", b"x[version='^1.*$', build=a*b]", b"x ^1.*$ *")),
    "regular expression": Target(_text(_regex), (ValueError,), (b"^(a|b)*c{1,3}[^x-z]+?$\naabc",)),
    "address": Target(_text(_address), (), (b"https://u:p@h.example:80/t/tk-1/x?sig=1#f", b"git+ssh://a@[::1]/x")),
    "retry after": Target(_text(_of("resolver.sources.http.retry", "parse_retry_after", now=0.0)), (), (b"120", b"Thu, 01 Jan 1970 00:00:10 GMT")),
    "environment.yml": Target(_input("environment.yml"), _BAD_FILE, (_YAML,)),
    "requirements.txt": Target(_input("requirements.txt"), _BAD_FILE, (_PIP,)),
    "pyproject.toml": Target(_input("pyproject.toml"), _BAD_FILE, (_TOML,)),
    "pixi.toml": Target(_input("pixi.toml"), _BAD_FILE, (_PIXI,)),
    "azureml.yml": Target(_input("azureml.yml"), _BAD_FILE, (_AZURE,)),
    "Dockerfile": Target(_text(_of("resolver.inputs.dockerfile", "parse_stages", "Dockerfile")), _BAD_FILE, (_DOCKER,)),
    "log": Target(_text(_of("resolver.explain.logs.reading", "read_log")), (), (b"ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.\n",)),
    "nvidia-smi": Target(_text(_of("resolver.machine.nvidia_smi", "parse_nvidia_smi")), _BAD_FILE, (b"| NVIDIA-SMI 535.1 Driver Version: 535.1 CUDA Version: 12.2 |\n",)),
    **{f"lockfile: {kind}": Target(_lockfile(kind), _BAD_FILE, (seed,)) for kind, seed in (
        ("conda_lock", b"version: 1\nmetadata: {platforms: [linux-64]}\npackage: []\n"),
        ("pixi", b"version: 6\nenvironments: {default: {channels: [], packages: {}}}\npackages: []\n"),
        ("pylock", b'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\nversion = "1"\n'),
        ("explicit", b"# platform: linux-64\n@EXPLICIT\nhttps://h/linux-64/a-1-0.conda#00\n"),
        ("requirements", b"six==1.0 --hash=sha256:00\n"),
    )},
}  # fmt: skip


def crashes(target: Target, inputs: Iterable[bytes]) -> list[str]:
    """Return what a target raises though it may not, each with its input."""
    found = []
    for data in inputs:
        try:
            target.run(data)
        except target.raises:
            pass
        except Exception as error:  # whatever it is: that is the question
            found.append(f"{type(error).__name__}: {error} for {data!r}")
    return found
