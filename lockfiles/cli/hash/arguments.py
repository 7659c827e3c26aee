"""What ``lock hash`` takes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lockfiles.cli.arguments import add_output_arguments, add_setting, add_source_arguments, session_fields

if TYPE_CHECKING:
    from lockfiles.cli.hash.command import HashCommand

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="conda file, Azure ML YAML, job, v1 folder, requirements.txt, build context, lockfile or script",
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
    add_setting(lint, "silenced")
    lint.add_argument("--sarif", metavar="FILE", help="write SARIF 2.1.0 to FILE (- is standard output)")
    lint.add_argument("--inference", action="store_true", help="the environment is meant to serve a model")
    add_source_arguments(parser, "hash")
    add_output_arguments(parser, json_help="print JSON (docs/hash.md has its schema)", verb="hash")


def _add_reading_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--image", metavar="REF", help="base image of files that name none")
    group.add_argument(
        "--kind",
        choices=(
            "conda-file",
            "azureml-v2",
            "azureml-job",
            "azureml-v1",
            "requirements",
            "lockfile",
            "python",
        ),
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


#: Arguments that the request has under the same name.
_SAME = (
    "image", "kind", "dockerfile_path", "v1", "v1_sdk_version", "sdk_version", "from_python", "inference",
    "image_name", "workspace", "base_digest", "lock", "against", "against_lock", "resolve", "registry",
)  # fmt: skip


def read_arguments(arguments: argparse.Namespace) -> HashCommand:
    """Return what was asked for as one value."""
    from lockfiles.cli.hash.command import HashCommand
    from lockfiles.hashing import HashRequest

    return HashCommand(
        request=HashRequest(
            **session_fields(arguments),
            **{name: getattr(arguments, name) for name in _SAME},
            calibrate=tuple(arguments.calibrate or ()),
            lint=not arguments.no_lint,
        ),
        exit_code=arguments.exit_code,
        sarif=arguments.sarif,
    )
