"""What makers' own repositories say, in the keys of the tables of facts; read from clones with their history.

Tables: Azure ML's curated environments, its base images, Azure's VM sizes with a GPU, what images of
nvidia/cuda ask of the driver, the torch releases that wheels of flash-attn are built for, and the GPU code of
PyTorch's own conda builds. Only git is asked; nothing of a repository is run.
"""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from packaging.version import Version

from resolver.checks import facts
from resolver.errors import InputError
from resolver.machine.facts import BaseImage, CuratedEnvironment, ImageRequirement, VmSize
from resolver.machine.tables import Row
from resolver.machine.vm_sizes import find_vm_size
from scripts.image_facts import read_requirements


@dataclass(frozen=True, slots=True)
class Clone:
    """A git repository on disk."""

    folder: Path

    def git(self, *arguments: str) -> str:
        """Return what git prints; empty where it fails (a file that isn't there)."""
        command = ["git", "-C", str(self.folder), *arguments]
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return found.stdout if found.returncode == 0 else ""

    def show(self, path: str, revision: str = "HEAD") -> str:
        """Return a file's text at a revision; empty where it isn't there."""
        return self.git("show", f"{revision}:{path}")

    def files(self, pattern: str, revision: str = "HEAD", under: str = "") -> list[str]:
        """Return the paths at a revision that a pattern finds, sorted; ``under``: in this folder alone."""
        names = self.git("ls-tree", "-r", "--name-only", revision, "--", *filter(None, [under])).splitlines()
        return sorted(name for name in names if re.search(pattern, name))

    def short(self, revision: str) -> str:
        """Return a revision's commit in short."""
        return self.git("rev-parse", "--short=8", revision).strip()


# ---------------------------------------------------------------- Azure ML's curated environments

#: Definitions of environments; those below ``test/`` and ``general/`` are the repository's own trials, which
#: nobody registers.
_ASSET = r"^(?!(?:test|general)/)(?:.*[/_])?environments?/(?:[^/]+/)?asset\.yaml$"
_NAME = re.compile(r"(?m)^name:\s*[\"']?([\w.\-]+)")
_FROM = re.compile(r"(?mi)^\s*FROM\s+(\S+)")


#: Projects whose requirements are facts about a curated environment.
_PROJECTS = (
    "cudatoolkit", "deepspeed", "lightgbm", "mlflow", "numpy", "onnxruntime", "python", "pytorch",
    "scikit-learn", "tensorflow", "tensorflow-gpu", "torch", "torchvision", "transformers",
)  # fmt: skip
_CLAUSE = r"(?:[<>=!~]=?|===)\s*(?:\{\{[\w\-]+\}\}|[\w.*+!]+)"


def _pins(text: str) -> dict[str, list[str]]:
    """Return project -> the version clauses that stand behind its name, in order; comments aside."""
    lines = (re.sub(r"(?:^|\s)#.*$", "", line) for line in text.splitlines())
    code = "\n".join(lines)
    found = {}
    for project in _PROJECTS:
        name = re.escape(project).replace(r"\-", "[-_]")
        pattern = rf"(?i)(?<![\w./\-=]){name}(?:\[[\w,\s\-]+\])?\s*({_CLAUSE}(?:\s*,\s*{_CLAUSE})*)"
        clauses = [re.sub(r"\s+", "", match[1]) for match in re.finditer(pattern, code)]
        if clauses:
            found[project] = list(dict.fromkeys(clauses))
    return found


def say_environments(clone: Clone) -> Iterator[dict[str, Any]]:
    """Yield name, base image and pins of each curated environment: those in the sources, then deleted ones.

    ``pins`` holds every clause that a project has in the build context, in order: a row holds one of them.
    Of a deleted one its last state counts, in the folder that was deleted last where several had its name;
    one that was moved or renamed isn't deleted.
    """
    names = set()
    for path in clone.files(_ASSET):
        said = _environment(clone, path, "HEAD")
        if said is not None:
            names.add(said["name"])
            yield {**said, "current": True}
    for path, commit in _deleted(clone).items():
        said = _environment(clone, path, f"{commit}^")
        if said is not None and said["name"] not in names:
            names.add(said["name"])
            yield {**said, "current": False}


def _deleted(clone: Clone) -> dict[str, str]:
    """Return path -> the last commit that deleted it, of environments' definitions; the newest commit first.

    Where that one takes back a commit by mistake that had brought it back, an earlier one counts.
    """
    log = clone.git(
        "log", "--diff-filter=D", "--no-renames", "--format=@%H %s", "--name-only", "--", "*asset.yaml"
    )
    found: dict[str, str] = {}
    reverts: dict[str, str] = {}
    commit = subject = ""
    for line in log.splitlines():
        if line.startswith("@"):
            commit, _, subject = line[1:].partition(" ")
        elif re.search(_ASSET, line):
            (reverts if subject.startswith("Revert ") else found).setdefault(line, commit)
    return found | {path: commit for path, commit in reverts.items() if path not in found}


