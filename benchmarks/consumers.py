"""Our files read by those that they are for: each refusal with its reason.

::

    python -m benchmarks.consumers PROBLEMS CHANNELS [--count 200] [--seed 1] [--only NAME]
                                   [--python INTERPRETER] [--json FILE]

Locks are those of :mod:`benchmarks.lock_corpus`; every format of `lock export` is written of each and
given to its consumers. conda-lock, py-rattler, packaging, uv and cyclonedx-python-lib are those of this
environment. INTERPRETER is one that can import conda-lockfiles (with conda), and whose pip reads
pylock.toml; without it these are left out. pip and uv get the locks whose PyPI part is of wheels alone,
which lie in a folder. What is refused for a fault of the consumer's own (:data:`FAULTS`) is told apart; the
exit code is 5 where anything else was.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.lock_corpus import Corpus, SampleLock
from lockfiles.formats.conda_lock.target_keys import INDEXES
from lockfiles.formats.export import ExportRequest, export
from resolver.model.target import Target

#: Consumer -> why a file was refused, None where it was taken.
Verdict = str | None

#: Consumer, a part of its message, and what is wrong with the consumer.
FAULTS = (
    (
        "rattler, conda-lock",
        "Expected `sha256` field `md5` field or both",
        "wants a hash of every package; a repository has none, and conda-lock's model asks for none",
    ),
    (
        "conda-lockfiles, conda-lock",
        "Input should be 'conda' or 'pypi'",
        "knows no `manager: pip`, which is how the format has it",
    ),
)

_PLUGIN = """
import json, sys
from conda.base.context import reset_context
from conda.exceptions import DryRunExit
from conda_lockfiles.conda_lock.v1 import CondaLockV1Loader
from conda_lockfiles.rattler_lock.v6 import RattlerLockV6Loader
import os, contextlib, io
os.environ["CONDA_DRY_RUN"] = "true"
reset_context()
for line in sys.stdin:
    kind, path, platform = json.loads(line)
    loader = (CondaLockV1Loader if kind == "conda-lock" else RattlerLockV6Loader)(path)
    reason = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            loader.can_handle()
            loader.env_for(platform)
    except DryRunExit:
        pass
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    print(json.dumps(reason), flush=True)
"""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A lock with the files that were written of it, by format."""

    lock: SampleLock
    folder: Path
    files: Mapping[str, tuple[Path, ...]]

    @property
    def platform(self) -> str:
        """The lock's one platform."""
        return self.lock.resolutions[0].target.subdir


def write(lock: SampleLock, folder: Path, formats: Iterable[str]) -> Written:
    """Write a lock in these formats; its wheels get an index of their own in a folder."""
    folder.mkdir(parents=True)
    index = _make_index(lock, folder / "simple")
    custom = {**lock.metadata.custom, INDEXES: index} if lock.is_plain else lock.metadata.custom
    metadata = msgspec.structs.replace(lock.metadata, custom=custom)
    request = ExportRequest(resolutions=lock.resolutions, metadata=metadata)
    found: dict[str, tuple[Path, ...]] = {}
    for name in formats:
        paths = []
        for file in export(name, request):
            path = folder / name / file.name
            path.parent.mkdir(exist_ok=True)
            path.write_text(file.text, encoding="utf-8")
            paths.append(path)
        found[name] = tuple(paths)
    for name in ("pylock", "requirements"):
        path = folder / "here" / f"{name}{'.txt' if name == 'requirements' else '.toml'}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(export(name, _for_this_machine(request))[0].text, encoding="utf-8")
        found[f"{name} here"] = (path,)
    return Written(lock=lock, folder=folder, files=found)


def _for_this_machine(request: ExportRequest) -> ExportRequest:
    """Return pip's part for the machine and Python that run this: no other can be asked for."""
    python = ".".join(map(str, sys.version_info[:3]))
    resolutions = tuple(
        msgspec.structs.replace(
            one, target=Target(subdir=this_subdir()), python=python, conda=(), provided={}
        )
        for one in request.resolutions
    )
    return msgspec.structs.replace(request, resolutions=resolutions)


def this_subdir() -> str:
    """Return the subdir of the machine that runs this."""
    import rattler

    return str(rattler.Subdir.current())


