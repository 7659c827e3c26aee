"""Hash: image identifiers of environment definitions, and whether an image will be reused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.hashing_packages import find_resolutions, image_platform, resolve_definitions
from lockfiles.listener import Listener
from lockfiles.rules import silenced_rules
from lockfiles.session import SessionRequest
from resolver.errors import InputError, InputErrors

if TYPE_CHECKING:
    from lockfiles.identity.definition import EnvironmentDefinition
    from lockfiles.identity.identify import Identities, IdentityOptions
    from lockfiles.identity.prediction import Prediction
    from lockfiles.identity.read.reading import ReadOptions
    from lockfiles.identity.registry import RegistryAnswer
    from lockfiles.identity.sharing import Sharing
    from resolver.model.resolution import Resolution
    from resolver.model.rules import RuleReport


class HashRequest(SessionRequest, frozen=True, kw_only=True):
    """Definitions to hash, how to read them, and what to compare them with.

    ``files``: conda files, Azure ML YAML, jobs, v1 folders, requirements files, build
    contexts, lockfiles. ``image`` is the base of those that name none. ``kind`` reads
    all as one kind (see ``lock hash --help``).
    """

    image: str | None = None
    kind: str | None = None
    dockerfile_path: str | None = None  #: of a build context, relative to it
    v1: bool = False  #: read a conda file as v1's ``from_conda_specification`` does
    v1_sdk_version: str | None = None  #: azureml-core whose defaults count
    sdk_version: str | None = None  #: azure-ai-ml that submits; None: the newest one known
    from_python: bool = False  #: built by calls of the SDK
    inference: bool = False  #: meant to serve a model
    lint: bool = True  #: look for what is wrong with the definitions
    #: image build logs, or image details as JSON, that tell the workspace's Dockerfile
    calibrate: tuple[str, ...] = ()
    image_name: str | None = None  #: ``azureml/azureml_...`` of the logs, where it isn't in there
    workspace: str | None = None  #: None: the only calibrated one
    base_digest: str | None = None
    lock: str | None = None  #: what the one definition was locked to
    against: str | None = None  #: an earlier definition: is its image reused?
    against_lock: str | None = None
    resolve: bool = False  #: solve the definitions
    registry: str | None = None  #: a list of repository names, or of paths of definitions


class Hashed(msgspec.Struct, frozen=True, kw_only=True):
    """One definition and what was found out about it."""

    definition: EnvironmentDefinition
    identities: Identities
    linted: RuleReport
    resolution: Resolution | None = None  #: what it was locked or solved to


class Calibrated(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace whose Dockerfile is known: where it is stored, and the image name that proved it."""

    workspace: str
    path: Path
    image: str


class HashReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one run found out; None for what was not asked."""

    entries: tuple[Hashed, ...] = ()
    calibrated: Calibrated | None = None
    predictions: tuple[Prediction, ...] | None = None
    registry: tuple[RegistryAnswer, ...] | None = None
    sharing: Sharing | None = None

    @property
    def builds_something(self) -> bool:
        """Tell whether a definition is known to need a new image."""
        verdicts = [prediction.reused for prediction in self.predictions or ()]
        verdicts += [answer.reused for answer in self.registry or ()]
        return False in verdicts


def hash(request: HashRequest, listener: Listener | None = None) -> HashReport:  # noqa: A001  as the verb
    """Compute every identifier of the definitions, and answer what was asked about them.

    With ``calibrate`` the workspace's template is stored first. Raises InputError,
    InputErrors with the faults of all files, and what solving raises.
    """
    listener = listener or Listener()
    if not request.files and not request.calibrate:
        raise InputError("nothing to hash", hint="Give a definition: `lock hash environment.yml`.")
    calibrated = _calibrate(request) if request.calibrate else None
    if not request.files:
        return HashReport(calibrated=calibrated)
    silenced = silenced_rules(request)
    reading, options = _read_options(request), _identity_options(request)
    definitions = _read_all(request.files, reading)
    resolutions = find_resolutions(definitions, request, listener, lock=request.lock, resolve=request.resolve)
    entries = tuple(_hash(one, request, options, resolutions, silenced) for one in definitions)
    sharing = None
    if len(definitions) > 1:
        from lockfiles.identity.sharing import find_sharing

        sharing = find_sharing(definitions, resolutions)
    return HashReport(
        entries=entries,
        calibrated=calibrated,
        predictions=_predict(entries, request, reading, listener) if request.against else None,
        registry=_match(entries, request.registry, reading) if request.registry else None,
        sharing=sharing,
    )


def _hash(
    definition: EnvironmentDefinition,
    request: HashRequest,
    options: IdentityOptions,
    resolutions: Mapping[str, Resolution],
    silenced: Mapping[str, str],
) -> Hashed:
    from lockfiles.identity.identify import identify
    from lockfiles.identity.lint.registry import lint_report
    from resolver.model.rules import RuleReport

    resolution = resolutions.get(definition.label)
    return Hashed(
        definition=definition,
        identities=identify(definition, replace(options, resolution=resolution)),
        linted=lint_report(definition, inference=request.inference, silence=silenced)
        if request.lint
        else RuleReport(findings=()),
        resolution=resolution,
    )


def _calibrate(request: HashRequest) -> Calibrated:
    """Store the workspace's template; raises InputError where there is no folder to keep it in."""
    from lockfiles.files import read_text
    from lockfiles.identity.calibration import calibrate
    from lockfiles.identity.docker.templates import write_template

    workspace = request.workspace or "default"
    folder = request.surroundings.config_folder()
    if folder is None:
        raise InputError("no folder to keep a workspace's template in")
    files = [(name, read_text(name)) for name in request.calibrate]
    template = calibrate(files, workspace, request.image_name)
    path = write_template(folder, template)
    return Calibrated(workspace=workspace, path=path, image=template.proofs[0].image)