def _environment(clone: Clone, path: str, revision: str) -> dict[str, Any] | None:
    """Read one environment at a revision; None where the file defines something else."""
    text, folder = clone.show(path, revision), path.rsplit("/", 1)[0]
    name = _NAME.search(text)
    if name is None or "type: environment" not in text:
        return None
    short = re.sub(r"(?i)^azureml-", "", name[1]).lower()  # what guides and tables call it
    files = clone.files("^" + re.escape(f"{folder}/context/") + r"(?!.*\.py$)", revision, f"{folder}/")
    texts = {file: clone.show(file, revision) for file in files}
    stages = _FROM.findall(texts.get(f"{folder}/context/Dockerfile", ""))
    said = {"name": short, "pins": _pins("\n".join(texts.values())), "folder": folder, "revision": revision}
    return {**said, "base": _untagged(stages[-1].split("@")[0])} if stages else said


def _untagged(reference: str) -> str:
    """Return an image without its tag, where the tag is a template that a build fills in."""
    return reference.split(":{{", 1)[0]


# ---------------------------------------------------------------- Azure ML's base images

_SUPPORTED = re.compile(
    r"(?m)^\|\s*(?P<image>[a-z][\w.\-]+)\s*\|\s*(?P<ubuntu>\d\d\.\d\d)\s*\|(?P<what>.*)\|"
)
_OLD = re.compile(r"^base/(?:cpu|gpu|lite)/(?P<image>(?:[a-z][\w.\-]*)?ubuntu\d\d\.\d\d)/Dockerfile$")
_REGISTRY = "mcr.microsoft.com/azureml/"


def say_images(clone: Clone) -> Iterator[dict[str, Any]]:
    """Yield the images of the list of supported ones, then those that only the history knows."""
    supported = set()
    for found in _SUPPORTED.finditer(clone.show("README.md")):
        cuda = re.search(r"CUDA (\d+\.\d+(?:\.\d+)?)", found["what"])
        supported.add(found["image"])
        said = {"image": _REGISTRY + found["image"], "ubuntu": found["ubuntu"], "status": "supported"}
        yield {**said, "cuda": cuda[1]} if cuda else said
    names = clone.git("log", "--all", "--format=", "--name-only", "--diff-filter=AM").splitlines()
    old = {match["image"]: name for name in names if (match := _OLD.match(name))}
    for image, path in sorted(old.items()):
        if image in supported:
            continue
        commit = clone.git("log", "--all", "-1", "--diff-filter=AM", "--format=%H", "--", path).strip()
        cuda = re.search(r"(?mi)^FROM \S*cuda:(\d+\.\d+(?:\.\d+)?)", clone.show(path, commit))
        said = {"image": _REGISTRY + image, "ubuntu": image.rsplit("ubuntu", 1)[1], "deprecated": True}
        yield {**said, "cuda": cuda[1]} if cuda else said


# ---------------------------------------------------------------- Azure's VM sizes

_SIZES = "articles/virtual-machines/sizes/gpu-accelerated/"


def say_vm_sizes(clone: Clone) -> Iterator[dict[str, Any]]:
    """Yield each size that a series' page names, with the number of its GPUs where the page says it.

    A size that is known by its series alone is left out. The pages' memory is that of one GPU for some
    series and of all for others: it isn't read.
    """
    for path in clone.files(r"/[\w\-]+-series\.md$", under=_SIZES):
        gpus: dict[str, str] = {}
        for size, columns in _size_rows(clone.show(path)):
            counted = next((text for name, text in columns.items() if name.startswith("accelerators")), "")
            gpus[size] = counted or gpus.get(size, "")
        for size, counted in sorted(gpus.items()):
            if not _by_series_alone(size):
                said = {"size": size, "page": path.removeprefix(_SIZES)}
                yield {**said, "gpus": counted} if counted else said