def _make_index(lock: SampleLock, folder: Path) -> str:
    """Make a simple index of a lock's wheels; return its address."""
    for resolution in lock.resolutions:
        for pin in resolution.pypi:
            if pin.file is not None:
                page = folder / pin.name / "index.html"
                page.parent.mkdir(parents=True, exist_ok=True)
                digest = pin.file.hashes["sha256"]
                page.write_text(f'<a href="{pin.file.url}#sha256={digest}">{pin.file.file_name}</a>\n')
    return folder.resolve().as_uri()


def conda_lock(written: Written) -> Verdict:
    """Ask conda-lock's own parser, and whether it sees as many packages."""
    from conda_lock.lockfile import parse_conda_lock_file

    [path] = written.files["conda-lock"]
    found = parse_conda_lock_file(path)
    names = {(package.manager, package.name) for package in found.package}
    (resolution,) = written.lock.resolutions
    held = {("conda", pin.name) for pin in resolution.conda} | {("pip", pin.name) for pin in resolution.pypi}
    return None if names == held else f"other packages: {sorted(names ^ held)[:3]}"


def rattler(name: str) -> Callable[[Written], Verdict]:
    """Return a question to rattler's reader of lockfiles about one format."""

    def ask(written: Written) -> Verdict:
        from rattler import LockFile

        [path] = written.files[name]
        held = {
            package.location
            for _, environment in LockFile.from_path(path).environments()
            for platform in environment.platforms()
            for package in environment.packages(platform) or ()
        }
        (resolution,) = written.lock.resolutions
        asked = len(resolution.conda) + len(resolution.pypi)
        return None if len(held) == asked else f"{len(held)} of {asked} packages"

    return ask


def packaging_pylock(written: Written) -> Verdict:
    """Ask packaging's reader of pylock.toml."""
    from packaging.pylock import Pylock

    [path] = written.files["pylock"]
    Pylock.from_dict(tomllib.loads(path.read_text(encoding="utf-8"))).validate()
    return None


def uv_pylock(written: Written) -> Verdict:
    """Ask uv what it would install of a pylock.toml."""
    command = [
        *("uv", "pip", "install", "--dry-run", "--no-config", "--offline", "--python", sys.executable),
        *("--target", str(written.folder / "t"), "--preview-features", "pylock"),
        *("-r", str(written.files["pylock here"][0])),
    ]
    return _run(command)


def pip(interpreter: str, name: str) -> Callable[[Written], Verdict]:
    """Return a question to an interpreter's pip about one format."""

    def ask(written: Written) -> Verdict:
        path = written.files[f"{name} here"][0]
        required = ["--require-hashes"] if name == "requirements" else []
        command = [
            *(interpreter, "-m", "pip", "install", "--dry-run", "--no-deps", "--disable-pip-version-check"),
            *("--isolated", "--no-cache-dir", "--target", str(written.folder / "t")),
            *("--quiet", *required, "-r", str(path)),
        ]
        return _run(command)

    return ask


def cyclonedx(written: Written) -> Verdict:
    """Ask the validator of cyclonedx-python-lib."""
    [path] = written.files["cyclonedx"]
    error = _cyclonedx_validator().validate_str(path.read_text())
    return None if error is None else str(error.data)


@functools.cache
def _cyclonedx_validator() -> Any:
    """Return it, quick about addresses of RFC 3986, which are addresses of RFC 3987 too.

    Its own parser takes 0.1 s of CPU time for each, and is asked about all others.
    """
    from cyclonedx.schema import OutputFormat, SchemaVersion
    from cyclonedx.validation import make_schemabased_validator
    from jsonschema import Draft7Validator
    from rfc3986_validator import validate_rfc3986

    checker = Draft7Validator.FORMAT_CHECKER
    whole, faults = checker.checkers["iri-reference"]

    def is_address(value: object) -> bool:
        return bool(validate_rfc3986(value, rule="URI_reference") or whole(value))

    checker.checks("iri-reference", faults)(is_address)
    return make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_6)


def _run(command: list[str]) -> Verdict:
    variables = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=variables)
    return None if done.returncode == 0 else (done.stderr or done.stdout).strip()


