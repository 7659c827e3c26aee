"""PyPI cases as our resolver, its resolvelib engine and uv answer them, over an index on loopback."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.suites.case import Answer, Package, PypiCase, Verdict, Wheel, canonical
from resolver import (
    Index,
    PypiRequirement,
    Requirements,
    ResolveOptions,
    Target,
    VirtualPackage,
    resolve,
)
from resolver.errors import LockstackError, NoSolutionError
from resolver.model.indexes import FormatRules
from resolver.model.origin import Origin
from tests.support.packages import make_tar, metadata_text
from tests.support.server import LoopbackServer

JSON_PAGE = "application/vnd.pypi.simple.v1+json"
MACHINE = (VirtualPackage(name="__glibc", version="2.35"), VirtualPackage(name="__linux", version="6.1"))
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


class PypiBench:
    """Asks all sides; used as a context, in which the index is served."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = LoopbackServer(extra_headers={"/simple/": {"Content-Type": JSON_PAGE}})

    def __enter__(self) -> PypiBench:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def sides(self) -> Iterator[tuple[str, Any]]:
        """Yield the name and the function of each side."""
        yield "lockstack", self.ours
        yield "uv", self.uv
        yield "resolvelib", lambda case: self.ours(case, engine="resolvelib")

    def address(self, case: PypiCase) -> str:
        """Serve a case's files; return the address of the index."""
        digest = hashlib.sha256(repr(case.files).encode()).hexdigest()[:16]
        base, files = f"{self._server.url}/files/{digest}", f"files/{digest}"
        pages: dict[str, list[dict[str, Any]]] = {}
        for file in case.files:
            name = re.sub(r"[-_.]+", "-", file.name).lower()
            metadata = _metadata(file).encode()
            body = _sdist(file) if file.is_sdist else file.file_name.encode() + b"\n" + metadata
            self._server.files[f"{files}/{file.file_name}"] = body
            if not file.is_sdist:
                self._server.files[f"{files}/{file.file_name}.metadata"] = metadata
            pages.setdefault(name, []).append(
                {
                    "filename": file.file_name,
                    "url": f"{base}/{file.file_name}",
                    "hashes": {"sha256": hashlib.sha256(body).hexdigest()},
                    "requires-python": file.requires_python,
                    "core-metadata": not file.is_sdist,
                    "yanked": file.yanked,
                }
            )
        for name, rows in pages.items():
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": rows}
            self._server.files[f"simple/{digest}/{name}/"] = json.dumps(page).encode()
        self._server.files[f"simple/{digest}/"] = json.dumps(_root(pages)).encode()
        return f"{self._server.url}/simple/{digest}"

    def ours(self, case: PypiCase, engine: str = "lockstack") -> Answer:
        """Answer as the product does, an earlier lockfile included."""
        if engine != "lockstack" and case.locked:
            return Answer(verdict=Verdict.UNASKED, why="the engine knows no earlier lockfile")
        origin = Origin(file="requirements.txt", line=1)
        try:
            asked = [PypiRequirement.parse(text, origin) for text in case.requirements]
            limits = [_as_constraint(text, origin) for text in case.constraints]
            options = ResolveOptions(
                targets=(Target(subdir="linux-64", python=case.python, virtual_packages=MACHINE),),
                indexes=(Index(name="suite", url=self.address(case)),),
                pre=case.pre,
                no_build=case.no_build,
                formats=FormatRules(no_binary=frozenset({":all:"})) if case.no_binary else FormatRules(),
                preferred={
                    "linux-64": {
                        f"pypi:{p.name}": p.version for p in case.locked if p.name not in case.updated
                    }
                },
                updated=tuple(sorted(case.updated)) if case.locked else (),
                cache_dir=self._folder / "cache",
                engine=engine,
            )
            (found,) = resolve(Requirements(pypi=(*asked, *limits)), options)
        except NoSolutionError as error:
            return Answer(verdict=Verdict.NONE, why=str(error))
        except (LockstackError, ValueError) as error:
            return Answer(verdict=Verdict.ERROR, why=str(error))
        packages = frozenset(Package(name=pin.name, version=canonical(pin.version)) for pin in found.pypi)
        return Answer(verdict=Verdict.SOLUTION, packages=packages)

    def uv(self, case: PypiCase) -> Answer:
        """Answer as ``uv pip compile`` does; what is locked stands in the output file before."""
        folder = self._folder / "uv"
        folder.mkdir(exist_ok=True)
        (folder / "in.txt").write_text("\n".join(case.requirements) + "\n", encoding="utf-8")
        (folder / "limits.txt").write_text("\n".join(case.constraints) + "\n", encoding="utf-8")
        before = "\n".join(f"{one.name}=={one.version}" for one in case.locked)
        (folder / "out.txt").write_text(before + "\n", encoding="utf-8")
        flags = ["--prerelease", "allow"] if case.pre else []
        flags += ["--only-binary", ":all:"] if case.no_build else []
        flags += ["--no-binary", ":all:"] if case.no_binary else []
        for name in sorted(case.updated):
            flags += ["--upgrade-package", name]
        done = subprocess.run(
            [
                str(Path(sysconfig.get_path("scripts")) / "uv"), "pip", "compile", "in.txt", "-q",
                "-c", "limits.txt", "-o", "out.txt", "--no-header", "--no-annotate", "--no-config",
                "--default-index", self.address(case), "--cache-dir", str(folder / "cache"),
                "--python-version", case.python, "--python-platform", "x86_64-manylinux_2_35",
                "--python", sys.executable, "--no-python-downloads", *flags,
            ],
            cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            text = (folder / "out.txt").read_text(encoding="utf-8")
            packages = frozenset(Package(name=n.lower(), version=canonical(v)) for n, v in _PIN.findall(text))
            return Answer(verdict=Verdict.SOLUTION, packages=packages)
        is_proof = "No solution found" in done.stderr or "unsatisfiable" in done.stderr
        return Answer(verdict=Verdict.NONE if is_proof else Verdict.ERROR, why=done.stderr.strip())


def _root(names: Iterable[str]) -> dict[str, Any]:
    return {"meta": {"api-version": "1.1"}, "projects": [{"name": name} for name in sorted(names)]}


def _as_constraint(text: str, origin: Origin) -> PypiRequirement:
    from msgspec.structs import replace

    return replace(PypiRequirement.parse(text, origin), is_constraint=True)


def _metadata(file: Wheel) -> str:
    headers = {"requires_python": file.requires_python} if file.requires_python else {}
    text = metadata_text(file.name, file.version, file.requires, metadata_version="2.2", **headers)
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in file.extras)
    first, _, rest = text.partition("\n")
    return f"{first}\n{extras}{rest}"


@cache
def _sdist(file: Wheel) -> bytes:
    stem = file.file_name.removesuffix(".tar.gz")
    project = f'[project]\nname = "{file.name}"\nversion = "{file.version}"\n'
    return make_tar(
        {f"{stem}/PKG-INFO": _metadata(file).encode(), f"{stem}/pyproject.toml": project.encode()}
    )