def _read_all(files: Sequence[str], reading: ReadOptions) -> list[EnvironmentDefinition]:
    """Read every file; the faults of all of them are raised together."""
    from lockfiles.identity.read.reading import read_definitions

    definitions: list[EnvironmentDefinition] = []
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


def _read_options(request: HashRequest) -> ReadOptions:
    from lockfiles.identity.definition import DefinitionKind
    from lockfiles.identity.read import v1_sdk
    from lockfiles.identity.read.reading import ReadOptions

    return ReadOptions(
        kind=DefinitionKind(request.kind) if request.kind else None,
        image=request.image,
        v1=request.v1 or request.v1_sdk_version is not None,
        v1_sdk_version=request.v1_sdk_version or v1_sdk.CURRENT,
        platform=image_platform(request),
        python=request.python,
        groups=request.asked_groups,
        dockerfile_path=request.dockerfile_path,
    )


def _identity_options(request: HashRequest) -> IdentityOptions:
    from lockfiles.identity.docker.templates import list_workspaces, read_template
    from lockfiles.identity.identify import IdentityOptions
    from lockfiles.identity.sdk_versions import CURRENT, formula_for
    from lockfiles.identity.service import check_digest

    folder = request.surroundings.config_folder()
    workspace = request.workspace
    if workspace is None and folder is not None:
        known = list_workspaces(folder)
        workspace = known[0] if len(known) == 1 else None
    return IdentityOptions(
        formula=formula_for(request.sdk_version or CURRENT),
        from_python=request.from_python,
        template=read_template(folder, workspace) if workspace and folder is not None else None,
        base_digest=check_digest(request.base_digest) if request.base_digest else None,
    )


def _predict(
    entries: Sequence[Hashed], request: HashRequest, reading: ReadOptions, listener: Listener
) -> tuple[Prediction, ...]:
    from lockfiles.identity.prediction import predict
    from lockfiles.identity.read.lockfile import read_resolution
    from lockfiles.identity.sdk_versions import CURRENT, formula_for

    against = request.against or ""
    earlier = _read_all([against], reading)
    if len(earlier) != 1:
        raise InputError(f"`{against}` holds {len(earlier)} environments, one is needed")
    lock = request.against_lock or earlier[0].lockfile
    frozen = read_resolution(Path(lock), str(lock), image_platform(request))[0] if lock else None
    old = frozen
    if old is None and request.resolve:
        old = resolve_definitions(earlier, request, listener).get(earlier[0].label)
    return tuple(
        predict(
            entry.definition,
            earlier[0],
            new_resolution=entry.resolution,
            old_resolution=old,
            frozen=frozen,
            formula=formula_for(request.sdk_version or CURRENT),
        )
        for entry in entries
    )


def _match(entries: Sequence[Hashed], file: str, reading: ReadOptions) -> tuple[RegistryAnswer, ...]:
    from lockfiles.files import read_text
    from lockfiles.identity.registry import match_all, read_registry

    registry = read_registry(read_text(file), file, Path(file).parent, reading)
    pairs = [(entry.definition, entry.identities) for entry in entries]
    return tuple(match_all(pairs, registry))