def plugin(interpreter: str, name: str) -> Callable[[list[Written]], list[Verdict]]:
    """Return a question to conda's lockfile plugin about one format, for all locks at once."""

    def ask(every: list[Written]) -> list[Verdict]:
        lines = [
            json.dumps(
                ["conda-lock" if name == "conda-lock" else "pixi", str(one.files[name][0]), one.platform]
            )
            for one in every
        ]
        done = subprocess.run(
            [interpreter, "-c", _PLUGIN], input="\n".join(lines), capture_output=True, text=True, check=True
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask


def each(ask: Callable[[Written], Verdict]) -> Callable[[list[Written]], list[Verdict]]:
    """Return a question about all locks; what a consumer raises is its refusal."""

    def verdict(one: Written) -> Verdict:
        try:
            return ask(one)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return f"{type(error).__name__}: {error}"

    return lambda every: [verdict(one) for one in every]


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads which format; ``needs_plain``: only what it can fetch."""

    name: str
    format: str
    ask: Callable[[list[Written]], list[Verdict]]
    needs_plain: bool = False


def consumers(interpreter: str | None) -> Iterator[Consumer]:
    """Yield those that can be asked."""
    from lockfiles.formats.names import FORMATS

    yield Consumer(name="conda-lock", format="conda-lock", ask=each(conda_lock))
    for name in ("conda-lock", "pixi", "pixi-6"):
        if name in FORMATS:
            yield Consumer(name=f"rattler, {name}", format=name, ask=each(rattler(name)))
    yield Consumer(name="packaging", format="pylock", ask=each(packaging_pylock))
    yield Consumer(name="uv, pylock", format="pylock", ask=each(uv_pylock), needs_plain=True)
    if "cyclonedx" in FORMATS:
        yield Consumer(name="cyclonedx", format="cyclonedx", ask=each(cyclonedx))
    if interpreter:
        for name in ("conda-lock", "pixi-6"):
            if name in FORMATS:
                yield Consumer(name=f"conda-lockfiles, {name}", format=name, ask=plugin(interpreter, name))
        for name in ("requirements", "pylock"):
            ask = each(pip(interpreter, name))
            yield Consumer(name=f"pip, {name}", format=name, ask=ask, needs_plain=True)


def judge(written: list[Written], consumer: Consumer) -> list[tuple[str, str]]:
    """Return (lock, reason) of each refusal."""
    asked = [one for one in written if not consumer.needs_plain or (one.lock.is_plain and _has_pypi(one))]
    verdicts = consumer.ask(asked)
    return [
        (one.lock.id, verdict) for one, verdict in zip(asked, verdicts, strict=True) if verdict is not None
    ]


def fault_of(consumer: str, reason: str) -> str | None:
    """Return what is wrong with a consumer that refuses for this reason; None: nothing that is known."""
    found = (why for name, part, why in FAULTS if name == consumer and part in reason)
    return next((f"its own fault: it {why}" for why in found), None)


def _has_pypi(one: Written) -> bool:
    return any(resolution.pypi for resolution in one.lock.resolutions)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("problems", type=Path)
    parser.add_argument("channels", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="the consumers whose names hold this text")
    parser.add_argument("--python", help="one with conda-lockfiles, and a pip that reads pylock.toml")
    parser.add_argument("--json", type=Path, help="write the refusals there")
    arguments = parser.parse_args()
    asked = [one for one in consumers(arguments.python) if not arguments.only or arguments.only in one.name]
    refusals: dict[str, list[tuple[str, str]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = Corpus(arguments.problems, arguments.channels, folder / "wheels")
        formats = sorted({one.format for one in asked})
        written = [
            write(lock, folder / str(number), formats)
            for number, lock in enumerate(corpus.locks(arguments.count, arguments.seed))
        ]
        for consumer in asked:
            of = sum(not consumer.needs_plain or (one.lock.is_plain and _has_pypi(one)) for one in written)
            refusals[consumer.name] = judge(written, consumer)
            print(f"{consumer.name}: {of - len(refusals[consumer.name])} of {of} taken", flush=True)
            told = Counter(
                fault_of(consumer.name, text) or repr(text[:200]) for _, text in refusals[consumer.name]
            )
            for reason, count in told.most_common(5):
                print(f"    {count} x {reason}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(refusals, indent=2), encoding="utf-8")
    ours = [text for name, found in refusals.items() for _, text in found if fault_of(name, text) is None]
    return 5 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
