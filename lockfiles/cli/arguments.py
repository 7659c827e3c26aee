"""Arguments that several verbs share."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from lockfiles.cli.parser import UniqueAction
    from lockfiles.machine import MachineRequest
    from lockfiles.settings.definition import Definition

    Unique = UniqueAction
else:

    def Unique(**settings: Any) -> argparse.Action:  # noqa: N802 - what argparse takes for a class of actions
        """Return the action that collects values into a tuple; argparse is loaded where it is used."""
        from lockfiles.cli.parser import UniqueAction

        return UniqueAction(**settings)


def add_group_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which extras and groups of project files come in."""
    for kind, plural in (("extra", "extras"), ("group", "groups")):
        what = "an extra (optional dependencies)" if kind == "extra" else "a group of dependencies"
        parser.add_argument(
            f"--{kind}",
            metavar="NAME",
            action=Unique,
            dest=plural,
            default=(),
            help=f"take {what} of a project file in; may be repeated",
        )
        parser.add_argument(f"--all-{plural}", action="store_true", help=f"take all {plural} in")


def add_environment_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which environments of a pixi manifest are meant."""
    parser.add_argument(
        "--environment", metavar="NAME", action=Unique, dest="environments", default=(),
        help="an environment of a pixi manifest; several go into one pixi.lock; may be repeated",
    )  # fmt: skip
    parser.add_argument("--all-environments", action="store_true", help="all environments of the manifest")


def add_output_arguments(parser: argparse.ArgumentParser, *, json_help: str, verb: str = "") -> None:
    """Add ``-q``, ``-v`` and ``--json``; for a verb that solves, settings of what is seen meanwhile."""
    group = parser.add_argument_group("messages")
    group.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    group.add_argument(
        "-v", "--verbose", action="count", default=0,
        help="print stages and their times; -vv: every request and conflict too",
    )  # fmt: skip
    group.add_argument("--json", action="store_true", help=json_help)
    if verb:
        _add_group(group, "messages", verb)


def add_source_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the settings of a verb that solves: where packages come from, the target, the network."""
    for name in ("sources", "target", "network"):
        _add_group(parser.add_argument_group(name), name, verb)


def add_network_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Add the settings of a verb that fetches and doesn't solve."""
    group = parser.add_argument_group("network")
    for name in ("sources", "network"):
        _add_group(group, name, verb)


def add_installer_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verbs that install share."""
    parser.add_argument(
        "--installer", choices=("uv", "pip", "wheels"),
        help="who puts in the pip part (uv where it is there, else the environment's own pip, "
        "else `wheels`: PyPA's installer)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what would come and go; change nothing")


def add_setting(where: argparse._ActionsContainer, name: str) -> None:
    """Add the flag of one setting, for the verb that has it."""
    from lockfiles.settings.table import BY_NAME

    _add_flag(where, BY_NAME[name])


def _add_group(where: argparse._ActionsContainer, group: str, verb: str) -> None:
    from lockfiles.settings.table import DEFINITIONS

    rows = [row for row in DEFINITIONS if row.flag and row.flag.group == group and verb in row.flag.verbs]
    for row in sorted(rows, key=lambda row: row.flag.is_late if row.flag else False):
        _add_flag(where, row)


def _add_flag(where: argparse._ActionsContainer, row: Definition) -> None:
    from lockfiles.settings.definition import Form

    flag, kind = row.flag, row.kind
    if flag is None:
        raise AssertionError(f"`{row.name}` has no flag")
    names = [flag.short, flag.name] if flag.short else [flag.name]
    if kind.form is Form.SWITCH:
        where.add_argument(*names, dest=row.name, action="store_true", default=None, help=flag.help)
    elif kind.form is Form.MANY:
        where.add_argument(
            *names, dest=row.name, action=Unique, default=(), metavar=flag.metavar, help=flag.help
        )
    else:
        choices = kind.choices or None
        where.add_argument(*names, dest=row.name, choices=choices, metavar=flag.metavar, help=flag.help)


def add_machine_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags: image, VM size, GPU, driver, CUDA, nvidia-smi, glibc, library path."""
    group = parser.add_argument_group("machine")
    group.add_argument(
        "--image", metavar="REF|FILE", help="base image, or the Dockerfile or Azure ML YAML that names it"
    )
    group.add_argument("--vm-size", metavar="SIZE", help="Azure VM size, such as Standard_NC24ads_A100_v4")
    group.add_argument(
        "--gpu", metavar="MODEL", help="GPU model or compute capability (A100, 8.0); `none`: no GPU"
    )
    group.add_argument("--driver", metavar="VERSION", help="NVIDIA driver, such as 535.161")
    group.add_argument(
        "--cuda", metavar="VERSION", help="newest CUDA the driver knows (as nvidia-smi prints it)"
    )
    group.add_argument(
        "--nvidia-smi", metavar="FILE", help="what nvidia-smi printed there: GPU, driver and CUDA"
    )
    group.add_argument("--glibc", metavar="VERSION", help="glibc of the machine or image")
    group.add_argument("--library-path", metavar="PATHS", help="LD_LIBRARY_PATH of the job")


def given_settings(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the settings that flags give: name -> raw value."""
    from lockfiles.settings.table import BY_NAME

    return {name: value for name, value in vars(arguments).items() if name in BY_NAME and value is not None}


def machine_request(arguments: argparse.Namespace) -> MachineRequest:
    """Return what the flags of :func:`add_machine_arguments` say."""
    from lockfiles.machine import MachineRequest

    return MachineRequest(
        **{name: getattr(arguments, name) or None for name in MachineRequest.__struct_fields__}
    )


def installer_fields(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of the requests that install, of :func:`add_installer_arguments` and ``--prefix``."""
    import shlex

    from lockfiles.environments.projects import Route

    words = ["lock", *(word for word in sys.argv[1:] if "://" not in word)]  # an address may hold a secret
    return {
        "prefix": arguments.prefix,
        "route": Route(arguments.installer) if arguments.installer else None,
        "dry_run": arguments.dry_run,
        "command": shlex.join(words),
    }


def session_fields(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the fields that every request which opens a session has (:class:`SessionRequest`)."""
    from msgspec.structs import replace

    from lockfiles.machine import MachineRequest
    from lockfiles.surroundings import surroundings_here

    return {
        "files": tuple(arguments.files),
        "extras": tuple(getattr(arguments, "extras", ())),
        "groups": tuple(getattr(arguments, "groups", ())),
        "all_extras": getattr(arguments, "all_extras", False),
        "all_groups": getattr(arguments, "all_groups", False),
        "environments": tuple(getattr(arguments, "environments", ())),
        "all_environments": getattr(arguments, "all_environments", False),
        "settings": given_settings(arguments),
        "machine": machine_request(arguments) if hasattr(arguments, "vm_size") else MachineRequest(),
        "surroundings": replace(surroundings_here(), processors=processors()),
    }


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
