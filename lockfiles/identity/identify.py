"""All identifiers of a definition, each with what it is and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lockfiles.identity.anonymous import anonymous_version
from lockfiles.identity.content import asked_content, digest_of, locked_content
from lockfiles.identity.definition import ANONYMOUS_NAME, DefinitionKind, EnvironmentDefinition
from lockfiles.identity.docker.context import ambiguous_names, v1_context_hash
from lockfiles.identity.docker.templates import Template
from lockfiles.identity.sdk_versions import SdkFormula, formula_for
from lockfiles.identity.secret_scan import credential_places
from lockfiles.identity.service import conda_environment_name, image_repository
from resolver.model.choices import StrEnum
from resolver.model.images import split_reference
from resolver.model.resolution import Resolution


class IdentityKind(StrEnum):
    """What an identifier names."""

    ANONYMOUS_VERSION = "v2-anonymous-version"
    CONDA_ENVIRONMENT = "conda-environment"
    IMAGE_REPOSITORY = "image-repository"
    V1_BUILD_CONTEXT = "v1-build-context"
    CONTENT = "content"


class Certainty(StrEnum):
    """How sure it is: ``exact`` was read in code and run, ``best-known`` fits every public case."""

    EXACT = "exact"
    BEST_KNOWN = "best-known"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One identifier; ``of`` names what went in, for people and programs."""

    kind: IdentityKind
    algorithm: str
    value: str
    certainty: Certainty
    of: Mapping[str, str]

    def to_json(self) -> dict[str, object]:
        """Return the identifier as JSON values (5 keys)."""
        return {
            "kind": self.kind.value,
            "algorithm": self.algorithm,
            "value": self.value,
            "certainty": self.certainty.value,
            "of": dict(self.of),
        }


