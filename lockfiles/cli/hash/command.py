"""``lock hash``: image identifiers of environment definitions, and whether an image will be reused."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.hash.report import Report
    from lockfiles.cli.terminal import Terminal
    from lockfiles.identity.definition import Definition
    from lockfiles.identity.identify import IdentityOptions
    from lockfiles.identity.read.reading import ReadOptions
    from resolver.model.resolution import Resolution

DESCRIPTION = """\
Compute the names that Azure ML gives to environments and images, before anything is submitted,
and say whether an image will be reused or built."""

EXAMPLES = """\
examples:
  lock hash environment.yml                        every identifier of a definition
  lock hash conda.yml --image REGISTRY/BASE:TAG    a conda file on a base image
  lock hash new.yml --against old.yml              reused or rebuilt, and why
  lock hash envs/*.yml                             how many images, and who shares one
  lock hash --calibrate 20_image_build_log.txt --workspace my-workspace
  lock hash environment.yml --workspace my-workspace --registry repositories.json
"""

#: Exit code with ``--exit-code`` where an image would be built: a check found something.
EXIT_REBUILD = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from lockfiles.cli.arguments import add_output_arguments, add_source_arguments

    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="conda file, Azure ML YAML, job, v1 folder, requirements.txt, build context or lockfile",
    )
    _add_reading_arguments(parser.add_argument_group("reading"))
    _add_calibration_arguments(parser.add_argument_group("workspace"))
    predict = parser.add_argument_group("prediction")
    predict.add_argument("--against", metavar="OLD", help="an earlier definition: is its image reused?")
    predict.add_argument(
        "--resolve", action="store_true", help="solve the definitions: which packages change, what is stale"
    )
    predict.add_argument("--against-lock", metavar="FILE", help="what OLD was locked to")
    predict.add_argument(
        "--registry",
        metavar="LIST",
        help="repository names as a registry lists them, or paths of definitions",
    )
    predict.add_argument("--exit-code", action="store_true", help="exit with 5 where an image would be built")
    lint = parser.add_argument_group("findings")
    lint.add_argument("--no-lint", action="store_true", help="leave the findings out")
    lint.add_argument("--inference", action="store_true", help="the environment is meant to serve a model")
    add_source_arguments(parser, "hash")
    add_output_arguments(parser, json_help="print JSON (docs/hash.md has its schema)", verb="hash")


def _add_reading_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--image", metavar="REF", help="base image of files that name none")
    group.add_argument(
        "--kind",
        choices=("conda-file", "azureml-v2", "azureml-job", "azureml-v1", "requirements", "lockfile"),
        help="read the files as this kind",
    )
    group.add_argument(
        "--dockerfile-path", metavar="PATH", help="Dockerfile of a build context, relative to it"
    )
    group.add_argument(
        "--lock", metavar="FILE", help="what the definition was locked to: its content is then exact"
    )
    group.add_argument(
        "--sdk-version", metavar="VERSION", help="azure-ai-ml that submits (the newest one known)"
    )
    group.add_argument(
        "--from-python",
        action="store_true",
        help="built by calls of the SDK: inference_config is a plain mapping",
    )
    group.add_argument(
        "--v1", action="store_true", help="read a conda file as v1's from_conda_specification does"
    )
    group.add_argument("--v1-sdk-version", metavar="VERSION", help="azureml-core whose defaults count")


def _add_calibration_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--calibrate",
        action="append",
        metavar="LOG",
        help="an image build log, or image details as JSON, of the workspace; may be repeated",
    )
    group.add_argument(
        "--image-name", metavar="NAME", help="azureml/azureml_... of the LOG, where it isn't in there"
    )
    group.add_argument("--workspace", metavar="NAME", help="calibrated workspace (the only one there is)")
    group.add_argument("--base-digest", metavar="sha256:...", help="digest of the base image")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run the verb; return its exit code."""
    from lockfiles.cli.hash.report import Report, print_report
    from resolver.errors import InputError

    report = Report()
    if arguments.calibrate:
        report.calibrated = _calibrate(arguments)
    elif not arguments.files:
        raise InputError("nothing to hash", hint="Give a definition: `lock hash environment.yml`.")
    if arguments.files:
        _fill(report, arguments, terminal)
    print_report(report, terminal)
    return EXIT_REBUILD if arguments.exit_code and report.builds_something else 0


def config_folder() -> Path:
    """Return the user's configuration folder of this program."""
    from platformdirs import user_config_path

    return user_config_path("lockstack", appauthor=False)


def _calibrate(arguments: argparse.Namespace) -> tuple[str, Path, str]:
    """Store the workspace's template; return the workspace, the file and the image name that proved it."""
    from lockfiles.files import read_text
    from lockfiles.identity.calibration import calibrate
    from lockfiles.identity.docker.templates import write_template

    workspace = arguments.workspace or "default"
    files = [(name, read_text(name)) for name in arguments.calibrate]
    template = calibrate(files, workspace, arguments.image_name)
    return workspace, write_template(config_folder(), template), template.proofs[0].image


def _fill(report: Report, arguments: argparse.Namespace, terminal: Terminal) -> None:
    """Read the definitions and answer what was asked about them."""
    from lockfiles.cli.hash.report import Entry
    from lockfiles.identity.identify import identify
    from lockfiles.identity.lint.definition import lint
    from lockfiles.identity.sharing import find_sharing

    reading, options = _read_options(arguments), _identity_options(arguments)
    definitions = _read_all(arguments.files, reading)
    resolutions = _resolutions(definitions, arguments, terminal)
    for definition in definitions:
        resolution = resolutions.get(definition.label)
        identities = identify(definition, _with_resolution(options, resolution))
        findings = () if arguments.no_lint else lint(definition, inference=arguments.inference)
        report.entries.append(
            Entry(definition=definition, identities=identities, findings=findings, resolution=resolution)
        )
    if len(definitions) > 1:
        report.sharing = find_sharing(definitions, resolutions)
    if arguments.against:
        _predict(report, arguments, terminal, reading)
    if arguments.registry:
        _match(report, arguments, reading)


def _read_all(files: list[str], reading: ReadOptions) -> list[Definition]:
    """Read every file; the faults of all of them are raised together."""
    from lockfiles.identity.read.reading import read_definitions
    from resolver.errors import InputError, InputErrors

    definitions: list[Definition] = []
    errors: list[InputError] = []
    for name in files:
        try:
            definitions += read_definitions(Path(name), name, reading)
        except InputErrors as found:
            errors += found.errors
        except InputError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else InputErrors(errors)
    return definitions


def _read_options(arguments: argparse.Namespace) -> ReadOptions:
    from lockfiles.cli.hash.resolve import target_platform
    from lockfiles.identity.definition import DefinitionKind
    from lockfiles.identity.read import v1_sdk
    from lockfiles.identity.read.reading import ReadOptions

    return ReadOptions(
        kind=DefinitionKind(arguments.kind) if arguments.kind else None,
        image=arguments.image,
        v1=arguments.v1 or arguments.v1_sdk_version is not None,
        v1_sdk_version=arguments.v1_sdk_version or v1_sdk.CURRENT,
        platform=target_platform(arguments),
        dockerfile_path=arguments.dockerfile_path,
    )


def _identity_options(arguments: argparse.Namespace) -> IdentityOptions:
    from lockfiles.identity.docker.templates import list_workspaces, read_template
    from lockfiles.identity.identify import IdentityOptions
    from lockfiles.identity.sdk_versions import CURRENT, formula_for
    from lockfiles.identity.service import check_digest

    folder = config_folder()
    workspace = arguments.workspace
    if workspace is None:
        known = list_workspaces(folder)
        workspace = known[0] if len(known) == 1 else None
    return IdentityOptions(
        formula=formula_for(arguments.sdk_version or CURRENT),
        from_python=arguments.from_python,
        template=read_template(folder, workspace) if workspace else None,
        base_digest=check_digest(arguments.base_digest) if arguments.base_digest else None,
    )


def _with_resolution(options: IdentityOptions, resolution: Resolution | None) -> IdentityOptions:
    from resolver.values import replace

    return replace(options, resolution=resolution)


def _resolutions(
    definitions: list[Definition], arguments: argparse.Namespace, terminal: Terminal
) -> dict[str, Resolution]:
    """Return label -> resolution: of lockfiles, of what ``--lock`` belongs to, of those solved now."""
    from lockfiles.cli.hash.resolve import resolve_definitions, target_platform
    from lockfiles.identity.read.lockfile import read_resolution
    from resolver.errors import InputError

    found: dict[str, Resolution] = {}
    if arguments.resolve and not arguments.lock:
        found |= resolve_definitions(definitions, arguments, terminal)
    found |= {
        definition.label: read_resolution(definition.lockfile, definition.label, target_platform(arguments))[
            0
        ]
        for definition in definitions
        if definition.lockfile is not None
    }
    if arguments.lock:
        if len(definitions) != 1:
            raise InputError("`--lock` belongs to one definition", hint="Give one definition at a time.")
        lock = Path(arguments.lock)
        found[definitions[0].label] = read_resolution(lock, arguments.lock, target_platform(arguments))[0]
    return found


def _predict(report: Report, arguments: argparse.Namespace, terminal: Terminal, reading: ReadOptions) -> None:
    from lockfiles.cli.hash.resolve import resolve_definitions, target_platform
    from lockfiles.identity.prediction import predict
    from lockfiles.identity.read.lockfile import read_resolution
    from lockfiles.identity.sdk_versions import CURRENT, formula_for
    from resolver.errors import InputError

    earlier = _read_all([arguments.against], reading)
    if len(earlier) != 1:
        raise InputError(f"`{arguments.against}` holds {len(earlier)} environments, one is needed")
    lock = arguments.against_lock or earlier[0].lockfile
    frozen = read_resolution(Path(lock), str(lock), target_platform(arguments))[0] if lock else None
    old = frozen
    if old is None and arguments.resolve:
        old = resolve_definitions(earlier, arguments, terminal).get(earlier[0].label)
    report.predictions = [
        predict(
            entry.definition,
            earlier[0],
            new_resolution=entry.resolution,
            old_resolution=old,
            frozen=frozen,
            formula=formula_for(arguments.sdk_version or CURRENT),
        )
        for entry in report.entries
    ]


def _match(report: Report, arguments: argparse.Namespace, reading: ReadOptions) -> None:
    from lockfiles.files import read_text
    from lockfiles.identity.registry import match_all, read_registry

    path = Path(arguments.registry)
    registry = read_registry(read_text(arguments.registry), arguments.registry, path.parent, reading)
    pairs = [(entry.definition, entry.identities) for entry in report.entries]
    report.registry = list(match_all(pairs, registry))
