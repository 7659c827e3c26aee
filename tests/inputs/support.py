"""Input files held in memory."""

from __future__ import annotations

from collections.abc import Mapping

from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements


def parse(
    text: str | bytes,
    name: str = "environment.yml",
    files: Mapping[str, str | bytes] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Requirements:
    """Return what one file asks for; ``files`` are those it may include."""
    contents = {name: text, **(files or {})}

    def read(path: str) -> str | bytes:
        if path not in contents:
            raise FileNotFoundError(2, "No such file or directory", path)
        return contents[path]

    return parse_inputs([name], read, environ=environ)
