"""Libraries that many packages link, taken from another channel than their users."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from resolver.checks import facts
from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, Proposal, rule
from resolver.checks.rules.channels import GCC_RUNTIME, family, is_compiled, is_newer_runtime
from resolver.checks.stack import channel_name
from resolver.model.findings import Severity
from resolver.model.resolution import CondaPin

_IMAGING = ("jpeg", "libjpeg-turbo", "libtiff", "libpng", "libwebp", "libwebp-base", "openjpeg")


def _users_of_other_family(
    context: CheckContext, names: tuple[str, ...]
) -> Iterator[tuple[CondaPin, list[CondaPin]]]:
    """Yield each library with its compiled users of another family (1 or more)."""
    for name in names:
        library = context.conda.get(name)
        if library is None or family(library) in ("addon", "unknown"):
            continue
        users = [
            pin
            for pin in context.resolution.conda
            if name in context.edges.get(pin.record.name, ())
            and is_compiled(pin)
            and family(pin) not in (family(library), "addon", "unknown")
        ]
        if users:
            yield library, users


def _found(context: CheckContext, names: tuple[str, ...], key: str) -> Iterator[Found]:
    for library, users in _users_of_other_family(context, names):
        wanted = channel_name(users[0])
        yield Found(
            message=f"{library.record.name} {library.record.version} comes from {library.channel.name}, "
            f"{len(users)} of its users from {users[0].channel.name}",
            evidence=(library, *users[:3]),
            fact=facts.statement(key),
            proposals=(
                Proposal(
                    text=f"{library.record.name} from {wanted}", conda=(f"{wanted}::{library.record.name}",)
                ),
            ),
        )


@rule(
    "channel/gcc-runtime",
    Severity.ERROR,
    "libgcc, libstdcxx or libgfortran comes from another family than its users",
)
def gcc_runtime(context: CheckContext) -> Iterator[Found]:
    """Find the GCC runtime of one family under packages of another, or split between two channels.

    Packages need the runtime of their compiler or a newer one. defaults stayed
    at GCC 11 for years: a conda-forge package then ends in `GLIBCXX_3.4.x not found`.
    conda-forge's newer runtime under packages of defaults is a note: it serves them.
    """
    for found, (library, _) in zip(
        _found(context, GCC_RUNTIME, "channels-not-compatible"),
        _users_of_other_family(context, GCC_RUNTIME),
        strict=True,
    ):
        yield (
            msgspec.structs.replace(found, severity=Severity.NOTE, fact=facts.statement("gcc-runtime-newer"))
            if is_newer_runtime(library)
            else found
        )
    parts = [context.conda[name] for name in GCC_RUNTIME if name in context.conda]
    families = {family(pin) for pin in parts} - {"addon", "unknown"}
    if len(families) > 1 and not any(_users_of_other_family(context, GCC_RUNTIME)):
        yield Found(
            message=f"the GCC runtime is split between {' and '.join(sorted(families))}",
            evidence=tuple(parts),
            fact=facts.statement("channels-not-compatible"),
        )


@rule("channel/openssl", Severity.WARNING, "openssl comes from another family than its users")
def openssl(context: CheckContext) -> Iterator[Found]:
    """Find openssl of one family under curl, python or libssh2 of another.

    Its interface is stable within a major, its engines, certificate paths and patches are not.
    """
    yield from _found(context, ("openssl",), "channels-libraries")


@rule("channel/icu", Severity.ERROR, "icu comes from another family than its users")
def icu(context: CheckContext) -> Iterator[Found]:
    """Find icu of one family under libxml2, qt or boost of another.

    Its symbols carry the major, which the families choose apart.
    """
    yield from _found(context, ("icu",), "icu-version")


@rule("channel/protobuf", Severity.ERROR, "protobuf comes from another family than its users")
def protobuf(context: CheckContext) -> Iterator[Found]:
    """Find libprotobuf (or libabseil) of one family under packages of another.

    Each minor breaks the binary interface.
    """
    yield from _found(
        context,
        ("libprotobuf", "protobuf", "libabseil", "abseil-cpp", "grpc-cpp", "libgrpc"),
        "channels-libraries",
    )


@rule("channel/hdf5", Severity.ERROR, "hdf5 comes from another family than its users")
def hdf5(context: CheckContext) -> Iterator[Found]:
    """Find hdf5 (or libnetcdf) of one family under h5py, netcdf4 or pytables of another.

    hdf5 compares its version with the headers' and aborts: by the minor, older ones by the last number too.
    """
    yield from _found(context, ("hdf5",), "hdf5-version")
    yield from _found(context, ("libnetcdf",), "channels-libraries")


@rule("channel/imaging", Severity.ERROR, "libtiff, jpeg or png comes from another family than its users")
def imaging(context: CheckContext) -> Iterator[Found]:
    """Find image libraries split between families.

    The channel defaults builds with libjpeg 9, conda-forge with libjpeg-turbo.
    """
    yield from _found(context, _IMAGING, "imaging-mix")


@rule(
    "channel/python",
    Severity.WARNING,
    "python comes from another family than the compiled packages beside it",
)
def python(context: CheckContext) -> Iterator[Found]:
    """Find the interpreter of one family under extension modules of another.

    Extension modules load what the interpreter has loaded before (openssl, zlib,
    expat, sqlite), so its family decides more than it seems.
    """
    yield from _found(context, ("python",), "channels-libraries")
