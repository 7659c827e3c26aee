"""``lock hash --resolve``: what a build of a definition would install today."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.identity.definition import Definition
    from resolver.model.resolution import Resolution


def resolve_definitions(
    definitions: list[Definition], arguments: argparse.Namespace, terminal: Terminal
) -> dict[str, Resolution]:
    """Return label -> resolution of every definition whose packages its file lists.

    A build context, a remote or registered environment, and an environment inside
    a job have none; they are told of and left out. Raises what resolving raises.
    """
    found: dict[str, Resolution] = {}
    for definition in definitions:
        if _can_resolve(definition):
            found[definition.label] = _resolve(definition, arguments, terminal)
        elif definition.lockfile is None:
            terminal.warning(f"`{definition.label}` can't be resolved: its file lists no packages of its own")
    return found


def _can_resolve(definition: Definition) -> bool:
    from lockfiles.identity.definition import DefinitionKind

    kinds = {
        DefinitionKind.CONDA_FILE,
        DefinitionKind.AZUREML_V2,
        DefinitionKind.AZUREML_V1,
        DefinitionKind.REQUIREMENTS,
    }
    return definition.kind in kinds and bool(definition.conda) and definition.build is None


def _resolve(definition: Definition, arguments: argparse.Namespace, terminal: Terminal) -> Resolution:
    from lockfiles.cli.arguments import session_request
    from lockfiles.cli.progress import open_progress
    from lockfiles.session import open_session
    from lockfiles.solving import resolve_options
    from resolver.pipeline import resolve

    session = open_session(session_request(_source_arguments(arguments, definition.source.file)))
    options = resolve_options(session, preferred={})
    with open_progress(terminal, session.settings.progress.value) as progress:
        return resolve(session.requirements, options, progress)[0]


def _source_arguments(arguments: argparse.Namespace, file: str) -> argparse.Namespace:
    """Return what the settings of a run are read from: the arguments for one file and one platform."""
    return argparse.Namespace(
        **{**vars(arguments), "files": [file], "platforms": (target_platform(arguments),)}
    )


def target_platform(arguments: argparse.Namespace) -> str:
    """Return the one platform that an image is for: the first asked for, else ``linux-64``."""
    from lockfiles.session import DEFAULT_PLATFORM

    return arguments.platforms[0] if arguments.platforms else DEFAULT_PLATFORM
