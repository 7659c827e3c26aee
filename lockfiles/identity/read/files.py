"""Files of definitions, and what is raised for their faults."""

from __future__ import annotations

from pathlib import Path

from lockfiles.files import read_text as read_utf8
from lockfiles.identity.credentials import redact
from lockfiles.identity.definition import DefinitionBuild
from resolver.errors import InputError, InputErrors
from resolver.inputs.azureml.values import BuildContext, ReadBeside
from resolver.inputs.faults import Faults
from resolver.inputs.file_kinds import conflict_error
from resolver.inputs.requirements_txt import beside
from resolver.inputs.yaml_document import YamlDocument, parse_document
from resolver.model.origin import Origin


def read_text(path: Path, file: str) -> str:
    """Return a file's text with CRLF and BOM taken away; errors call it ``file``."""
    try:
        text = read_utf8(path)
    except InputError as error:
        origin = error.origin or Origin(file=file)
        shown = Origin(file=file, line=origin.line, column=origin.column)
        raise InputError(error.message, shown, error.hint, is_missing=error.is_missing) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_document(text: str, file: str, faults: Faults) -> YamlDocument:
    """Return the document of a definition's text; raises its faults where nothing can be read of it."""
    conflict = conflict_error(text, file)
    if conflict is not None:
        raise conflict
    document = parse_document(text, file, faults, expressions=True)
    if document is None:
        raise_all(faults)
        raise InputError("can't be read", Origin(file=file))  # the parser told why
    return document


def beside_reader(file: str, base: Path) -> ReadBeside:
    """Return what reads the files that ``file`` names; they lie in ``base``."""

    def read(name: str) -> tuple[str, str]:
        path = Path(name)
        path = path if path.is_absolute() else (base / path).resolve()
        if not path.exists():
            raise FileNotFoundError(2, "no such file", name)
        shown = beside(file, name)
        return shown, read_text(path, shown)

    return read


def local_build(context: BuildContext, base: Path) -> DefinitionBuild:
    """Return a build context with its folder, which is relative to ``base``; of a remote one the address."""
    if not context.is_local:
        path = redact(context.path)
        return DefinitionBuild(path=path, url=path, dockerfile_path=context.dockerfile_path)
    folder = (base / context.path).resolve()
    return DefinitionBuild(path=context.path, directory=folder, dockerfile_path=context.dockerfile_path)


def raise_all(faults: Faults) -> None:
    """Raise the faults, one alone as itself, in the order of their places."""
    errors = faults.in_order()
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise InputErrors(errors)