class NotComputed(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier that this definition doesn't have, or that must not be computed, and why."""

    kind: IdentityKind
    reason: str

    def to_json(self) -> dict[str, str]:
        """Return kind and reason as JSON values."""
        return {"kind": self.kind.value, "reason": self.reason}


class IdentityOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What identifiers depend on besides the definition."""

    formula: SdkFormula = msgspec.field(default_factory=formula_for)
    from_python: bool = False  #: the definition was built by calls of the SDK, not read from YAML
    template: Template | None = None  #: of the calibrated workspace
    base_digest: str | None = None  #: ``sha256:...`` of the base image, where the user knows it
    resolution: Resolution | None = None  #: what the definition was locked to


class Identities(msgspec.Struct, frozen=True, kw_only=True):
    """The identifiers of one definition in the order of IdentityKind, and those it lacks."""

    found: tuple[Identity, ...]
    lacking: tuple[NotComputed, ...]

    def of_kind(self, kind: IdentityKind) -> tuple[Identity, ...]:
        """Return the identifiers of one kind (2 at most: an image repository in both forms of its base)."""
        return tuple(identity for identity in self.found if identity.kind is kind)


def identify(definition: EnvironmentDefinition, options: IdentityOptions | None = None) -> Identities:
    """Return every identifier of a definition.

    Nothing that holds a credential is hashed: such an identifier is among those
    lacking, with the places to clean. Raises InputError for a build context that can't be read.
    """
    options = options or IdentityOptions()
    if definition.reference is not None:
        reason = "a registered environment is referred to: its definition is not in this file"
        return Identities(
            found=(), lacking=tuple(NotComputed(kind=kind, reason=reason) for kind in IdentityKind)
        )
    makers = (_anonymous, _conda_environment, _image_repository, _v1_context, _content)
    results = [result for maker in makers for result in maker(definition, options)]
    return Identities(
        found=tuple(result for result in results if isinstance(result, Identity)),
        lacking=tuple(result for result in results if isinstance(result, NotComputed)),
    )


def registered_asset(
    definition: EnvironmentDefinition, found: Identities
) -> tuple[str | None, str | None, bool]:
    """Return (name, version, anonymous) of what the v2 SDK registers; None: the service fills it in."""
    if definition.name and not definition.anonymous:
        return definition.name, definition.version, False
    versions = found.of_kind(IdentityKind.ANONYMOUS_VERSION)
    if versions:
        return ANONYMOUS_NAME, versions[0].value, True
    if definition.build is not None and definition.build.url is not None:
        return None, "1", True  # a random name at each call
    return None, None, True


def _secret_reason(definition: EnvironmentDefinition) -> str | None:
    places = credential_places(definition)
    if not places:
        return None
    return f"holds a credential ({', '.join(places)}): it is not hashed; take it out first"


def _anonymous(definition: EnvironmentDefinition, options: IdentityOptions) -> list[Identity | NotComputed]:
    kind = IdentityKind.ANONYMOUS_VERSION
    if reason := _secret_reason(definition):
        return [NotComputed(kind=kind, reason=reason)]
    formula = options.formula
    from_python = options.from_python or definition.kind is DefinitionKind.PYTHON
    value = anonymous_version(definition, formula, from_python=from_python)
    if value is None:
        if definition.build is not None:
            reason = "the SDK gives a remote build context a random name at each call"
        elif definition.base_dockerfile is not None:
            reason = "a v1 definition with a base Dockerfile has no v2 form"
        else:
            reason = "no base image is named; give `--image`"
        return [NotComputed(kind=kind, reason=reason)]
    of = {"sdk": f"azure-ai-ml {formula.version}"}
    certainty = Certainty.EXACT
    if definition.build is not None and definition.build.directory is not None:
        of["build context"] = definition.build.path
        of["dockerfile_path"] = definition.build.dockerfile_path or "not given"
        if ambiguous_names(definition.build.directory, formula):
            certainty, of["caution"] = (
                Certainty.BEST_KNOWN,
                "names that differ in case only: the file system orders them",
            )
    else:
        of["image"] = definition.image or ""
        of["conda"] = "yes" if definition.conda else "no"
        if definition.inference:
            of["inference_config"] = "yes"
    return [Identity(kind=kind, algorithm=formula.algorithm, value=value, certainty=certainty, of=of)]


def _conda_environment(
    definition: EnvironmentDefinition,
    options: IdentityOptions,  # noqa: ARG001
) -> list[Identity | NotComputed]:
    kind = IdentityKind.CONDA_ENVIRONMENT
    if not definition.conda or definition.build is not None or definition.user_managed:
        what = "the Dockerfile decides" if definition.build else "no conda environment is made"
        return [NotComputed(kind=kind, reason=what)]
    if reason := _secret_reason(definition):
        return [NotComputed(kind=kind, reason=reason)]
    return [
        Identity(
            kind=kind,
            algorithm="sha256, first 32 hex digits",
            value=conda_environment_name(definition.conda),
            certainty=Certainty.BEST_KNOWN,
            of={"conda": "keys sorted, `name` emptied"},
        )
    ]


def _image_repository(
    definition: EnvironmentDefinition, options: IdentityOptions
) -> list[Identity | NotComputed]:
    kind = IdentityKind.IMAGE_REPOSITORY
    reason = _no_repository(definition, options.template) or _secret_reason(definition)
    template, image, conda = options.template, definition.image, definition.conda
    if reason or template is None or image is None or conda is None:
        return [NotComputed(kind=kind, reason=reason or "")]
    name = conda_environment_name(conda)
    return [
        Identity(
            kind=kind,
            algorithm="sha256, first 32 hex digits",
            value=image_repository(template.render(base, name)),
            certainty=Certainty.BEST_KNOWN,
            of={"workspace": template.workspace, "base": base, "base form": form, "conda": name},
        )
        for form, base in base_forms(image, options.base_digest or template.digests.get(image))
    ]


def base_forms(image: str, digest: str | None) -> list[tuple[str, str]]:
    """Return the base reference as written, and in its other form: with the digest if known, or without."""
    repository, tag, own = split_reference(image)
    forms = [("as written", image)]
    if own is not None and tag is not None:
        forms.append(("without digest", f"{repository}:{tag}"))
    elif own is None and digest is not None:
        forms.append(("with digest", f"{image}@{digest}"))
    return forms


def _no_repository(definition: EnvironmentDefinition, template: Template | None) -> str | None:
    if definition.build is not None or definition.base_dockerfile is not None:
        return "the formula is known for environments of an image and a conda definition only"
    if definition.user_managed or not definition.conda:
        return "no image is built: the base image is used as it is"
    if definition.image is None:
        return "no base image is named; give `--image`"
    if template is None:
        return "no workspace is calibrated; see `lock hash --calibrate`"
    return None


def _v1_context(definition: EnvironmentDefinition, options: IdentityOptions) -> list[Identity | NotComputed]:  # noqa: ARG001
    kind = IdentityKind.V1_BUILD_CONTEXT
    if definition.build is None or definition.build.directory is None:
        return [NotComputed(kind=kind, reason="no local build context")]
    if reason := _secret_reason(definition):
        return [NotComputed(kind=kind, reason=reason)]
    value, ordered = v1_context_hash(definition.build.directory)
    of = {"build context": definition.build.path, "counts": "file contents only"}
    if ordered:
        of["caution"] = "several files: the order is that of this file system"
    return [
        Identity(
            kind=kind,
            algorithm="sha256, first 32 hex digits",
            value=f"DockerBuildContext/{value}",
            certainty=Certainty.EXACT,
            of=of,
        )
    ]


def _content(definition: EnvironmentDefinition, options: IdentityOptions) -> list[Identity | NotComputed]:
    kind, algorithm = IdentityKind.CONTENT, "sha256 of canonical JSON"
    if options.resolution is not None:
        content = locked_content(options.resolution, definition.image)
        of = {"form": content["form"], "platform": content["platform"], "packages": "locked"}
        certainty = Certainty.EXACT
    elif definition.build is not None:
        return [NotComputed(kind=kind, reason="a build context holds no list of packages; lock it")]
    else:
        content = asked_content(definition)
        of = {"form": content["form"], "packages": "as asked for, not locked"}
        certainty = Certainty.BEST_KNOWN
    of["base"] = content["base"] or "none"
    return [Identity(kind=kind, algorithm=algorithm, value=digest_of(content), certainty=certainty, of=of)]
