"""What to say where no input file is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from resolver.errors import InputError


def check_files(files: Sequence[str], run: str) -> None:
    """Raise InputError where no input file is named, with the one that was probably meant.

    ``run``: how a run that names one begins, for the hint.
    """
    if files:
        return
    from lockfiles.default_inputs import USUAL

    near = next((name for name in USUAL if Path(name).is_file()), None)
    raise InputError(
        "no input file",
        None,
        f"run `{run} {near}`" if near else f"name an environment file: `{run} environment.yml`",
    )
