"""What a conda definition asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockfiles.identity.definition import DefinitionKind
from lockfiles.identity.items import DependencyEntry, iter_entries, iter_items
from lockfiles.identity.lint.registry import LintSubject, Seen, rule
from lockfiles.identity.lint.sources import CONCEPT, SDK, SDK_V1
from lockfiles.identity.normal import NormalItem
from resolver.model.findings import Fact, Severity

#: Packages that bring the inference server.
_INFERENCE = frozenset(
    {"azureml-defaults", "azureml-inference-server-http", "mlflow", "azureml-contrib-services"}
)
#: Options that name a file or a folder.
_OF_FILE = re.compile(r"^(?:-[erc]|--(?:editable|requirement|constraint))(?:[ \t=]+|(?<=^-[erc])(?=[^-]))")
_LOCAL = re.compile(r"^(?:file:|\.{0,2}/|~|[A-Za-z]:[\\/])|(?:^|\s)@\s*file:|\s@\s+\.{0,2}/")


_WITHOUT_PATH = "Put the package on an index, or use a build context that holds the wheel."
_WITHOUT_FILE = "Write its lines here, or use a build context that holds the file."


@rule(
    "azureml/conda-ignored",
    Severity.ERROR,
    "a build context and conda dependencies: the conda dependencies are ignored",
    fact=Fact(
        text="An environment with a build context hashes and uses the context; its conda file is not "
        "looked at.",
        source=SDK,
    ),
)
def conda_ignored(subject: LintSubject) -> Iterator[Seen]:
    """Find conda dependencies beside a build context: nothing of them is installed."""
    definition = subject.definition
    if definition.conda is not None and definition.build is not None:
        yield Seen(
            message="a build context and conda dependencies: the conda dependencies are ignored",
            origin=definition.origin("conda_file"),
            fix="Create the conda environment in the Dockerfile, or replace `build` by `image`.",
        )


@rule(
    "azureml/number-item",
    Severity.ERROR,
    "a dependency is a number, not a package",
    fact=Fact(
        text="YAML reads an unquoted 3.10 as the number 3.1, and the number is what is hashed and installed.",
        source=SDK,
    ),
)
def number_item(subject: LintSubject) -> Iterator[Seen]:
    """Find numbers among the dependencies: what was meant as a version stands alone."""
    for entry in _entries(subject):
        if isinstance(entry.value, (int, float)) and not isinstance(entry.value, bool):
            yield Seen(
                message=f"the dependency is the number {entry.value}, not a package",
                origin=subject.definition.conda_origin(*entry.path),
                fix="Write a package name, in quotes where needed.",
            )


@rule(
    "azureml/unpinned-package",
    Severity.WARNING,
    "a package is not pinned",
    fact=Fact(
        text="An environment with an unpinned package keeps the version that was available when its "
        "image was built, and every later definition that matches gets that old image.",
        source=CONCEPT,
    ),
)
def unpinned_package(subject: LintSubject) -> Iterator[Seen]:
    """Find requirements that several releases meet: an image is older than it looks."""
    return _pins(subject, partly=False)


@rule(
    "azureml/partly-pinned",
    Severity.NOTE,
    "a package is only partly pinned",
    fact=Fact(
        text="A series such as `python=3.10` is met by many releases; the image keeps the one of its "
        "first build.",
        source=CONCEPT,
    ),
)
def partly_pinned(subject: LintSubject) -> Iterator[Seen]:
    """Find requirements that pin a series and no release."""
    return _pins(subject, partly=True)


def _pins(subject: LintSubject, *, partly: bool) -> Iterator[Seen]:
    for entry, item in _items(subject):
        text = entry.text.strip()
        if item.pinned or item.is_option or not text or _is_local(text) or _is_series(entry, item) != partly:
            continue
        exact = f"{item.name}==VERSION" if entry.pip else f"{item.name}=VERSION"
        yield Seen(
            message=f"`{text}` is {'only partly ' if partly else 'not '}pinned",
            origin=subject.definition.conda_origin(*entry.path),
            fix=f"Pin it: `{exact}`, or write the definition from a lockfile: `lock export --azureml DIR`.",
        )


def _is_series(entry: DependencyEntry, item: NormalItem) -> bool:
    version = item.text.partition(" ")[2] or ""
    return item.versioned and not entry.pip and re.fullmatch(r"=[^,|<>!~=]+", version) is not None


@rule(
    "azureml/local-path",
    Severity.ERROR,
    "a dependency is a path that only this machine has",
    fact=Fact(
        text="The service builds the image from the definition alone: a path of this machine doesn't "
        "exist there.",
        source="Azure ML documentation on private packages",
    ),
)
def local_path(subject: LintSubject) -> Iterator[Seen]:
    """Find wheels and folders of this machine among the dependencies: the build fails."""
    for entry in _entries(subject):
        text = entry.text.strip()
        if _is_local(text):
            yield Seen(
                message=f"`{text}` is a path that only this machine has",
                origin=subject.definition.conda_origin(*entry.path),
                fix=_WITHOUT_FILE if text.lstrip("-")[:1] in {"r", "c"} and text[0] == "-" else _WITHOUT_PATH,
            )


def _is_local(text: str) -> bool:
    named = _OF_FILE.sub("", text)
    bare = re.sub(r"^(?:-f|--find-links)[ =]\s*", "", named)
    if _LOCAL.search(bare) or bare in {".", ".."}:
        return True
    return (bare != text or text.endswith(".whl")) and "://" not in text


@rule(
    "azureml/conda-without-pip",
    Severity.NOTE,
    "a pip section without `pip` among the dependencies",
    fact=Fact(
        text="With a pip section and no `pip` among the dependencies conda adds an unpinned pip, with "
        "a warning.",
        source="conda, the warning of `conda env create`",
    ),
)
def conda_without_pip(subject: LintSubject) -> Iterator[Seen]:
    """Find pip sections whose pip nobody asked for: its version is whatever is newest."""
    if subject.definition.kind is DefinitionKind.LOCKFILE:
        return
    asked = [(entry.pip, item.name) for entry, item in _items(subject)]
    if any(pip for pip, _ in asked) and (False, "pip") not in asked:
        yield Seen(
            message="a pip section without `pip` among the dependencies",
            origin=subject.definition.conda_origin("dependencies"),
            fix="Add `pip` with a version to the dependencies, above the pip section.",
        )


@rule(
    "azureml/inference-defaults",
    Severity.WARNING,
    "no package brings the inference server",
    fact=Fact(
        text="azureml-defaults holds what serving a model needs; the v1 SDK warns where a deployment "
        "lacks it.",
        source=SDK_V1,
    ),
)
def inference_defaults(subject: LintSubject) -> Iterator[Seen]:
    """Find environments that are meant to serve a model and lack the server."""
    definition = subject.definition
    if not subject.inference or definition.conda is None or definition.build is not None:
        return
    if not _INFERENCE & {item.name for _, item in _items(subject)}:
        yield Seen(
            message="no package that brings the inference server",
            origin=definition.conda_origin("dependencies"),
            fix="Add `azureml-inference-server-http` (or `azureml-defaults`) to the pip section.",
        )


def _entries(subject: LintSubject) -> Iterator[DependencyEntry]:
    """Yield what is installed from the conda definition: nothing beside a build context."""
    definition = subject.definition
    if definition.conda is not None and definition.build is None:
        yield from iter_entries(definition.conda)


def _items(subject: LintSubject) -> Iterator[tuple[DependencyEntry, NormalItem]]:
    definition = subject.definition
    if definition.conda is not None and definition.build is None:
        yield from iter_items(definition.conda)