def _size_rows(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield size and column -> cell of each line of the tables whose first column names sizes."""
    head: list[str] = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.strip().startswith("|"):
            head = []
        elif cells[0].lower() == "size name":
            head = [cell.lower() for cell in cells]
        elif head and cells[0].lower().startswith("standard_"):
            yield cells[0], dict(zip(head[1:], cells[1:], strict=False))


def _by_series_alone(size: str) -> bool:
    try:
        row = find_vm_size(size)
    except InputError:
        return False
    return row is not None and (row.size or "").lower() != size.lower()


# ---------------------------------------------------------------- images of nvidia/cuda

_DOCKERFILE = r"^dist/(?:[\w.\-]+/)+base/Dockerfile$"
_STAGE = re.compile(r"(?i)^FROM base AS base-(?P<machine>\w+)")
_REQUIRED = re.compile(r'NVIDIA_REQUIRE_CUDA[ =]"?(?P<text>cuda>=\d+\.\d+[^"]*)')
#: Folders of earlier layouts that hold images for other machines than x86_64.
_OTHER_MACHINE = re.compile(r"ppc64le|sbsa|arm64|aarch64|l4t")


def say_image_requirements(clone: Clone) -> Iterator[dict[str, Any]]:
    """Yield for each CUDA the driver branches that its images for x86_64 list, newest CUDA first.

    What they list today is read from the Dockerfiles, what earlier builds did from the history.
    """
    today: dict[str, set[str]] = {}
    for path in clone.files(_DOCKERFILE):
        for text, _ in _required(clone.show(path).splitlines()):
            today.setdefault(_cuda_of(text), set()).add(text)
    earlier: dict[str, set[str]] = {}
    history = clone.git("log", "--all", "--format=", "-p", "-U1000", "--no-renames", "--", "*base/Dockerfile")
    for part in history.split("diff --git ")[1:]:
        head, _, body = part.partition("\n@@")
        if _OTHER_MACHINE.search(head.splitlines()[0]):
            continue
        lines = [line for line in body.splitlines() if line.startswith(("+", " "))]
        for text, number in _required([line[1:] for line in lines]):
            if lines[number].startswith("+"):
                earlier.setdefault(_cuda_of(text), set()).add(text)
    for cuda in sorted(today, key=Version, reverse=True):
        yield read_requirements(sorted(today[cuda]), sorted(earlier.get(cuda, ())))


def _required(lines: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield what a Dockerfile asks of the driver on x86_64, and the number of the line, from 0."""
    machine = "amd64"
    for number, line in enumerate(lines):
        stage, found = _STAGE.match(line), _REQUIRED.search(line)
        machine = stage["machine"] if stage else machine
        if found and machine in {"amd64", "x86_64"}:
            yield found["text"], number


def _cuda_of(text: str) -> str:
    return text.split()[0].removeprefix("cuda>=").split(",")[0]


# ---------------------------------------------------------------- flash-attn


#: Runners of GitHub Actions and their last day (actions/runner-images, issues 6002 and 11101).
_RUNNERS_UNTIL = {"ubuntu-18.04]": "2023-04-03", "ubuntu-20.04]": "2025-04-15"}
#: torch has it from 2.2 on (csrc/flash_attn/src/philox_unpack.cuh says so).
_NEW_HEADER = "#include <ATen/cuda/PhiloxUtils.cuh>"


def say_flash_attn(clone: Clone) -> Iterator[dict[str, Any]]:
    """Yield for each release the torch releases that its wheels are built for, by tag, oldest first.

    Only combinations that the workflow's ``exclude`` leaves count. Wheels that are built with a nightly of
    torch bear the name of the release that it goes before, and are fetched for it: ``nightlies`` has that
    minor with the CUDA majors, where the final release isn't among those that it builds for. Left out is what
    can't have been built: a tag younger than the end of the runner that its workflow names, and torch
    before 2.2 where a header is included that it hasn't.
    """
    tags = [
        tag
        for tag in clone.git("tag", "--list", "v2.*").split()
        if re.fullmatch(r"v[\d.]+(?:\.post\d+)?", tag)
    ]
    for tag in sorted(tags, key=lambda tag: Version(tag[1:])):
        workflow = clone.show(".github/workflows/publish.yml", tag)
        pairs = _built_pairs(workflow)
        if _NEW_HEADER in clone.show("csrc/flash_attn/src/flash.h", tag):
            pairs = [(torch, cuda) for torch, cuda in pairs if Version(torch) >= Version("2.2")]
        made = clone.git("log", "-1", "--format=%cs", tag).strip()
        final, nightlies = _by_minor(pairs, nightly=False), _by_minor(pairs, nightly=True)
        if final and not any(runner in workflow and made > end for runner, end in _RUNNERS_UNTIL.items()):
            yield {
                "version": tag[1:],
                "torch": list(final),
                "cuda": sorted(set(itertools.chain(*final.values()))),
                "nightlies": {torch: cuda for torch, cuda in nightlies.items() if torch not in final},
                "workflow": f"v{tag[1:]}",
            }


def _by_minor(pairs: Iterable[tuple[str, str]], *, nightly: bool) -> dict[str, list[str]]:
    """Return minor of torch -> CUDA majors of the pairs with a nightly, or of those with a release."""
    found: dict[str, set[str]] = {}
    for torch, cuda in pairs:
        if ("dev" in torch) is nightly:
            found.setdefault(".".join(torch.split(".")[:2]), set()).add(cuda.split(".")[0][:2])
    return {torch: sorted(majors) for torch, majors in found.items()}


def _built_pairs(workflow: str) -> list[tuple[str, str]]:
    """Return the pairs of torch and CUDA for which a workflow's matrix builds a wheel."""
    jobs = (yaml.safe_load(workflow) or {}).get("jobs", {})
    found: list[tuple[str, str]] = []
    for job in jobs.values():
        matrix = dict(job.get("strategy", {}).get("matrix", {}))
        excluded = matrix.pop("exclude", None) or []
        if not isinstance(excluded, list) or not {"torch-version", "cuda-version"} <= matrix.keys():
            continue
        axes = {key: value for key, value in matrix.items() if isinstance(value, list)}
        for values in itertools.product(*axes.values()):
            built = {key: str(value) for key, value in zip(axes, values, strict=True)}
            gone = any(all(built.get(key) == str(value) for key, value in row.items()) for row in excluded)
            if not gone:
                found.append((built["torch-version"], built["cuda-version"]))
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------- PyTorch's build scripts

BUILDER = "pytorch/builder"
_BRANCH = re.compile(r"(?:origin/)?release/(\d+\.\d+)")
_LIST = re.compile(r'TORCH_CUDA_ARCH_LIST="(\$TORCH_CUDA_ARCH_LIST;)?([\d.;+PTX]+)"')
_CASE = re.compile(r"\$CUDA_VERSION == (\d+(?:\.\d+)?)\*")


@dataclass(frozen=True, slots=True)
class BuiltCode:
    """What a release's build script asks the compiler for: capabilities with machine code, with PTX."""

    release: str  #: ``1.9``
    cuda: str  #: ``11.1``; ``10``: each of that major
    sass: tuple[str, ...]
    ptx: tuple[str, ...]


def say_conda_code(clone: Clone) -> Iterator[BuiltCode]:
    """Yield the GPU code of the builds of the channel `pytorch`, by release branch and CUDA."""
    names = clone.git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes").split()
    branches = {match[1]: name for name in sorted(names) if (match := _BRANCH.fullmatch(name))}
    for release, branch in sorted(branches.items(), key=lambda item: Version(item[0])):
        base = ""
        cases: tuple[str, ...] = ()
        for line in clone.show("conda/pytorch-nightly/build.sh", branch).splitlines():
            cases = tuple(_CASE.findall(line)) or cases
            found = _LIST.search(line)
            if found is None:
                continue
            if not cases:
                base = found[2]
                continue
            codes = (f"{base};{found[2]}" if found[1] else found[2]).split(";")
            for cuda in cases:
                yield BuiltCode(
                    release,
                    cuda,
                    sass=tuple(sorted((code.removesuffix("+PTX") for code in codes), key=Version)),
                    ptx=tuple(code.removesuffix("+PTX") for code in codes if code.endswith("+PTX")),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table that a repository can speak of."""

    row: type[Row]
    repository: str  #: ``owner/name``
    key: str  #: the key that says which row it is
    say: Callable[[Clone], Iterator[dict[str, Any]]]
    cite: Callable[[Clone, Mapping[str, Any]], str]  #: the words in which a row cites it


SOURCES = {
    "curated_environments": Source(
        row=CuratedEnvironment,
        repository="Azure/azureml-assets",
        key="name",
        say=say_environments,
        cite=lambda clone, said: f"Azure/azureml-assets@{clone.short(said['revision'])} {said['folder']}",
    ),
    "base_images": Source(
        row=BaseImage,
        repository="Azure/AzureML-Containers",
        key="image",
        say=say_images,
        cite=lambda clone, _: f"Azure/AzureML-Containers@{clone.short('HEAD')}",
    ),
    "vm_sizes": Source(
        row=VmSize,
        repository="MicrosoftDocs/azure-compute-docs",
        key="size",
        say=say_vm_sizes,
        cite=lambda clone, said: (
            f"MicrosoftDocs/azure-compute-docs {_SIZES}{said['page']}@{clone.short('HEAD')}"
        ),
    ),
    "image_requirements": Source(
        row=ImageRequirement,
        repository="nvidia/container-images/cuda",
        key="cuda",
        say=say_image_requirements,
        cite=lambda clone, _: f"nvidia/container-images/cuda dist/*/*/base/Dockerfile@{clone.short('HEAD')}",
    ),
    "flash_attn_releases": Source(
        row=facts.FlashAttnRelease,
        repository="Dao-AILab/flash-attention",
        key="version",
        say=say_flash_attn,
        cite=lambda _, said: f"Dao-AILab/flash-attention .github/workflows/publish.yml@{said['workflow']}",
    ),
}
#: Keys that say where something was read, and are no part of a row.
NOT_IN_ROWS = frozenset({"folder", "page", "revision", "workflow"})
